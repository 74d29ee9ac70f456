//! The one window: opening it, bringing it forward, hiding it. What closing it leads to is decided in `leave`.

use crate::{guard, leave};
use std::path::Path;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindowBuilder, Window, WindowEvent};
use tauri_plugin_window_state::StateFlags;

/// The window's label.
pub const LABEL: &str = "main";

/// How the window is at the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Where it was last.
    Shown,
    /// Not to be seen until it is asked for.
    Hidden,
}

/// What is remembered of the window: not that it was hidden, or the next start would show nothing.
pub fn remembered() -> StateFlags {
    StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN
}

/// Opens the window. What the web view keeps is kept below the home.
pub fn open(app: &AppHandle, home: &Path, look: Look) -> tauri::Result<()> {
    let (for_navigation, for_windows) = (app.clone(), app.clone());
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Postrider")
        .inner_size(1240.0, 800.0)
        .min_inner_size(420.0, 400.0)
        .visible(look == Look::Shown)
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

/// Takes the window out of sight; the program goes on.
pub fn hide(app: &AppHandle) {
    if let Some(Err(error)) = app.get_webview_window(LABEL).map(|window| window.hide()) {
        tracing::warn!("the window did not hide: {error}");
    }
}

/// Whether the window is in sight, or was minimised.
pub fn is_shown(app: &AppHandle) -> bool {
    app.get_webview_window(LABEL).is_some_and(|window| window.is_visible().unwrap_or(false))
}

/// Whether the user looks at the window.
pub fn has_focus(app: &AppHandle) -> bool {
    app.get_webview_window(LABEL).is_some_and(|window| window.is_focused().unwrap_or(false))
}

/// The window does not go by itself when it is to close.
pub fn on_event(window: &Window, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api, .. } = event else { return };
    if window.label() == LABEL {
        api.prevent_close();
        leave::close_wished(window.app_handle());
    }
}
