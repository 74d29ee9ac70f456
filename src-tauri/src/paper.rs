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
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::{AppHandle, Manager, State, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// How long a page may take to be laid out.
const PATIENCE: Duration = Duration::from_secs(60);
/// What is said where it took longer, or did not come at all.
const NOT_LAID_OUT: &str = "the page could not be laid out";

/// Where a letter goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paper {
    /// To a printer: the system asks which.
    Printer,
    /// Into a file.
    Pdf(PathBuf),
}

/// Prints a letter, or writes it as a PDF where a path is given; `remote`: with its images from elsewhere.
#[tauri::command]
pub async fn print_letter(
    app: AppHandle,
    desk: State<'_, Desk>,
    letter: i64,
    remote: bool,
    path: Option<PathBuf>,
) -> Result<(), CallError> {
    let title = desk.engine().await?.print_title(LetterId(letter)).await?;
    let paper = path.map_or(Paper::Printer, Paper::Pdf);
    let (done, finished) = tokio::sync::oneshot::channel();
    let address = address(letter, remote).map_err(|error| failed(&error.to_string()))?;
    let window = open(&app, address, &title, paper, done).map_err(|error| failed(&error.to_string()))?;
    let printed = finished.await.unwrap_or_else(|_| Err(NOT_LAID_OUT.to_owned()));
    if printed.is_err() {
        close(&window);
    }
    printed.map_err(|why| failed(&why))
}

fn failed(why: &str) -> CallError {
    CallError::new("printing", format!("the letter could not be printed: {why}"), "Try again, or save it as a file.")
}

/// Told when a print has ended, with what went wrong.
pub type Done = tokio::sync::oneshot::Sender<Result<(), String>>;

/// What is printed, until it is on its way.
type Todo = Arc<Mutex<Option<(Paper, Done)>>>;

fn taken(todo: &Todo) -> Option<(Paper, Done)> {
    todo.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn open(app: &AppHandle, address: Url, title: &str, paper: Paper, done: Done) -> tauri::Result<WebviewWindow> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let label = format!("paper-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let only = address.clone();
    let todo: Todo = Arc::new(Mutex::new(Some((paper, done))));
    give_up_later(todo.clone());
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
            if let Some((paper, done)) = taken(&todo) {
                put(&window, paper, done);
            }
        })
        .build()
}

/// A page that does not come is not waited for.
fn give_up_later(todo: Todo) {
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(PATIENCE).await;
        if let Some((_, done)) = taken(&todo) {
            let _ = done.send(Err(NOT_LAID_OUT.to_owned()));
        }
    });
}

fn put(window: &WebviewWindow, paper: Paper, done: Done) {
    let closing = window.clone();
    platform::print(window, paper, done, move || close(&closing));
}

/// Closes the window, once: whoever comes second finds it gone.
fn close(window: &WebviewWindow) {
    let is_there = window.app_handle().get_webview_window(window.label()).is_some();
    if let (true, Err(error)) = (is_there, window.destroy()) {
        tracing::warn!("the window of a printed letter did not close: {error}");
    }
}

fn address(number: i64, remote: bool) -> tauri::Result<Url> {
    let origin = if cfg!(windows) {
        format!("http://{}/", letter::WINDOWS_HOST)
    } else {
        format!("{}://localhost/", letter::SCHEME)
    };
    let query = if remote { "?remote=1" } else { "" };
    Url::parse(&format!("{origin}{number}/print{query}"))
        .map_err(|error| tauri::Error::InvalidWebviewUrl(error_text(error)))
}

fn error_text(_: impl std::fmt::Display) -> &'static str {
    "the address of a letter on paper"
}
