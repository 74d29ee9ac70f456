//! Foreign HTML, made fit to be shown: nothing in it can act, load or pretend.
//!
//! The way of a letter: `guard` sets bounds, `allow` keeps what is on a list, `rewrite` settles images and links,
//! `sheet` puts it on a page. This is the first layer. The wall is the frame: of opaque origin, without scripts
//! ([`FRAME_SANDBOX`]), under a policy in the response header ([`csp`]).

mod allow;
mod guard;
mod plain;
mod rewrite;
mod sheet;
mod style;
#[cfg(test)]
mod tests;
mod text;
mod tokens;
mod trackers;

use crate::percent;
use plain::Dress;
use rewrite::Purpose;
use serde::{Deserialize, Serialize};
use sheet::Paper;
use std::collections::HashSet;
use text::Rendering;
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
pub fn safe(html: &str, options: &HtmlOptions) -> SafeHtml {
    let purpose = Purpose::Reading { remote: options.remote, cid_base: &options.cid_base };
    let rewritten = rewrite::rewrite(&allow::clean(&guard::bounded(html)), purpose);
    let paper = if rewritten.has_colours { Paper::White } else { Paper::Ours };
    SafeHtml {
        document: sheet::document(&rewritten.html, paper, options.remote, &own_source(&options.cid_base)),
        blocked_remote: rewritten.blocked_remote,
        remote_hosts: rewritten.remote_hosts.into_iter().collect(),
        trackers: rewritten.trackers,
    }
}

/// The letter's HTML as a safe fragment to be quoted in an editor. Images that came with it keep their `cid:`; remote
/// ones are put aside, and come back when the letter is sent.
pub fn quotable(html: &str) -> String {
    rewrite::rewrite(&allow::clean(&guard::bounded(html)), Purpose::Editing).html
}

/// Plain text as a safe document: links made, quoted text folded away.
pub fn from_text(text: &str) -> String {
    sheet::document(&plain::content(text, Dress::Reading), Paper::Ours, Remote::Blocked, "")
}

/// Plain text as a safe fragment, for an editor: paragraphs and quotes, no links, nothing folded.
pub fn fragment_from_text(text: &str) -> String {
    plain::content(text, Dress::Editing)
}

/// The HTML as plain text, paragraphs on one line each, quotes with `> `, link targets in angle brackets.
pub fn to_text(html: &str) -> String {
    text::render(html, Rendering::Letter)
}

/// The words of the HTML alone.
pub(crate) fn words(html: &str) -> String {
    text::render(html, Rendering::Words)
}

/// The HTML of a letter that was written here, as it is sent: a whole document.
pub(crate) fn for_sending(html: &str) -> String {
    let content = rewrite::rewrite(&allow::clean(&guard::bounded(html)), Purpose::Sending).html;
    format!("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n{content}\n</body></html>\n")
}

/// The Content-Security-Policy for the response that carries a letter's document. `own` is the source expression under
/// which the letter's own images are served, e.g. `postrider:` or `'self'`.
pub fn csp(remote: Remote, own: &str) -> String {
    let remote = match remote {
        Remote::Blocked => "",
        Remote::Allowed => " https: http:",
    };
    let own = match own {
        "" => String::new(),
        own => format!(" {own}"),
    };
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:{own}{remote}; form-action 'none'; \
         base-uri 'none'; sandbox {FRAME_SANDBOX}"
    )
}

/// The source expression (CSP §2.4) under which addresses that begin so are allowed.
fn own_source(cid_base: &str) -> String {
    match cid_base.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => {
            format!("{scheme}://{}", rest.split('/').next().unwrap_or_default())
        }
        Some((scheme, _)) => format!("{scheme}:"),
        None if cid_base.is_empty() => String::new(),
        None => "'self'".to_owned(),
    }
}

/// What the frame's `sandbox` allows: asking for a new window, which is how the shell hears of a clicked link and what it
/// always refuses. No script, no origin.
pub const FRAME_SANDBOX: &str = "allow-popups";

/// The Referrer-Policy for the response that carries a letter's document.
pub const REFERRER_POLICY: &str = "no-referrer";

/// Text as it stands in HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    tokens::escape_into(&mut out, text);
    out
}

/// The character set that HTML names in its head.
pub(crate) fn meta_charset(html: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(html.get(..2048).unwrap_or(html));
    let mut found = None;
    tokens::tokenize(&head, |token| {
        let tokens::Token::Start { name: "meta", attributes } = token else { return };
        let from_content = || {
            let content = attributes.get("content")?.to_ascii_lowercase();
            let (_, rest) = content.split_once("charset=")?;
            rest.split([';', ' ', '"', '\'']).next().map(str::to_owned)
        };
        if found.is_none() {
            found = attributes.get("charset").map(str::to_owned).or_else(from_content);
        }
    });
    found
}

/// The Content-IDs that the HTML refers to.
pub(crate) fn content_ids(html: &str) -> HashSet<String> {
    let mut ids = HashSet::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once("cid:") {
        let end = after
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')'))
            .unwrap_or(after.len());
        let (id, tail) = after.split_at(end);
        ids.insert(percent::decode(&id.replace("&amp;", "&")));
        rest = tail;
    }
    ids
}
