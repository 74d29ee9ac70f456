//! The one window: opening it, bringing it forward, closing it.
//!
//! With a tray, closing hides it and the queue goes on; without one, closing is leaving, since nobody could find a
//! hidden window again.

use crate::guard;
use std::path::Path;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindowBuilder, Window, WindowEvent};
use tauri_plugin_window_state::StateFlags;

/// The window's label.
pub const LABEL: &str = "main";

/// What closing the window does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// It goes to the tray.
    Hides,
    /// The program ends.
    Quits,
}

impl Closing {
    /// What closing does where there is a tray, or is none.
    pub fn with_tray(has_tray: bool) -> Self {
        if has_tray { Self::Hides } else { Self::Quits }
    }
}

/// What is remembered of the window: not that it was hidden, or the next start would show nothing.
pub fn remembered() -> StateFlags {
    StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN
}

/// Opens the window. What the web view keeps is kept below the home.
pub fn open(app: &AppHandle, home: &Path) -> tauri::Result<()> {
    let (for_navigation, for_windows) = (app.clone(), app.clone());
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Postrider")
        .inner_size(1240.0, 800.0)
        .min_inner_size(420.0, 400.0)
        .data_directory(home.join("webview"))
        .on_navigation(move |url| guard::may_navigate(&for_navigation, url))
        .on_new_window(move |url, _| {
            guard::refuse_window(&for_windows, &url);
            NewWindowResponse::Deny
        })
        .build()?;
    Ok(())
}

/// Brings the window forward.
pub fn show(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let shown = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!("the window did not come forward: {error}");
    }
}

/// Whether the user looks at the window.
pub fn has_focus(app: &AppHandle) -> bool {
    app.get_webview_window(LABEL).is_some_and(|window| window.is_focused().unwrap_or(false))
}

/// Hides the window instead of closing it where there is a tray to bring it back.
pub fn on_event(window: &Window, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api, .. } = event else { return };
    if *window.state::<Closing>() == Closing::Hides {
        api.prevent_close();
        if let Err(error) = window.hide() {
            tracing::warn!("the window did not hide: {error}");
        }
    }
}
