//! Between the window and the engine: calls one way, events the other, both passed on as they are.
//!
//! An engine that could not start still has a window: every call of it is answered with the reason.

use crate::notice;
use crate::window;
use engine::{Engine, Event, Work};
use model::CallError;
use serde::Serialize;
use serde_json::Value;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use tauri::{AppHandle, Emitter, Manager, State};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// What the shell holds while it runs.
pub struct Desk {
    engine: Result<Engine, CallError>,
    links: Mutex<Links>,
}

/// mailto: links on their way to the window.
#[derive(Debug)]
enum Links {
    /// The window does not listen yet; they wait for it to ask.
    Waiting(Vec<String>),
    /// The window hears them as events.
    Heard,
}

/// The payload of the events `link` and `mailto`.
#[derive(Clone, Debug, Serialize)]
struct Link {
    url: String,
}

impl Desk {
    /// Starts the engine on this home. `mailto` is what the program was started with.
    pub fn open(home: &Path, mailto: Option<String>) -> Self {
        let options = engine::Options { home: home.to_owned(), work: Work::Everything };
        let engine = tauri::async_runtime::block_on(Engine::start(options));
        if let Err(error) = &engine {
            tracing::error!(home = %home.display(), "the engine did not start: {error} {}", error.hint);
        }
        Self { engine, links: Mutex::new(Links::Waiting(mailto.into_iter().collect())) }
    }

    /// The engine, or why there is none.
    pub fn engine(&self) -> Result<&Engine, CallError> {
        self.engine.as_ref().map_err(Clone::clone)
    }

    /// Passes the engine's events on for as long as there are any.
    pub fn forward_events(&self, app: &AppHandle) {
        if let Ok(engine) = &self.engine {
            tauri::async_runtime::spawn(forward(engine.events(), app.clone()));
        }
    }

    /// The links that came so far; from now on the window hears them.
    fn take_links(&self) -> Vec<String> {
        match std::mem::replace(&mut *self.links.lock().unwrap_or_else(PoisonError::into_inner), Links::Heard) {
            Links::Waiting(urls) => urls,
            Links::Heard => Vec::new(),
        }
    }

    /// Keeps the link if nobody listens yet; gives it back otherwise.
    fn keep_link(&self, url: String) -> Option<String> {
        match &mut *self.links.lock().unwrap_or_else(PoisonError::into_inner) {
            Links::Waiting(urls) => {
                urls.push(url);
                None
            }
            Links::Heard => Some(url),
        }
    }
}

async fn forward(mut events: Receiver<Event>, app: AppHandle) {
    loop {
        match events.recv().await {
            Ok(event) => {
                notice::consider(&app, &event);
                emit(&app, "engine", event);
            }
            // The window holds no truth of its own, so what it missed is made good by asking for everything again.
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "the window fell behind and is told to look again");
                emit(&app, "stale", ());
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// Carries out a call of the engine's list.
#[tauri::command]
pub async fn call(desk: State<'_, Desk>, name: String, args: Value) -> Result<Value, CallError> {
    desk.engine()?.call(&name, args).await
}

/// The mailto: links that came before the window listened for them.
#[tauri::command]
pub fn waiting(desk: State<'_, Desk>) -> Vec<String> {
    desk.take_links()
}

/// Opens the composer on a mailto: link; on `mailto:` alone, an empty one.
pub fn compose(app: &AppHandle, url: String) {
    window::show(app);
    if let Some(url) = app.state::<Desk>().keep_link(url) {
        emit(app, "mailto", Link { url });
    }
}

/// Tells the window that somebody clicked a link in a letter.
pub fn follow(app: &AppHandle, url: String) {
    emit(app, "link", Link { url });
}

/// Sends an event to the window. A window that is going away does not hear it, which is no fault.
pub fn emit(app: &AppHandle, name: &str, payload: impl Serialize + Clone) {
    if let Err(error) = app.emit_to(window::LABEL, name, payload) {
        tracing::debug!(name, "an event was not heard: {error}");
    }
}
