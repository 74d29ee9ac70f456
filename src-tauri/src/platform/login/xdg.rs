//! Linux: a desktop entry in the autostart directory (Desktop Application Autostart Specification 0.5).

use std::ffi::OsString;
use std::path::PathBuf;
use tauri::Wry;
use tauri::path::PathResolver;

/// Below `$XDG_CONFIG_HOME`, or `~/.config`.
#[cfg(target_os = "linux")]
pub fn file(paths: &PathResolver<Wry>, name: &str) -> Option<PathBuf> {
    Some(paths.config_dir().ok()?.join("autostart").join(format!("{name}.desktop")))
}

/// Whether the session starts what this entry says: desktops turn one off by a line in it.
pub fn is_on(text: &str) -> bool {
    let says = |key: &str, value: &str| {
        let word =
            |line: &str| line.split_once('=').map(|(name, said)| (name.trim().to_owned(), said.trim().to_owned()));
        text.lines().filter_map(word).any(|(name, said)| name == key && said.eq_ignore_ascii_case(value))
    };
    says("Type", "Application") && !says("Hidden", "true") && !says("X-GNOME-Autostart-enabled", "false")
}

/// The entry; `None` for a path that cannot be written there.
pub fn text(command: &[OsString]) -> Option<String> {
    Some(format!(
        "[Desktop Entry]\nType=Application\nName=Postrider\nComment=Mail that says where it went\n{}\n\
         Icon=postrider-desktop\nTerminal=false\nX-GNOME-Autostart-enabled=true\n",
        exec(command)?
    ))
}

/// The entry with this command in place of another; what somebody else wrote into it stays. `None` where it has that
/// already.
pub fn with_command(text: &str, command: &[OsString]) -> Option<String> {
    let wanted = exec(command)?;
    let is_exec = |line: &str| line.split_once('=').is_some_and(|(key, _)| key.trim() == "Exec");
    let lines = text.lines().map(|line| if is_exec(line) { wanted.as_str() } else { line });
    let changed: String = lines.flat_map(|line| [line, "\n"]).collect();
    (changed.trim_end() != text.trim_end()).then_some(changed)
}

fn exec(command: &[OsString]) -> Option<String> {
    let words: Option<Vec<String>> = command.iter().map(|word| word.to_str().and_then(quoted)).collect();
    Some(format!("Exec={}", words?.join(" ")))
}

/// An argument of Exec (Desktop Entry Specification 1.5, "The Exec key"): quoted, and as every string escaped once more.
fn quoted(word: &str) -> Option<String> {
    if word.chars().any(char::is_control) {
        return None;
    }
    let mut text = String::from("\"");
    for letter in word.chars() {
        match letter {
            '\\' => text.push_str(r"\\\\"),
            '"' | '`' | '$' => text.extend([r"\\".to_owned(), letter.to_string()]),
            '%' => text.push_str("%%"),
            _ => text.push(letter),
        }
    }
    text.push('"');
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_quoted_as_the_specification_wants_it() {
        let table = [
            ("/usr/bin/postrider-desktop", Some(r#""/usr/bin/postrider-desktop""#)),
            ("/home/anna/My mail", Some(r#""/home/anna/My mail""#)),
            ("100%", Some(r#""100%%""#)),
            (r"a\b", Some(r#""a\\\\b""#)),
            ("a\"b", Some(r#""a\\"b""#)),
            ("$HOME`x`", Some(r#""\\$HOME\\`x\\`""#)),
            ("two\nlines", None),
        ];
        for (word, expected) in table {
            assert_eq!(quoted(word).as_deref(), expected, "{word}");
        }
    }

    #[test]
    fn another_command_leaves_what_somebody_else_wrote() {
        let (old, new) = (["/opt/Post Rider 1/postrider".into()], ["/opt/Post Rider 2/postrider".into()]);
        let entry = format!("{}X-GNOME-Autostart-Delay=30\n", text(&old).unwrap());
        assert_eq!(with_command(&entry, &old), None);
        let moved = with_command(&entry, &new).unwrap();
        assert_eq!(moved, entry.replace("Rider 1", "Rider 2"));
        assert_eq!(with_command(&moved, &["two\nlines".into()]), None);
    }

    #[test]
    fn an_entry_is_on_unless_a_desktop_turned_it_off() {
        let table = [
            ("[Desktop Entry]\nType=Application\n", true),
            ("[Desktop Entry]\nType=Application\nHidden=false\n", true),
            ("[Desktop Entry]\nType=Application\nHidden=true\n", false),
            ("[Desktop Entry]\nType=Application\nX-GNOME-Autostart-enabled=false\n", false),
            ("", false),
        ];
        for (text, expected) in table {
            assert_eq!(is_on(text), expected, "{text}");
        }
    }
}
