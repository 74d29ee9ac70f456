//! Letters on paper, and as PDF.
//!
//! A letter is laid out in a window of its own that nobody sees: nothing of the program's pages is in it, no call of the
//! engine can be made from it, and it goes nowhere but to the one document. What the system prints, or writes as a PDF,
//! is that document.

use crate::bridge::Desk;
use crate::{letter, platform};
use model::{CallError, LetterId};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::{AppHandle, State, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// Where a letter goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paper {
    /// To a printer: the system asks which.
    Printer,
    /// Into a file.
    Pdf(PathBuf),
}

/// Prints a letter, or writes it as a PDF where a path is given.
#[tauri::command]
pub async fn print_letter(
    app: AppHandle,
    desk: State<'_, Desk>,
    letter: i64,
    path: Option<PathBuf>,
) -> Result<(), CallError> {
    let title = desk.engine().await?.print_title(LetterId(letter)).await?;
    let paper = path.map_or(Paper::Printer, Paper::Pdf);
    let (done, finished) = tokio::sync::oneshot::channel();
    open(&app, letter, &title, paper, done).map_err(|error| failed(&error.to_string()))?;
    finished.await.map_err(|_| failed("the page could not be laid out"))?.map_err(|why| failed(&why))
}

fn failed(why: &str) -> CallError {
    CallError::new("printing", format!("the letter could not be printed: {why}"), "Try again, or save it as a file.")
}

/// Told when a print has ended, with what went wrong.
pub type Done = tokio::sync::oneshot::Sender<Result<(), String>>;

fn open(app: &AppHandle, letter: i64, title: &str, paper: Paper, done: Done) -> tauri::Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let label = format!("paper-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let address = address(letter)?;
    let only = address.clone();
    let todo = std::sync::Mutex::new(Some((paper, done)));
    WebviewWindowBuilder::new(app, label, WebviewUrl::CustomProtocol(address))
        .title(title)
        .inner_size(794.0, 1123.0)
        .visible(false)
        .focused(false)
        .on_navigation(move |url| *url == only)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_page_load(move |window, loaded| {
            if loaded.event() != PageLoadEvent::Finished {
                return;
            }
            let todo = todo.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
            if let Some((paper, done)) = todo {
                put(&window, paper, done);
            }
        })
        .build()?;
    Ok(())
}

fn put(window: &WebviewWindow, paper: Paper, done: Done) {
    let closing = window.clone();
    let close = move || {
        if let Err(error) = closing.destroy() {
            tracing::warn!("the window of a printed letter did not close: {error}");
        }
    };
    platform::print(window, paper, done, close);
}

fn address(number: i64) -> tauri::Result<Url> {
    let origin = if cfg!(windows) {
        format!("http://{}/", letter::WINDOWS_HOST)
    } else {
        format!("{}://localhost/", letter::SCHEME)
    };
    Url::parse(&format!("{origin}{number}/print")).map_err(|error| tauri::Error::InvalidWebviewUrl(error_text(error)))
}

fn error_text(_: impl std::fmt::Display) -> &'static str {
    "the address of a letter on paper"
}
