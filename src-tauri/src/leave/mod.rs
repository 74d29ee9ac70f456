//! Leaving: with letters waiting the user is asked what becomes of them; then the engine is asked to stop and given a
//! moment, and the program ends.
//!
//! The question is a courtesy, and so is the moment: nothing depends on either, and a program that is killed loses
//! nothing. So neither may keep anybody from leaving. A page that does not show the question within two seconds is not
//! asked; the end of the session and a shutdown ask nothing at all.

mod choice;

pub use choice::WayBack;

use crate::bridge::{self, Desk};
use crate::{platform, window};
use choice::{Choice, Step, Waiting, Wish, step};
use engine::view::{HandedOver, Leaving, Nothing};
use engine::{Engine, Event, SettingArgs};
use model::CallError;
use serde::Serialize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tauri::{AppHandle, Manager, RunEvent, State};
use tokio::sync::{Notify, broadcast};
use tokio::time::timeout;

/// How long the engine may take to stop.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it may take to say what waits: a letter on the wire has some seconds of it.
const TO_SAY: Duration = Duration::from_secs(6);
/// How long the page may take to save what is being written, and to show the question.
const TO_SHOW: Duration = Duration::from_secs(2);
/// How often to look whether everything is out, where no event says so.
const LOOK: Duration = Duration::from_secs(60);

/// Whether stopping has begun, and whether it is over.
static STOPPING: AtomicBool = AtomicBool::new(false);
static STOPPED: AtomicBool = AtomicBool::new(false);

/// How far leaving has come.
#[derive(Debug, Default)]
pub struct Leave {
    stage: Mutex<Stage>,
    has_tray: AtomicBool,
    shown: Notify,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Nobody wants to.
    #[default]
    Staying,
    /// It is found out what waits.
    Looking,
    /// The page shows the question.
    Asked,
    /// The smart hosts are taking what they take.
    HandingOver,
}

/// The payload of the event `leaving`.
#[derive(Clone, Debug, Serialize)]
struct Question {
    waiting: Leaving,
    choices: Vec<Choice>,
    back: WayBack,
    /// The user chose before: it is handed over without being asked.
    hand_over: bool,
}

impl Leave {
    /// There is an icon in the tray.
    pub fn has_tray(&self) {
        self.has_tray.store(true, Ordering::SeqCst);
    }

    async fn back(&self) -> WayBack {
        match self.has_tray.load(Ordering::SeqCst) {
            true => WayBack::Tray,
            false => platform::way_back().await,
        }
    }

    fn stage(&self) -> Stage {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, stage: Stage) -> Stage {
        std::mem::replace(&mut *self.stage.lock().unwrap_or_else(PoisonError::into_inner), stage)
    }
}

/// The window's own button was pressed.
pub fn close_wished(app: &AppHandle) {
    wished(app, Wish::Close);
}

/// Quit was chosen, wherever that is written.
pub fn quit_wished(app: &AppHandle) {
    wished(app, Wish::Quit);
}

/// Quit was chosen in the page.
#[tauri::command]
pub fn quit(app: AppHandle) {
    quit_wished(&app);
}

/// The page shows the question.
#[tauri::command]
pub fn leaving_shown(leave: State<'_, Leave>) {
    leave.shown.notify_one();
}

/// The question was left unanswered: nobody leaves.
#[tauri::command]
pub fn leaving_stopped(leave: State<'_, Leave>) {
    leave.set(Stage::Staying);
}

/// The question was answered. What came of handing over is told before the end, which the page then asks for.
#[tauri::command]
pub async fn leave(app: AppHandle, leave: State<'_, Leave>, choice: Choice) -> Result<Option<HandedOver>, CallError> {
    match choice {
        Choice::Stay => {
            leave.set(Stage::Staying);
            hide(&app);
            Ok(None)
        }
        Choice::Quit => {
            app.exit(0);
            Ok(None)
        }
        Choice::HandOver => {
            leave.set(Stage::HandingOver);
            let told = hand_over(&app).await;
            // Whoever could not wait for it has left.
            leave.set(Stage::Asked);
            told.map(Some)
        }
    }
}

async fn hand_over(app: &AppHandle) -> Result<HandedOver, CallError> {
    let desk = app.state::<Desk>();
    desk.engine().await?.calls().hand_over(Nothing {}).await
}

fn wished(app: &AppHandle, wish: Wish) {
    let leave = app.state::<Leave>();
    match leave.stage() {
        Stage::Looking => return,
        // Whoever does not want to wait for the smart hosts need not.
        Stage::HandingOver => return app.exit(0),
        Stage::Staying | Stage::Asked => leave.set(Stage::Looking),
    };
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let stage = follow(&app, wish).await;
        app.state::<Leave>().set(stage);
    });
}

/// Finds out what follows and begins it; says where that leads.
async fn follow(app: &AppHandle, wish: Wish) -> Stage {
    let leave = app.state::<Leave>();
    let is_there = save(app).await;
    let waiting = waiting(app).await.unwrap_or_default();
    let counted = Waiting { letters: waiting.total, can_be_handed_over: waiting.can_be_handed_over };
    let back = leave.back().await;
    let step = match goes_down(app) {
        true => Step::End,
        false => step(wish, counted, back, remembered(app).await),
    };
    match step {
        Step::Hide => hide(app),
        Step::End => app.exit(0),
        Step::HandOver | Step::Ask(_) if !is_there => without_the_page(app, wish, back),
        Step::HandOver => {
            return ask(app, Question { waiting, choices: Vec::new(), back, hand_over: true }, wish).await;
        }
        Step::Ask(choices) => return ask(app, Question { waiting, choices, back, hand_over: false }, wish).await,
    }
    Stage::Staying
}

/// Lets the page save what is being written. Whether it answers.
async fn save(app: &AppHandle) -> bool {
    shown(app, "before-leaving", ()).await
}

async fn ask(app: &AppHandle, question: Question, wish: Wish) -> Stage {
    window::show(app);
    let back = question.back;
    if shown(app, "leaving", question).await {
        return Stage::Asked;
    }
    without_the_page(app, wish, back);
    Stage::Staying
}

/// Sends the page something that it answers with [`leaving_shown`]. Whether it does.
async fn shown(app: &AppHandle, event: &str, payload: impl Serialize + Clone) -> bool {
    let leave = app.state::<Leave>();
    // An answer to an earlier one is none to this.
    let _ = timeout(Duration::ZERO, leave.shown.notified()).await;
    bridge::emit(app, event, payload);
    timeout(TO_SHOW, leave.shown.notified()).await.is_ok()
}

/// The page is not there to ask, and nobody is to be kept: closing goes to the tray, quitting quits.
fn without_the_page(app: &AppHandle, wish: Wish, back: WayBack) {
    tracing::warn!("the window does not answer, so nobody is asked about the letters that wait; they stay queued");
    match (wish, back) {
        (Wish::Close, WayBack::Tray) => hide(app),
        _ => app.exit(0),
    }
}

/// What waits; `None` where that cannot be found out in time.
async fn waiting(app: &AppHandle) -> Option<Leaving> {
    let desk = app.state::<Desk>();
    let said = timeout(TO_SAY, desk.running()?.calls().leaving(Nothing {})).await.ok()?;
    said.inspect_err(|error| tracing::warn!("what waits is not known: {error}")).ok()
}

async fn remembered(app: &AppHandle) -> Option<Choice> {
    let desk = app.state::<Desk>();
    let setting = SettingArgs { key: "window.on_closing".to_owned() };
    let value = desk.running()?.calls().setting_get(setting).await.ok()??;
    Choice::remembered(&value)
}

fn goes_down(app: &AppHandle) -> bool {
    app.state::<Desk>().running().is_some_and(Engine::computer_goes_down)
}

/// Hides the window. Without a tray the program ends when everything is out: nobody would know of it any more.
fn hide(app: &AppHandle) {
    window::hide(app);
    if app.state::<Leave>().has_tray.load(Ordering::SeqCst) {
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if everything_is_out(&app).await {
            app.exit(0);
        }
    });
}

/// Returns when nothing waits any more; `false` as soon as the window is there again.
async fn everything_is_out(app: &AppHandle) -> bool {
    let desk = app.state::<Desk>();
    let Some(engine) = desk.running() else { return true };
    let mut events = engine.events();
    loop {
        if window::is_shown(app) {
            return false;
        }
        if waiting(app).await.is_some_and(|waiting| waiting.total == 0) {
            return !window::is_shown(app);
        }
        let _ = timeout(LOOK, moved(&mut events)).await;
    }
}

/// Returns at an event that may have ended the waiting. To have missed some is one.
async fn moved(events: &mut broadcast::Receiver<Event>) {
    loop {
        match events.recv().await {
            Ok(Event::Outgoing { .. } | Event::Settings | Event::Stale) => return,
            Ok(_) => {}
            Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

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
    // Whoever leaves need not watch the engine stop.
    window::hide(&app);
    if let Some(engine) = app.state::<Desk>().running()
        && timeout(PATIENCE, engine.stop()).await.is_err()
    {
        tracing::warn!("the engine took too long to stop; what was under way is taken up at the next start");
    }
    STOPPED.store(true, Ordering::SeqCst);
    app.exit(code);
}

/// Ctrl-C in the terminal and the end of the session leave at once, and ask nothing.
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
    let Ok(mut hang_up) = signal(SignalKind::hangup()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => (),
        _ = hang_up.recv() => (),
        Ok(()) = tokio::signal::ctrl_c() => (),
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
