//! Foreign HTML, made fit to be shown: nothing in it can act, load or pretend.
//!
//! The way of a letter: `guard` sets bounds and applies the letter's own style sheets (`cascade`), `allow` keeps what is
//! on a list, `rewrite` settles images, links and colours (`dark`) and folds away what is quoted (`folding`), `sheet` puts
//! it on a page. This is the first layer. The wall is the frame: of opaque origin, without scripts ([`FRAME_SANDBOX`]),
//! under a policy in the response header ([`csp`]) that lets nothing in but what this program serves.

mod allow;
mod cascade;
mod colour;
mod dark;
mod extent;
mod folding;
mod ground;
mod guard;
mod highlight;
mod intro;
pub mod links;
mod plain;
mod rewrite;
mod sheet;
mod style;
#[cfg(test)]
mod tests;
mod text;
mod tokens;
mod trackers;

pub use extent::{Block, extent};
pub use highlight::highlight;

use crate::percent;
use ammonia::Url;
use dark::Says;
use links::Link;
use plain::Dress;
use rewrite::{Light, Purpose, Rewritten};
use sheet::Paper;
use std::collections::{BTreeMap, HashSet};
use text::Rendering;
use trackers::Tracker;

/// How a letter is to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HtmlOptions {
    /// What is put before the (percent-encoded) Content-ID of an image that came with the letter, e.g.
    /// `letter://localhost/42/cid/`.
    pub cid_base: String,
    /// What is put before the number of a remote image (its place in [`SafeHtml::remote_images`]); `None` shows none.
    pub remote_base: Option<String>,
    /// The room that it is read in.
    pub room: Room,
    /// What is done with the quotation at its end.
    pub quotation: Quotation,
}

/// The room that a letter is read in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Room {
    /// Its colours are shown as they were sent.
    #[default]
    AsSent,
    /// Its colours are turned for a dark window, where that can be done.
    Dark,
}

/// What is done with the quotation that a letter ends with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quotation {
    /// It is folded away.
    #[default]
    Folded,
    /// It is shown: what is sent on is what the letter is about.
    Open,
}

/// What a letter says of colours, and so whether a dark window has something to turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colours {
    /// Nothing: it takes those of the window.
    #[default]
    None,
    /// It has its own, and they can be turned.
    Own,
    /// It has grounds that are no single colour; it lies on a light sheet in any room.
    Fixed,
}

/// A letter, ready for a frame of opaque origin without scripts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SafeHtml {
    /// A complete HTML document with its own style sheet and policy.
    pub document: String,
    /// How many remote images are left out and would be shown if they were allowed.
    pub blocked_remote: u32,
    /// The addresses of the remote images, shown or not, each once, in order.
    pub remote_images: Vec<String>,
    /// The hosts that those images come from; sorted, each once.
    pub remote_hosts: Vec<String>,
    /// How many tracking images were taken out. They are never loaded.
    pub trackers: u32,
    /// The services whose trackers were taken out, as far as their names are known; sorted, each once.
    pub tracked_by: Vec<String>,
    /// What it says of colours.
    pub colours: Colours,
    /// Its links, in order.
    pub links: Vec<Link>,
}

/// The letter's HTML as a safe document.
pub fn safe(html: &str, options: &HtmlOptions) -> SafeHtml {
    let clean = allow::clean(&guard::bounded(html));
    let read = |light| {
        let remote_base = options.remote_base.as_deref();
        let purpose = Purpose::Reading { cid_base: &options.cid_base, remote_base, light };
        rewrite::rewrite(&clean, purpose, options.quotation == Quotation::Folded)
    };
    let sent = read(Light::AsSent);
    let (rewritten, paper) = match (sent.says, options.room) {
        (Says::Nothing, _) => (sent, Paper::Ours),
        (Says::Colours, Room::Dark) => (read(Light::Dark), Paper::Turned),
        (Says::Colours | Says::Pattern, _) => (sent, Paper::White),
    };
    let document = sheet::document(&rewritten.html, paper, &own_source(&options.cid_base));
    SafeHtml { document, ..found(rewritten) }
}

fn found(rewritten: Rewritten) -> SafeHtml {
    let services: BTreeMap<&str, ()> = rewritten
        .trackers
        .iter()
        .filter_map(|tracker| match tracker {
            Tracker::Of(service) => Some((*service, ())),
            Tracker::Unseen => None,
        })
        .collect();
    SafeHtml {
        document: String::new(),
        blocked_remote: rewritten.blocked_remote,
        remote_images: rewritten.remote_images,
        remote_hosts: rewritten.remote_hosts.into_iter().collect(),
        trackers: rewritten.trackers.len() as u32,
        tracked_by: services.into_keys().map(str::to_owned).collect(),
        colours: match rewritten.says {
            Says::Nothing => Colours::None,
            Says::Colours => Colours::Own,
            Says::Pattern => Colours::Fixed,
        },
        links: rewritten.links,
    }
}

/// The service that is known to track readers by images at this address.
pub fn tracking_service(url: &str) -> Option<&'static str> {
    let url = Url::parse(url).ok()?;
    trackers::service(url.host_str()?, &rewrite::path_of(&url))
}

/// The letter's HTML as a safe fragment to be quoted in an editor. Images that came with it keep their `cid:`; remote
/// ones are put aside, and come back when the letter is sent.
pub fn quotable(html: &str) -> String {
    rewrite::rewrite(&allow::clean(&guard::bounded(html)), Purpose::Editing, false).html
}

/// Plain text as a safe document: links made, quoted text folded away.
pub fn from_text(text: &str) -> SafeHtml {
    text_document(text, Quotation::Folded)
}

/// As [`from_text`], with the quotation as it is asked for.
pub fn text_document(text: &str, quotation: Quotation) -> SafeHtml {
    let mut links = Vec::new();
    let content = plain::content(text, Dress::Reading(quotation), &mut links);
    SafeHtml { document: sheet::document(&content, Paper::Ours, ""), links, ..SafeHtml::default() }
}

/// Plain text as a safe fragment, for an editor: paragraphs and quotes, no links, nothing folded.
pub fn fragment_from_text(text: &str) -> String {
    plain::content(text, Dress::Editing, &mut Vec::new())
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
    let content = rewrite::rewrite(&allow::clean(&guard::bounded(html)), Purpose::Sending, false).html;
    format!("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n{content}\n</body></html>\n")
}

/// The Content-Security-Policy for the response that carries a letter's document. `own` is the source expression under
/// which this program serves images, e.g. `letter:` or `'self'`. No other host is ever asked by the frame: remote images
/// are fetched by the program and served by it.
pub fn csp(own: &str) -> String {
    let own = match own {
        "" => String::new(),
        own => format!(" {own}"),
    };
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:{own}; form-action 'none'; \
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
