//! Between the window and the engine: calls one way, events the other, both passed on as they are.
//!
//! An engine that could not start still has a window: every call of it tries again, and is answered with the reason.

use crate::notice;
use crate::window;
use engine::{AttachmentRef, Engine, Event, Work};
use model::CallError;
use serde::Serialize;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tauri::ipc::Response;
use tauri::{AppHandle, Emitter, Manager, State};
use tauri_plugin_opener::OpenerExt;
use tokio::sync::OnceCell;
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// What the shell holds while it runs.
pub struct Desk {
    app: AppHandle,
    home: PathBuf,
    engine: OnceCell<Engine>,
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
    /// A desk for this home. `mailto` is what the program was started with.
    pub fn new(app: AppHandle, home: &Path, mailto: Option<String>) -> Self {
        let links = Mutex::new(Links::Waiting(mailto.into_iter().collect()));
        Self { app, home: home.to_owned(), engine: OnceCell::new(), links }
    }

    /// The engine, started if it does not run yet; or why it does not start.
    pub async fn engine(&self) -> Result<&Engine, CallError> {
        self.engine.get_or_try_init(|| self.start()).await
    }

    /// The engine if it runs.
    pub fn running(&self) -> Option<&Engine> {
        self.engine.get()
    }

    async fn start(&self) -> Result<Engine, CallError> {
        let options = engine::Options { home: self.home.clone(), work: Work::Everything };
        let engine = Engine::start(options).await.inspect_err(|error| {
            tracing::error!(home = %self.home.display(), "the engine did not start: {error} {}", error.hint);
        })?;
        tauri::async_runtime::spawn(forward(engine.events(), self.app.clone()));
        Ok(engine)
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

/// Passes the engine's events on for as long as there are any.
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
    desk.engine().await?.call(&name, args).await
}

/// The octets of an attachment that the window draws itself.
#[tauri::command]
pub async fn attachment_octets(desk: State<'_, Desk>, file: AttachmentRef) -> Result<Response, CallError> {
    Ok(Response::new(desk.engine().await?.attachment_octets(file).await?))
}

/// Opens a copy of an attachment with the system's program for it. The page never says which file is opened, only which
/// attachment; the engine refuses what could run.
#[tauri::command]
pub async fn attachment_open(app: AppHandle, desk: State<'_, Desk>, file: AttachmentRef) -> Result<(), CallError> {
    let path = desk.engine().await?.attachment_to_open(file).await?;
    app.opener().open_path(path.to_string_lossy(), None::<&str>).map_err(|error| {
        let message = format!("no program opened it: {error}");
        CallError::new("unavailable", message, "Save the file and open it from there.")
    })
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
