//! macOS: an agent of launchd, which is a property list in `~/Library/LaunchAgents` (launchd.plist(5)). Not tried on a Mac
//! yet.

use std::ffi::OsString;
#[cfg(target_os = "macos")]
use std::path::PathBuf;

/// Below the home directory.
#[cfg(target_os = "macos")]
pub fn file(paths: &tauri::path::PathResolver<tauri::Wry>, name: &str) -> Option<PathBuf> {
    Some(paths.home_dir().ok()?.join("Library/LaunchAgents").join(format!("{name}.plist")))
}

/// Whether launchd starts it.
pub fn is_on(text: &str) -> bool {
    text.contains("<key>RunAtLoad</key><true/>")
}

/// The property list; `None` for a path that cannot be written there.
pub fn text(command: &[OsString]) -> Option<String> {
    let words: Option<Vec<String>> = command.iter().map(|word| word.to_str().map(escaped)).collect();
    let words: String = words?.iter().map(|word| format!("<string>{word}</string>")).collect();
    Some(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>\
         <key>Label</key><string>org.postrider.desktop</string>\
         <key>ProgramArguments</key><array>{words}</array>\
         <key>RunAtLoad</key><true/></dict></plist>\n"
    ))
}

/// The property list with this command; `None` where it is that already.
pub fn with_command(text: &str, command: &[OsString]) -> Option<String> {
    self::text(command).filter(|wanted| wanted != text)
}

fn escaped(word: &str) -> String {
    word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_names_the_program_and_is_on() {
        let text = text(&["/Applications/R&D.app/postrider".into(), "--hidden".into()]).unwrap();
        assert!(text.contains("<string>/Applications/R&amp;D.app/postrider</string><string>--hidden</string>"));
        assert!(is_on(&text));
        assert!(!is_on(""));
        assert_eq!(with_command(&text, &["/Applications/R&D.app/postrider".into(), "--hidden".into()]), None);
        assert!(with_command(&text, &["/Applications/Other.app/postrider".into()]).is_some_and(|text| is_on(&text)));
    }
}
