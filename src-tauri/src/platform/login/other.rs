//! Windows: what starts with the session is in its registry, or a link that only calls in C can write. Nothing is done
//! there yet, and the settings do not offer it.

use std::ffi::OsString;
use std::path::PathBuf;
use tauri::Wry;
use tauri::path::PathResolver;

/// There is no place that is known here.
pub fn file(_paths: &PathResolver<Wry>, _name: &str) -> Option<PathBuf> {
    None
}

/// It never does.
pub fn is_on(_text: &str) -> bool {
    false
}

/// There is nothing to write.
pub fn text(_command: &[OsString]) -> Option<String> {
    None
}

/// There is nothing to change.
pub fn with_command(_text: &str, _command: &[OsString]) -> Option<String> {
    None
}
