//! Foreign HTML, made fit to be shown: nothing in it can act, load or pretend.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Whether images may be fetched from elsewhere for this letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Remote {
    /// Nothing is fetched; what would be is counted.
    #[default]
    Blocked,
    /// The reader asked for the images of this letter. Trackers stay out.
    Allowed,
}

/// How a letter is to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HtmlOptions {
    /// Whether remote images are shown.
    pub remote: Remote,
    /// What is put before the (percent-encoded) Content-ID of an image that came with the letter, e.g.
    /// `postrider://letter/42/cid/`.
    pub cid_base: String,
}

/// A letter, ready for a frame of opaque origin without scripts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SafeHtml {
    /// A complete HTML document with its own style sheet and policy.
    pub document: String,
    /// How many remote images are left out and would be loaded if they were allowed.
    pub blocked_remote: u32,
    /// The hosts that those images, shown or not, come from; sorted, each once.
    pub remote_hosts: Vec<String>,
    /// How many tracking images were taken out. They are never loaded.
    pub trackers: u32,
}

/// The letter's HTML as a safe document.
pub fn safe(_html: &str, _options: &HtmlOptions) -> SafeHtml {
    SafeHtml::default()
}

/// Plain text as a safe document: links made, quoted text folded away.
pub fn from_text(_text: &str) -> String {
    String::new()
}

/// Plain text as a safe fragment, for an editor: paragraphs and quotes, no links, nothing folded.
pub fn fragment_from_text(_text: &str) -> String {
    String::new()
}

/// The HTML as plain text, paragraphs on one line each, quotes with `> `, link targets in angle brackets.
pub fn to_text(_html: &str) -> String {
    String::new()
}

/// The Content-Security-Policy for the response that carries a letter's document. `own` is the source expression under
/// which the letter's own images are served, e.g. `postrider:` or `'self'`.
pub fn csp(_remote: Remote, _own: &str) -> String {
    String::new()
}

/// The attributes that the frame's `sandbox` must have: new windows for links, no script, no origin.
pub const FRAME_SANDBOX: &str = "allow-popups allow-popups-to-escape-sandbox";

/// The Referrer-Policy for the response that carries a letter's document.
pub const REFERRER_POLICY: &str = "no-referrer";
