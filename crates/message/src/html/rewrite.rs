//! Sanitised HTML, gone through once more for what depends on more than one attribute: images, links, colours, and
//! the quoted text at the end.
//!
//! | image from | in a letter that is read | in an editor | in a letter that is sent |
//! |---|---|---|---|
//! | `cid:` | the own address of the part | `cid:` | `cid:` |
//! | `data:` raster | as it is | as it is | as it is |
//! | `http(s):` tracker | taken out | taken out | taken out |
//! | `http(s):` other | when allowed; else put aside | put aside | brought back |
//! | anything else | taken out | taken out | taken out |

use super::tokens::{Attributes, Token, is_void, tokenize, write_end, write_start};
use super::{Remote, style, trackers};
use crate::percent;
use ammonia::Url;
use std::collections::BTreeSet;

/// How a quotation looks where the reader's program has no style of its own.
const QUOTATION: &str = "margin:0 0 0 8px;padding-left:8px;border-left:2px solid #ccc";

/// What the HTML is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose<'a> {
    /// To be read, with the base of the addresses for its own images.
    Reading { remote: Remote, cid_base: &'a str },
    /// To be quoted in an editor, which must load nothing.
    Editing,
    /// To be sent.
    Sending,
}

/// What came out.
#[derive(Debug, Default)]
pub(crate) struct Rewritten {
    pub html: String,
    pub blocked_remote: u32,
    pub remote_hosts: BTreeSet<String>,
    pub trackers: u32,
    /// Whether it sets colours of its own.
    pub has_colours: bool,
}

/// Goes through sanitised HTML. What comes in must have been through [`allow::clean`](super::allow::clean).
pub(crate) fn rewrite(clean: &str, purpose: Purpose<'_>) -> Rewritten {
    let mut writer = Writer { purpose, result: Rewritten::default(), quotes: Quotes::default() };
    tokenize(clean, |token| writer.take(token));
    let Writer { mut result, quotes, .. } = writer;
    if matches!(purpose, Purpose::Reading { .. }) {
        quotes.fold(&mut result.html);
    }
    result
}

struct Writer<'a> {
    purpose: Purpose<'a>,
    result: Rewritten,
    quotes: Quotes,
}

impl Writer<'_> {
    fn take(&mut self, token: Token<'_>) {
        match token {
            Token::Text(text) => {
                self.quotes.text(text);
                super::tokens::escape_into(&mut self.result.html, text);
            }
            Token::End { name } if is_void(name) => {}
            Token::End { name } => {
                write_end(&mut self.result.html, name);
                if name == "blockquote" {
                    self.quotes.close(self.result.html.len());
                }
            }
            Token::Start { name: "img", attributes } => self.image(attributes),
            Token::Start { name, attributes } => self.element(name, attributes),
        }
    }

    fn element(&mut self, name: &str, mut attributes: Attributes) {
        self.note_colours(name, &attributes);
        if name == "a" {
            link(&mut attributes, matches!(self.purpose, Purpose::Reading { .. }));
        }
        if name == "blockquote" {
            self.quotes.open(self.result.html.len(), &attributes);
            match self.purpose {
                Purpose::Reading { .. } => drop(attributes.remove("type")),
                Purpose::Editing => {}
                // Many readers draw no line beside a quotation by themselves.
                Purpose::Sending if attributes.get("style").is_none() => attributes.set("style", QUOTATION),
                Purpose::Sending => {}
            }
        }
        write_start(&mut self.result.html, name, &attributes);
    }

    fn note_colours(&mut self, name: &str, attributes: &Attributes) {
        let styled = attributes.get("style").unwrap_or_default();
        let says = |property| {
            style::value_of(styled, property).is_some_and(|value| {
                !matches!(value.to_ascii_lowercase().as_str(), "inherit" | "none" | "transparent" | "initial")
            })
        };
        self.result.has_colours |= attributes.get("bgcolor").is_some()
            || (name == "font" && attributes.get("color").is_some())
            || says("color")
            || says("background")
            || says("background-color");
    }

    fn image(&mut self, mut attributes: Attributes) {
        let set_aside = attributes.remove("data-src");
        let source = attributes.remove("src").or(set_aside).map(|source| without_breaks(&source)).unwrap_or_default();
        let shown = if let Some(id) = strip_scheme(&source, "cid:") {
            attributes.set("src", self.own_image(id));
            true
        } else if is_raster_data(&source) {
            attributes.set("src", source);
            true
        } else {
            self.remote_image(&source, &mut attributes)
        };
        if shown {
            self.quotes.text("image");
            write_start(&mut self.result.html, "img", &attributes);
        } else if let Some(alt) = attributes.get("alt") {
            super::tokens::escape_into(&mut self.result.html, alt);
        }
    }

    fn own_image(&self, id: &str) -> String {
        match self.purpose {
            Purpose::Reading { cid_base, .. } => format!("{cid_base}{}", percent::encode(&percent::decode(id))),
            Purpose::Editing | Purpose::Sending => format!("cid:{id}"),
        }
    }

    /// Whether the image stays, shown or put aside.
    fn remote_image(&mut self, source: &str, attributes: &mut Attributes) -> bool {
        let Some(url) = remote_url(source) else { return false };
        let host = url.host_str().unwrap_or_default().to_owned();
        let path = url.as_str().split_once(&host).map(|(_, path)| path).unwrap_or_default();
        let path = path.strip_prefix(&format!(":{}", url.port().unwrap_or_default())).unwrap_or(path);
        if trackers::is_tracker(&host, path, attributes) {
            self.result.trackers += 1;
            attributes.remove("alt");
            return false;
        }
        self.result.remote_hosts.insert(host);
        match self.purpose {
            Purpose::Reading { remote: Remote::Allowed, .. } => {
                attributes.set("src", url.as_str());
                attributes.set("referrerpolicy", "no-referrer");
            }
            Purpose::Sending => attributes.set("src", url.as_str()),
            Purpose::Reading { remote: Remote::Blocked, .. } | Purpose::Editing => {
                self.result.blocked_remote += 1;
                attributes.set("data-src", url.as_str());
            }
        }
        true
    }
}

/// A link keeps a target that a browser or a mail program can open, and says what it is.
fn link(attributes: &mut Attributes, reading: bool) {
    let Some(target) = attributes.remove("href") else { return };
    let target = without_breaks(&target);
    let Some(url) = Url::parse(&target).ok().filter(|url| matches!(url.scheme(), "http" | "https" | "mailto")) else {
        return;
    };
    attributes.set("href", url.as_str());
    if reading {
        attributes.set("title", url.as_str());
        attributes.set("target", "_blank");
        attributes.set("rel", "noopener noreferrer");
    }
}

/// An `http:` or `https:` URL; one without a scheme but with a host is taken as `https:`.
fn remote_url(source: &str) -> Option<Url> {
    let whole = if source.starts_with("//") { format!("https:{source}") } else { source.to_owned() };
    Url::parse(&whole).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// As a browser reads a URL: without line ends and tabs, and nothing invisible around it.
fn without_breaks(url: &str) -> String {
    url.chars()
        .filter(|c| !matches!(c, '\t' | '\r' | '\n'))
        .collect::<String>()
        .trim_matches(|c: char| c <= ' ')
        .into()
}

fn strip_scheme<'a>(url: &'a str, scheme: &str) -> Option<&'a str> {
    url.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme)).and_then(|_| url.get(scheme.len()..))
}

/// Base64 data of a raster image. SVG is not one: it can hold markup.
fn is_raster_data(source: &str) -> bool {
    let Some((head, data)) = strip_scheme(source, "data:").and_then(|rest| rest.split_once(',')) else {
        return false;
    };
    let types = ["image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp"];
    let head = head.to_ascii_lowercase();
    types.iter().any(|media_type| head == format!("{media_type};base64"))
        && data.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/= ".contains(&b))
}

/// The quotations on the outermost level, to fold the one that a letter ends with.
#[derive(Debug, Default)]
struct Quotes {
    depth: usize,
    /// Where the last outermost one begins and ends.
    last: Option<(usize, usize)>,
    begin: usize,
    is_quotation: bool,
    own_text: bool,
    text_after: bool,
    /// The last character of the text before.
    before: Option<char>,
}

impl Quotes {
    fn open(&mut self, at: usize, attributes: &Attributes) {
        if self.depth == 0 {
            let styled = attributes.get("style").unwrap_or_default();
            self.begin = at;
            self.text_after = false;
            self.is_quotation = attributes.get("type").is_some_and(|value| value.eq_ignore_ascii_case("cite"))
                || styled.contains("border-left")
                || self.before == Some(':');
        }
        self.depth += 1;
    }

    fn close(&mut self, at: usize) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            self.last = Some((self.begin, at)).filter(|_| self.is_quotation);
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(last) = text.trim_end().chars().last().filter(|_| self.depth == 0) {
            self.before = Some(last);
            self.text_after = true;
            self.own_text |= self.last.is_none();
        }
    }

    /// Puts the last quotation away, if the writer's own words stand before it and none after it.
    fn fold(self, html: &mut String) {
        let Some((begin, end)) = self.last.filter(|_| self.own_text && !self.text_after && self.depth == 0) else {
            return;
        };
        if html.is_char_boundary(begin) && html.is_char_boundary(end) && begin <= end {
            html.insert_str(end, super::sheet::FOLD_END);
            html.insert_str(begin, super::sheet::FOLD_START);
        }
    }
}
