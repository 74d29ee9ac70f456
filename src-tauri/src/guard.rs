//! Where the window may go: to the program's own pages and, in a frame, to a letter. Nowhere else.
//!
//! A link clicked in a letter asks for a new window (its document says `target=_blank`, its frame is sandboxed with
//! `allow-popups`), or for another page in its place. Both are always refused; what was asked for is told to the
//! window, which shows where it leads and opens it elsewhere if the reader wants that.

use crate::{bridge, letter};
use tauri::{AppHandle, Url};

/// What becomes of a wish to go somewhere.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A page of the program or the document of a letter.
    Stay,
    /// A page of the web: refused here, told to the window.
    Link,
    /// A mailto: link: refused here, opened in the composer.
    Mailto,
    /// Refused, and of no use to anybody.
    Nowhere,
}

/// Decides for one address.
pub fn verdict(url: &Url) -> Verdict {
    match (url.scheme(), url.host_str()) {
        _ if ours(url) => Verdict::Stay,
        ("about", _) if matches!(url.path(), "blank" | "srcdoc") => Verdict::Stay,
        ("http" | "https", _) => Verdict::Link,
        ("mailto", _) => Verdict::Mailto,
        _ => Verdict::Nowhere,
    }
}

/// Whether an address is of a scheme of ours. On Windows hosts stand for them; elsewhere such a host is one of the web,
/// and whoever answers there is not this program.
fn ours(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("tauri" | letter::SCHEME, Some("localhost")) => true,
        ("http" | "https", Some("tauri.localhost" | letter::WINDOWS_HOST)) => cfg!(windows),
        _ => false,
    }
}

/// The answer to a frame that wants to go to `url`: whether it may.
pub fn may_navigate(app: &AppHandle, url: &Url) -> bool {
    let verdict = verdict(url);
    tell(app, url, &verdict);
    verdict == Verdict::Stay
}

/// A new window is never given; its address is told.
pub fn refuse_window(app: &AppHandle, url: &Url) {
    tell(app, url, &verdict(url));
}

fn tell(app: &AppHandle, url: &Url, verdict: &Verdict) {
    match verdict {
        Verdict::Stay => (),
        Verdict::Link => bridge::follow(app, url.to_string()),
        Verdict::Mailto => bridge::compose(app, url.to_string()),
        Verdict::Nowhere => tracing::info!(scheme = url.scheme(), "a link that leads nowhere was refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a host that stands for one on Windows is here.
    fn host() -> Verdict {
        if cfg!(windows) { Verdict::Stay } else { Verdict::Link }
    }

    #[test]
    fn only_the_program_and_its_letters_are_shown() {
        let table = [
            ("tauri://localhost/", Verdict::Stay),
            ("tauri://localhost/index.html", Verdict::Stay),
            ("letter://localhost/letter/7", Verdict::Stay),
            ("http://tauri.localhost/", host()),
            ("http://letter.localhost/letter/7?remote=1", host()),
            ("about:blank", Verdict::Stay),
            ("about:srcdoc", Verdict::Stay),
            ("https://example.org/", Verdict::Link),
            ("http://localhost/", Verdict::Link),
            ("http://tauri.localhost.example.org/", Verdict::Link),
            ("https://example.org/letter://localhost", Verdict::Link),
            ("mailto:anna@example.org", Verdict::Mailto),
            ("letter://example.org/", Verdict::Nowhere),
            ("tauri://example.org/", Verdict::Nowhere),
            ("file:///etc/passwd", Verdict::Nowhere),
            ("javascript:alert(1)", Verdict::Nowhere),
            ("data:text/html,hello", Verdict::Nowhere),
            ("about:config", Verdict::Nowhere),
        ];
        for (url, expected) in table {
            assert_eq!(verdict(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
