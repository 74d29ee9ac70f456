//! The icon in the tray, where the desktop has one: Open, Compose, Quit.

use crate::{bridge, leave, platform, window};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use tauri::AppHandle;
use tauri::menu::{Menu, MenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};

/// Puts the icon into the tray; what the tray needs on disk goes below the home. False where there is no tray.
pub fn build(app: &AppHandle, home: &Path) -> bool {
    if !platform::has_tray() {
        return false;
    }
    // Where the indicator library is missing, the binding to it panics when it is first used.
    match catch_unwind(AssertUnwindSafe(|| place(app, home))) {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!("there is no tray icon: {error}");
            false
        }
        Err(_) => {
            tracing::warn!("there is no tray icon: the library for it is not installed (libayatana-appindicator3-1)");
            false
        }
    }
}

fn place(app: &AppHandle, home: &Path) -> tauri::Result<()> {
    let open = MenuItem::with_id(app, "open", "Open Postrider", true, None::<&str>)?;
    let compose = MenuItem::with_id(app, "compose", "Compose", true, None::<&str>)?;
    let quit = MenuItem::with_id(app, "quit", "Quit", true, None::<&str>)?;
    let menu = Menu::with_items(app, &[&open, &compose, &quit])?;
    let mut tray = TrayIconBuilder::with_id("postrider")
        .tooltip("Postrider")
        // Linux hands the icon over as a file.
        .temp_dir_path(home.join("tray"))
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| match event.id().as_ref() {
            "open" => window::show(app),
            "compose" => bridge::compose(app, "mailto:".to_owned()),
            "quit" => leave::quit_wished(app),
            _ => (),
        })
        .on_tray_icon_event(|tray, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event
            {
                window::show(tray.app_handle());
            }
        });
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.build(app)?;
    Ok(())
}
