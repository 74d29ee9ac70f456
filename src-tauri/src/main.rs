//! The desktop shell: a window on the engine, and nothing of mail in it.
//!
//! It passes the window's calls to the engine and the engine's events to the window, serves letters to their frames,
//! keeps the window where it belongs, and stays in the tray while letters are on their way.

// A console window beside the real one is of no use to anybody on Windows.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod bridge;
mod guard;
mod leave;
mod letter;
mod notice;
mod options;
mod paper;
mod platform;
mod tray;
mod window;

use bridge::Desk;
use options::Options;
use platform::login;
use std::path::PathBuf;
use std::process::ExitCode;
use tauri::{App, AppHandle, Manager};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let options = match options::parse(std::env::args_os().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("postrider-desktop: {error}");
            return ExitCode::from(64);
        }
    };
    platform::prepare();
    log_to_stderr();
    match run(options) {
        Ok(code) => code,
        Err(error) => {
            tracing::error!("the window could not be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs until the user quits, or everything is out and nobody would find the window again.
fn run(options: Options) -> tauri::Result<ExitCode> {
    let window_state = tauri_plugin_window_state::Builder::default()
        .with_filename(options.home.join("window.json").to_string_lossy())
        .with_state_flags(window::remembered())
        .build();
    let app = tauri::Builder::default()
        .plugin(platform::single_instance(&options, second_start))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .plugin(window_state)
        .register_asynchronous_uri_scheme_protocol(letter::SCHEME, letter::answer)
        .invoke_handler(tauri::generate_handler![
            bridge::call,
            bridge::waiting,
            bridge::attachment_octets,
            bridge::attachment_open,
            paper::print_letter,
            leave::quit,
            leave::leave,
            leave::leaving_shown,
            leave::leaving_stopped,
            login::starts_at_login,
            login::start_at_login
        ])
        .on_window_event(window::on_event)
        .setup(move |app| Ok(set_up(app, &options)?))
        .build(tauri::generate_context!())?;
    Ok(ExitCode::from(u8::try_from(app.run_return(leave::on_run_event)).unwrap_or(1)))
}

/// The engine first, so that the window's first call finds it.
fn set_up(app: &mut App, options: &Options) -> tauri::Result<()> {
    let desk = Desk::new(app.handle().clone(), &options.home, options.mailto.clone());
    // Why it did not start is told to the window, call by call.
    let _ = tauri::async_runtime::block_on(desk.engine());
    app.manage(desk);
    app.manage(leave::Leave::default());
    let at_login = login::Entry::of(app.handle(), options);
    at_login.iter().for_each(login::Entry::follow);
    app.manage(login::AtLogin(at_login));
    let has_tray = tray::build(app.handle(), &options.home);
    if has_tray {
        app.state::<leave::Leave>().has_tray();
    }
    let look = if options.is_hidden { window::Look::Hidden } else { window::Look::Shown };
    window::open(app.handle(), &options.home, look)?;
    if options.is_hidden && !has_tray {
        tauri::async_runtime::spawn(hide_where_there_is_a_tray(app.handle().clone(), options.home.clone()));
    }
    leave::on_signal(app.handle());
    Ok(())
}

/// A window that nobody can find again is not kept hidden.
async fn hide_where_there_is_a_tray(app: AppHandle, home: PathBuf) {
    if !platform::tray_comes().await {
        return window::show(&app);
    }
    let shell = app.clone();
    let placed = app.run_on_main_thread(move || match tray::build(&shell, &home) {
        true => shell.state::<leave::Leave>().has_tray(),
        false => window::show(&shell),
    });
    if let Err(error) = placed {
        tracing::warn!("there is no tray icon: {error}");
    }
}

/// The program was started once more: what it was asked for happens here, in the window that there is.
fn second_start(app: &AppHandle, args: Vec<String>, _directory: String) {
    let asked = options::parse(args.into_iter().skip(1).map(Into::into));
    match asked {
        Ok(Options { mailto: Some(url), .. }) => bridge::compose(app, url),
        // The session starts what was started by hand already.
        Ok(Options { is_hidden: true, .. }) => {}
        _ => window::show(app),
    }
}

/// Logs go to standard error, as much as `RUST_LOG` asks for.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        EnvFilter::new("warn,postrider=info,hickory_proto=error,hickory_net=error,hickory_resolver=error")
    });
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
