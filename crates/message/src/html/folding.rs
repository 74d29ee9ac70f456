//! Quotations in HTML: where they are, and how the one that a letter ends with is folded away.
//!
//! Mail programs mark what they quote, each in its own way. The marks are read before the letter is
//! [cleaned](super::allow) of classes and names, and carried through as [`MARK`].
//!
//! | mark | written by | what is quoted |
//! |---|---|---|
//! | `blockquote type=cite` | Thunderbird, Apple Mail, this program | the element |
//! | `gmail_quote`, `gmail_attr` | Gmail | the element |
//! | `yahoo_quoted`, `protonmail_quote`, `tutanota_quote`, `zmail_extra`, `moz-cite-prefix`, … | as they are called | the element |
//! | `divRplyFwdMsg`, `appendonsend`, `stopSpelling`, `mail-editor-reference-message-container` | Outlook | from there to the end of what it stands in |
//! | a line above, and under it “From:” in one of its languages | Outlook on Windows | the same |
//! | a `blockquote` behind a colon, or with a line beside it | others | the element |
//!
//! Only what ends the letter is folded, and only behind words of the writer's own.

use super::intro;
use super::tokens::Attributes;

/// The attribute that carries a mark through the cleaning. A letter's own attribute of this name is dropped.
pub(crate) const MARK: &str = "data-pr-quote";

/// Classes and names of elements that hold a quotation, or the words that lead up to one.
const ELEMENTS: &[&str] = &[
    "gmail_quote",
    "gmail_quote_container",
    "gmail_attr",
    "yahoo_quoted",
    "yahoo-quoted-begin",
    "protonmail_quote",
    "tutanota_quote",
    "zmail_extra",
    "zmail_extra_hr",
    "moz-cite-prefix",
    "moz-forward-container",
    "applemailquote",
    "qt-quote",
    "front-blockquote",
    "bloop_original_html",
    "hs_reply",
    "quoted-text",
];

/// Names behind which everything is quoted.
const BEGINNINGS: &[&str] = &[
    "divrplyfwdmsg",
    "appendonsend",
    "stopspelling",
    "mail-editor-reference-message-container",
    "outlookmessageheader",
    "originalmessage",
];

/// What a mark says is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The element.
    Element,
    /// Everything from the element to the end of its parent.
    Rest,
    /// As `Rest`, if its text begins as the headers of a letter do.
    RestIfHeaders,
}

impl Extent {
    /// The value of [`MARK`].
    pub fn word(self) -> &'static str {
        match self {
            Self::Element => "element",
            Self::Rest => "rest",
            Self::RestIfHeaders => "headers",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        [Self::Element, Self::Rest, Self::RestIfHeaders].into_iter().find(|extent| extent.word() == word)
    }
}

/// What the attributes of an element, as they came, say of quotations.
pub(crate) fn mark(name: &str, attributes: &Attributes) -> Option<Extent> {
    let named = |list: &[&str]| {
        ["class", "id"].iter().filter_map(|key| attributes.get(key)).any(|value| {
            value.split_ascii_whitespace().any(|word| {
                // Outlook on the web puts its own prefix before the names in what it sends on.
                let word = word.trim_start_matches("x_").to_ascii_lowercase();
                list.contains(&word.as_str())
            })
        })
    };
    let is_cite =
        name == "blockquote" && attributes.get("type").is_some_and(|kind| kind.eq_ignore_ascii_case("cite"));
    if is_cite || named(ELEMENTS) {
        return Some(Extent::Element);
    }
    if named(BEGINNINGS) {
        return Some(Extent::Rest);
    }
    let styled = || attributes.get("style").unwrap_or_default().to_ascii_lowercase();
    (name == "div" && styled().contains("border-top:solid")).then_some(Extent::RestIfHeaders)
}

/// A quotation that was found.
#[derive(Clone, Copy, Debug)]
struct Found {
    begin: usize,
    end: usize,
    /// How deep its parent stands.
    depth: usize,
}

/// A quotation that is open.
#[derive(Clone, Copy, Debug)]
struct Open {
    begin: usize,
    depth: usize,
    extent: Extent,
    /// Whether its first words have been seen.
    has_text: bool,
}

/// Follows the tags and the text of a letter as they are written, to fold its last quotation.
#[derive(Debug, Default)]
pub(crate) struct Folding {
    depth: usize,
    open: Option<Open>,
    last: Option<Found>,
    own_text: bool,
    text_after: bool,
    forwards: bool,
    /// The last character of the text before.
    before: Option<char>,
}

impl Folding {
    /// An element with these attributes begins at this place of what is written.
    pub fn start(&mut self, name: &str, attributes: &Attributes, at: usize) {
        let extent = attributes.get(MARK).and_then(Extent::of_word).or_else(|| self.unmarked(name, attributes));
        if let (None, Some(extent)) = (self.open, extent) {
            let begin = self.behind_last().map_or(at, |last| last.begin);
            self.open = Some(Open { begin, depth: self.depth, extent, has_text: false });
        }
        self.depth += 1;
    }

    /// An element without content stands here.
    pub fn void(&mut self, attributes: &Attributes, at: usize) {
        let is_mark = attributes.get(MARK).and_then(Extent::of_word) == Some(Extent::Rest);
        if is_mark && self.open.is_none() {
            let begin = self.behind_last().map_or(at, |last| last.begin);
            self.open = Some(Open { begin, depth: self.depth, extent: Extent::Rest, has_text: false });
        }
    }

    fn unmarked(&self, name: &str, attributes: &Attributes) -> Option<Extent> {
        let is_lined = || attributes.get("style").unwrap_or_default().contains("border-left");
        (name == "blockquote" && (self.before == Some(':') || is_lined())).then_some(Extent::Element)
    }

    /// A quotation that ended just before, in the same element: the two belong together.
    fn behind_last(&self) -> Option<Found> {
        self.last.filter(|last| !self.text_after && last.depth == self.depth)
    }

    /// An element has ended; its end tag lies between `from` and `to`.
    pub fn end(&mut self, from: usize, to: usize) {
        self.depth = self.depth.saturating_sub(1);
        if let Some(open) = self.open {
            let end = match open.extent {
                Extent::Element if self.depth == open.depth => Some(to),
                _ if self.depth < open.depth => Some(from),
                _ => None,
            };
            if let Some(end) = end {
                self.close(open, end);
            }
        }
        // What ended inside an element that has ended cannot be joined with what follows.
        if let Some(last) = self.last.filter(|last| last.depth > self.depth) {
            self.last = Some(Found { depth: usize::MAX, ..last });
        }
    }

    fn close(&mut self, open: Open, end: usize) {
        self.open = None;
        self.last = Some(Found { begin: open.begin, end, depth: open.depth });
        self.text_after = false;
    }

    /// Text that can be seen, or an image.
    pub fn text(&mut self, text: &str) {
        let trimmed = text.trim();
        let Some(last) = trimmed.chars().last() else { return };
        match &mut self.open {
            Some(open) => {
                let is_first = !std::mem::replace(&mut open.has_text, true);
                self.forwards |= is_first && intro::forwards(trimmed);
                if is_first && open.extent == Extent::RestIfHeaders {
                    if intro::is_header(trimmed) {
                        open.extent = Extent::Rest;
                    } else {
                        self.open = None;
                        self.own_text = true;
                    }
                }
            }
            None => {
                self.before = Some(last);
                self.text_after = true;
                self.own_text |= self.last.is_none();
            }
        }
    }

    /// Puts the last quotation away.
    pub fn fold(mut self, html: &mut String) {
        if let Some(open) = self.open.filter(|open| open.extent != Extent::Element) {
            self.close(open, html.len());
        }
        let Some(Found { begin, end, .. }) = self.last.filter(|_| self.own_text && !self.text_after) else { return };
        let fits = html.is_char_boundary(begin) && html.is_char_boundary(end) && begin <= end;
        if fits && !self.forwards && self.open.is_none() {
            html.insert_str(end, super::sheet::FOLD_END);
            html.insert_str(begin, super::sheet::FOLD_START);
        }
    }
}
