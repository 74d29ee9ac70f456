//! macOS and Windows: there is always a tray, and the system brings the program forward when a notification is clicked.

use crate::leave::WayBack;
use crate::notice::Notice;
use crate::options::Options;
use crate::paper::{Done, Paper};
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, WebviewWindow, Wry};

/// Nothing is needed here.
pub fn prepare() {}

/// A second start is handed to the first.
pub fn single_instance(
    _options: &Options,
    second_start: impl FnMut(&AppHandle, Vec<String>, String) + Send + Sync + 'static,
) -> TauriPlugin<Wry> {
    tauri_plugin_single_instance::Builder::new().callback(second_start).build()
}

/// There is one.
pub fn has_tray() -> bool {
    true
}

/// It is there from the beginning.
pub async fn tray_comes() -> bool {
    true
}

/// A second start brings the window of the first one back.
pub async fn way_back() -> WayBack {
    WayBack::StartAgain
}

/// Shows a notification.
pub fn notify(_app: &AppHandle, notice: Notice) {
    let shown = notify_rust::Notification::new().summary(&notice.title).body(&notice.body).show();
    if let Err(error) = shown {
        tracing::warn!("the notification “{}” was not shown: {error}", notice.title);
    }
}

/// Opens the system's dialog, which writes PDFs as well. When it is done nobody says: the window stays, unseen, until the
/// program ends.
pub fn print(window: &WebviewWindow, paper: Paper, done: Done, close: impl FnOnce() + Send + 'static) {
    if paper != Paper::Printer {
        let _ = done.send(Err("print it, and choose PDF in the system's dialog".to_owned()));
        return close();
    }
    let _ = done.send(window.print().map_err(|error| error.to_string()));
}
