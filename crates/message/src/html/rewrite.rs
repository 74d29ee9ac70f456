//! Sanitised HTML, gone through once more for what depends on more than one attribute: images, links, colours, and
//! the quoted text at the end.
//!
//! | image from | in a letter that is read | in an editor | in a letter that is sent |
//! |---|---|---|---|
//! | `cid:` | the own address of the part | `cid:` | `cid:` |
//! | `data:` raster | as it is | as it is | as it is |
//! | `http(s):` tracker | taken out | taken out | taken out |
//! | `http(s):` other | when allowed under an address of ours; else put aside | put aside | brought back |
//! | anything else | taken out | taken out | taken out |
//!
//! A picture behind an element ([`ground`](super::ground)) is treated as an image of a letter that is read, and is left out
//! of one that is edited or sent. Text over one keeps the colours it was sent with.

use super::dark::{self, Dark, Says};
use super::folding::{self, Folding};
use super::ground::GROUND;
use super::links::Link;
use super::tokens::{Attributes, Token, is_void, tokenize, write_end, write_start};
use super::trackers::{self, Tracker};
use crate::percent;
use ammonia::Url;
use std::collections::{BTreeSet, HashMap};

/// How a quotation looks where the reader's program has no style of its own.
const QUOTATION: &str = "margin:0 0 0 8px;padding-left:8px;border-left:2px solid #ccc";

/// What the HTML is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose<'a> {
    /// To be read, with the bases of the addresses for its own images and for remote ones; without the latter they are not
    /// shown.
    Reading { cid_base: &'a str, remote_base: Option<&'a str>, light: Light },
    /// To be quoted in an editor, which must load nothing.
    Editing,
    /// To be sent.
    Sending,
}

/// In which light a letter is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Light {
    /// Its colours are as they were sent.
    AsSent,
    /// Its colours are turned for a dark room.
    Dark,
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Rewritten {
    pub html: String,
    pub blocked_remote: u32,
    /// The remote images, each once, in order.
    pub remote_images: Vec<String>,
    pub remote_hosts: BTreeSet<String>,
    pub trackers: Vec<Tracker>,
    /// What it says of colours.
    pub says: Says,
    pub links: Vec<Link>,
}

/// Links that are looked at.
pub(crate) const MAX_LINKS: usize = 2_000;
/// Characters of the text of a link that are looked at.
const MAX_LINK_TEXT: usize = 200;

/// Goes through sanitised HTML. What comes in must have been through [`allow::clean`](super::allow::clean).
pub(crate) fn rewrite(clean: &str, purpose: Purpose<'_>, folds: bool) -> Rewritten {
    let mut writer = Writer::new(purpose);
    tokenize(clean, |token| writer.take(token));
    let Writer { mut result, folding, .. } = writer;
    if folds {
        folding.fold(&mut result.html);
    }
    result
}

struct Writer<'a> {
    purpose: Purpose<'a>,
    result: Rewritten,
    folding: Folding,
    dark: Option<Dark>,
    /// Where each remote image stands among the others.
    numbers: HashMap<String, usize>,
    /// The link that is open.
    link: Option<Link>,
}

impl<'a> Writer<'a> {
    fn new(purpose: Purpose<'a>) -> Self {
        let is_dark = matches!(purpose, Purpose::Reading { light: Light::Dark, .. });
        Self {
            purpose,
            result: Rewritten {
                html: String::new(),
                blocked_remote: 0,
                remote_images: Vec::new(),
                remote_hosts: BTreeSet::new(),
                trackers: Vec::new(),
                says: Says::Nothing,
                links: Vec::new(),
            },
            folding: Folding::default(),
            dark: is_dark.then(Dark::default),
            numbers: HashMap::new(),
            link: None,
        }
    }

    fn take(&mut self, token: Token<'_>) {
        match token {
            Token::Text(text) => {
                self.folding.text(text);
                self.link_text(text);
                super::tokens::escape_into(&mut self.result.html, text);
            }
            Token::End { name } if is_void(name) => {}
            Token::End { name } => self.end(name),
            Token::Start { name: "img", attributes } => self.image(attributes),
            Token::Start { name, attributes } => self.element(name, attributes),
        }
    }

    fn end(&mut self, name: &str) {
        let from = self.result.html.len();
        write_end(&mut self.result.html, name);
        self.folding.end(from, self.result.html.len());
        if let Some(dark) = &mut self.dark {
            dark.close();
        }
        if name == "a" {
            self.end_link();
        }
    }

    fn element(&mut self, name: &str, mut attributes: Attributes) {
        self.result.says = self.result.says.max(dark::says(name, &attributes));
        if is_void(name) {
            self.folding.void(&attributes, self.result.html.len());
        } else {
            self.folding.start(name, &attributes, self.result.html.len());
        }
        attributes.remove(folding::MARK);
        let ground = attributes.remove(GROUND);
        if let Some(dark) = &mut self.dark {
            dark.open(name, &mut attributes);
        }
        if let Some(source) = ground {
            self.ground(&without_breaks(&source), &mut attributes);
        }
        match name {
            "a" => self.begin_link(&mut attributes),
            "blockquote" => self.quotation(&mut attributes),
            _ => {}
        }
        write_start(&mut self.result.html, name, &attributes);
    }

    fn quotation(&self, attributes: &mut Attributes) {
        match self.purpose {
            Purpose::Reading { .. } => drop(attributes.remove("type")),
            Purpose::Editing => {}
            // Many readers draw no line beside a quotation by themselves.
            Purpose::Sending if attributes.get("style").is_none() => attributes.set("style", QUOTATION),
            Purpose::Sending => {}
        }
    }

    /// A link keeps a target that a browser or a mail program can open, and says what it is.
    fn begin_link(&mut self, attributes: &mut Attributes) {
        self.end_link();
        let Some(target) = attributes.remove("href").map(|target| without_breaks(&target)) else { return };
        let Some(url) = Url::parse(&target).ok().filter(|url| matches!(url.scheme(), "http" | "https" | "mailto"))
        else {
            return;
        };
        attributes.set("href", url.as_str());
        if matches!(self.purpose, Purpose::Reading { .. }) {
            attributes.set("title", url.as_str());
            attributes.set("target", "_blank");
            attributes.set("rel", "noopener noreferrer");
            self.link = Some(Link { text: String::new(), target: url.into() });
        }
    }

    fn link_text(&mut self, text: &str) {
        if let Some(link) = &mut self.link {
            let room = MAX_LINK_TEXT.saturating_sub(link.text.chars().count());
            link.text.extend(text.chars().take(room));
        }
    }

    fn end_link(&mut self) {
        let links = &mut self.result.links;
        links.extend(self.link.take().filter(|_| links.len() < MAX_LINKS));
    }

    /// The picture behind an element, where it may be shown.
    fn ground(&mut self, source: &str, attributes: &mut Attributes) {
        let Purpose::Reading { remote_base, .. } = self.purpose else { return };
        let address = match strip_scheme(source, "cid:") {
            Some(id) => Some(self.own_image(id)),
            None => {
                let Some((number, _)) = self.remote(source, attributes) else { return };
                self.result.blocked_remote += u32::from(remote_base.is_none());
                remote_base.map(|base| format!("{base}{number}"))
            }
        };
        self.result.says = Says::Pattern;
        if let Some(address) = address {
            let style = attributes.remove("style").map(|style| format!("{style};")).unwrap_or_default();
            attributes.set("style", format!("{style}background-image:url(\"{address}\")"));
        }
    }

    fn image(&mut self, mut attributes: Attributes) {
        attributes.remove(folding::MARK);
        attributes.remove(GROUND);
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
            self.folding.text("image");
            if let Some(dark) = &mut self.dark {
                dark.open("img", &mut attributes);
            }
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
        let Some((number, url)) = self.remote(source, attributes) else { return false };
        match self.purpose {
            Purpose::Reading { remote_base: Some(base), .. } => attributes.set("src", format!("{base}{number}")),
            Purpose::Sending => attributes.set("src", url.as_str()),
            Purpose::Reading { remote_base: None, .. } | Purpose::Editing => {
                self.result.blocked_remote += 1;
                attributes.set("data-src", url.as_str());
            }
        }
        true
    }

    /// The number of a picture from elsewhere, with its address; a tracker has none.
    fn remote(&mut self, source: &str, attributes: &mut Attributes) -> Option<(usize, Url)> {
        let url = remote_url(source)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        if let Some(tracker) = trackers::tracker(&host, &path_of(&url), attributes) {
            self.result.trackers.push(tracker);
            attributes.remove("alt");
            return None;
        }
        self.result.remote_hosts.insert(host);
        Some((self.number(&url), url))
    }

    fn number(&mut self, url: &Url) -> usize {
        let images = &mut self.result.remote_images;
        *self.numbers.entry(url.as_str().to_owned()).or_insert_with(|| {
            images.push(url.as_str().to_owned());
            images.len() - 1
        })
    }
}

/// The path with its query.
pub(crate) fn path_of(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
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
