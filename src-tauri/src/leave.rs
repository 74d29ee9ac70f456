//! Leaving: the engine is asked to stop and given a moment, then the program ends.
//!
//! The moment is a courtesy to the servers being talked to. Nothing depends on it: a program that is killed loses
//! nothing.

use crate::bridge::Desk;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tauri::{AppHandle, Manager, RunEvent};

/// How long the engine may take to stop.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether stopping has begun, and whether it is over.
static STOPPING: AtomicBool = AtomicBool::new(false);
static STOPPED: AtomicBool = AtomicBool::new(false);

/// Holds the end back until the engine has stopped.
pub fn on_run_event(app: &AppHandle, event: RunEvent) {
    match event {
        RunEvent::ExitRequested { api, code, .. } if !STOPPED.load(Ordering::SeqCst) => {
            api.prevent_exit();
            if !STOPPING.swap(true, Ordering::SeqCst) {
                tauri::async_runtime::spawn(stop_then_exit(app.clone(), code.unwrap_or(0)));
            }
        }
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            for url in urls.iter().filter(|url| url.scheme() == "mailto") {
                crate::bridge::compose(app, url.to_string());
            }
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => crate::window::show(app),
        _ => (),
    }
}

async fn stop_then_exit(app: AppHandle, code: i32) {
    if let Some(engine) = app.state::<Desk>().running()
        && tokio::time::timeout(PATIENCE, engine.stop()).await.is_err()
    {
        tracing::warn!("the engine took too long to stop; what was under way is taken up at the next start");
    }
    STOPPED.store(true, Ordering::SeqCst);
    app.exit(code);
}

/// Ctrl-C in the terminal and the end of the session leave the same way as Quit.
pub fn on_signal(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        asked_to_end().await;
        app.exit(0);
    });
}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => (),
        Ok(()) = tokio::signal::ctrl_c() => (),
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
