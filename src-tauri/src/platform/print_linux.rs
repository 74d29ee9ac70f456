//! Printing by WebKitGTK's own operation, which writes a PDF as well.

use crate::paper::{Done, Paper};
use std::cell::RefCell;
use std::rc::Rc;
use tauri::WebviewWindow;
use webkit2gtk::{PrintOperation, PrintOperationExt, PrintOperationResponse};

/// The printer of GTK that writes files; its name is not translated.
const FILE_PRINTER: &str = "Print to File";

/// Prints what the window shows; `close` comes when it is done or was left.
pub fn print(window: &WebviewWindow, paper: Paper, done: Done, close: impl FnOnce() + Send + 'static) {
    let asked = window.with_webview(move |webview| {
        let operation = PrintOperation::new(&webview.inner());
        let ending: Rc<RefCell<Option<(Done, _)>>> = Rc::new(RefCell::new(Some((done, close))));
        let end = move |result: Result<(), String>| {
            if let Some((done, close)) = ending.borrow_mut().take() {
                let _ = done.send(result);
                close();
            }
        };
        let failed = end.clone();
        operation.connect_failed(move |_, error| failed(Err(error.to_string())));
        let finished = end.clone();
        operation.connect_finished(move |_| finished(Ok(())));
        match paper {
            Paper::Pdf(path) => {
                operation.set_print_settings(&to_file(&path));
                operation.print();
            }
            Paper::Printer => {
                if operation.run_dialog(None::<&gtk::Window>) == PrintOperationResponse::Cancel {
                    end(Ok(()));
                }
            }
        }
        // It lives until it has ended: its signals hold it no longer than that.
        std::mem::forget(operation);
    });
    if let Err(error) = asked {
        tracing::warn!("a letter could not be printed: {error}");
    }
}

fn to_file(path: &std::path::Path) -> gtk::PrintSettings {
    let settings = gtk::PrintSettings::new();
    settings.set_printer(FILE_PRINTER);
    settings.set("output-file-format", Some("pdf"));
    let address = gtk::glib::filename_to_uri(path, None).map(|address| address.to_string()).unwrap_or_default();
    settings.set("output-uri", Some(&address));
    settings
}
