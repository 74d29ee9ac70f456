//! Bounds for HTML from strangers, before any parser sees it: parsers take quadratic time for some of it, and a letter
//! must not hold up its reader.
//!
//! | bound | because |
//! |---|---|
//! | attributes of one tag | a tokenizer compares each with all before it |
//! | elements within elements | each tag looks through those that are open |
//! | elements in all | what stands wrongly in a table is moved past its siblings |
//! | character references in a run of text | each is joined to the text before it by copying that |
//!
//! Beyond a bound tags are left out and their text stays. On the way the letter's style sheets go into its elements
//! ([`cascade`](super::cascade)), pictures behind them are noted ([`ground`](super::ground)), and what they quote is marked
//! ([`folding`](super::folding)): later there are no classes and names to know it by.

use super::cascade::{Cascade, Element};
use super::folding;
use super::ground;
use super::tokens::{Attributes, Token, is_void, tokenize, write_end, write_start};
use std::borrow::Cow;
use std::ops::Range;

/// Attributes of one tag.
const MAX_ATTRIBUTES: usize = 100;
/// Elements that are open at once.
const MAX_DEPTH: usize = 160;
/// Elements in all.
const MAX_ELEMENTS: usize = 20_000;

/// Character references in one run of text; then a `wbr`, which cannot be seen, begins another.
const MAX_REFERENCES: usize = 200;

/// Octets of an attribute's value that is not an image.
const MAX_VALUE: usize = 8 * 1024;

/// The HTML with every tag cut off behind its first attributes.
pub(crate) fn bound_attributes(html: &str) -> Cow<'_, str> {
    let mut cuts: Vec<Range<usize>> = Vec::new();
    let mut open = None;
    let mut scan = TagScan::Text;
    for (at, byte) in html.bytes().enumerate() {
        scan = scan.next(byte);
        match (scan, open) {
            (TagScan::Between { attributes }, None) if attributes >= MAX_ATTRIBUTES => open = Some(at),
            (TagScan::Text, Some(start)) => {
                cuts.push(start..at);
                open = None;
            }
            _ => {}
        }
    }
    cuts.extend(open.map(|start| start..html.len()));
    if cuts.is_empty() {
        return Cow::Borrowed(html);
    }
    let mut out = String::with_capacity(html.len());
    let mut from = 0;
    for cut in cuts {
        // Both ends lie at ASCII octets, and so at the boundary of a character.
        out.push_str(html.get(from..cut.start).unwrap_or_default());
        from = cut.end;
    }
    out.push_str(html.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// Where a scan through tags is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TagScan {
    Text,
    Opened,
    Name,
    Between { attributes: usize },
    Attribute { attributes: usize },
    BeforeValue { attributes: usize },
    Value { attributes: usize, quote: Option<u8> },
}

impl TagScan {
    fn next(self, byte: u8) -> Self {
        use TagScan::*;
        let space = byte.is_ascii_whitespace() || byte == b'/';
        match self {
            Text if byte == b'<' => Opened,
            Text => Text,
            Opened if byte.is_ascii_alphabetic() || byte == b'/' => Name,
            Opened if byte == b'<' => Opened,
            Opened => Text,
            Value { attributes, quote: Some(quote) } if byte == quote => Between { attributes: attributes + 1 },
            value @ Value { quote: Some(_), .. } => value,
            _ if byte == b'>' => Text,
            Name if space => Between { attributes: 0 },
            Name => Name,
            Between { attributes } if space => Between { attributes },
            Between { attributes } => Attribute { attributes },
            Attribute { attributes } if byte == b'=' => BeforeValue { attributes },
            Attribute { attributes } if space => Between { attributes: attributes + 1 },
            BeforeValue { attributes } if byte.is_ascii_whitespace() => BeforeValue { attributes },
            BeforeValue { attributes } => Value { attributes, quote: matches!(byte, b'"' | b'\'').then_some(byte) },
            Value { attributes, .. } if byte.is_ascii_whitespace() => Between { attributes: attributes + 1 },
            same => same,
        }
    }
}

/// The HTML within the bounds, without scripts, styles, comments and doctypes. A `body` becomes a `div`, so that its
/// colours are not lost where only its content is kept.
pub(crate) fn bounded(html: &str) -> String {
    let cascade = Cascade::read(&style_sheets(html));
    let mut guard = Guard { out: String::with_capacity(html.len()), cascade, ..Guard::default() };
    tokenize(html, |token| guard.take(token));
    guard.out
}

/// The text of all `style` elements.
fn style_sheets(html: &str) -> String {
    let mut sheets = String::new();
    if !html.as_bytes().windows(6).any(|tag| tag.eq_ignore_ascii_case(b"<style")) {
        return sheets;
    }
    let mut within = false;
    tokenize(html, |token| match token {
        Token::Start { name: "style", .. } => within = true,
        Token::End { name: "style" } => within = false,
        Token::Text(text) if within => sheets.push_str(text),
        _ => {}
    });
    sheets
}

#[derive(Default)]
struct Guard {
    out: String,
    cascade: Cascade,
    open: Vec<String>,
    /// What is open, as selectors see it.
    around: Vec<Element>,
    /// Elements that a parser opens again in every block until they are closed (HTML §13.2.4.3).
    formatting: Vec<String>,
    elements: usize,
    /// Character references since the last tag.
    references: usize,
    /// Within an element whose content is no markup.
    raw: bool,
}

impl Guard {
    fn take(&mut self, token: Token<'_>) {
        match token {
            Token::Start { name, .. } if is_raw(name) => self.raw = true,
            Token::End { name } if is_raw(name) => self.raw = false,
            Token::Text(text) if !self.raw => self.text(text),
            Token::Start { name: "html" | "head", .. } | Token::End { name: "html" | "head" | "body" } => {}
            Token::Start { name, mut attributes } => {
                attributes.retain(is_bounded);
                self.start(name, attributes);
            }
            Token::End { name } => self.end(name),
            Token::Text(_) => {}
        }
    }

    fn text(&mut self, text: &str) {
        let is_full = self.elements >= MAX_ELEMENTS;
        for c in text.chars() {
            match c {
                '&' if is_full => self.out.push('＆'),
                '<' if is_full => self.out.push('‹'),
                '>' if is_full => self.out.push('›'),
                '&' => self.reference("&amp;"),
                '<' => self.reference("&lt;"),
                '>' => self.reference("&gt;"),
                '\0' => self.out.push('\u{fffd}'),
                _ => self.out.push(c),
            }
        }
    }

    fn reference(&mut self, reference: &str) {
        self.references += 1;
        if self.references > MAX_REFERENCES {
            self.references = 0;
            self.elements += 1;
            self.out.push_str("<wbr>");
        }
        self.out.push_str(reference);
    }

    fn start(&mut self, source: &str, attributes: Attributes) {
        let name = if source == "body" { "div" } else { source };
        self.close_implied(name);
        let is_formatting = is_formatting(name);
        if self.elements >= MAX_ELEMENTS
            || self.open.len() >= MAX_DEPTH
            || (is_formatting && self.formatting.len() >= MAX_DEPTH)
        {
            return;
        }
        self.elements += 1;
        self.references = 0;
        if is_formatting {
            self.formatting.push(name.to_owned());
        }
        let element = Element::new(source, attributes.clone());
        let attributes = self.dressed(&element, attributes);
        if !is_void(name) {
            self.open.push(name.to_owned());
            self.around.push(element);
        }
        write_start(&mut self.out, name, &attributes);
    }

    /// The attributes of an element with what the style sheets say of it, and marked where it quotes.
    fn dressed(&mut self, element: &Element, mut attributes: Attributes) -> Attributes {
        attributes.remove(folding::MARK);
        if let Some(extent) = folding::mark(element.name(), &attributes) {
            attributes.set(folding::MARK, extent.word());
        }
        if let Some(style) = self.cascade.styled(element, &self.around) {
            attributes.set("style", style);
        }
        ground::lift(&mut attributes);
        if element.name() == "body" { body_as_div(attributes) } else { attributes }
    }

    fn close_from(&mut self, at: usize) {
        self.open.truncate(at);
        self.around.truncate(at);
    }

    fn end(&mut self, name: &str) {
        let formatting = self.formatting.iter().rposition(|open| open == name);
        if let Some(at) = formatting {
            self.formatting.remove(at);
        }
        let open = self.open.iter().rposition(|open| open == name);
        if let Some(at) = open {
            self.close_from(at);
        }
        if open.is_some() || formatting.is_some() {
            write_end(&mut self.out, name);
        }
    }

    /// A new paragraph, item, row or cell ends the one before it, as far as the table or list that it stands in.
    fn close_implied(&mut self, name: &str) {
        let (ended, within): (&[&str], &[&str]) = match name {
            "p" => (&["p"], &["div", "td", "th", "li", "blockquote", "table", "body", "center"]),
            "li" => (&["li"], &["ul", "ol", "menu", "dir"]),
            "dt" | "dd" => (&["dt", "dd"], &["dl"]),
            "td" | "th" => (&["td", "th"], &["tr", "table"]),
            "tr" => (&["tr"], &["table", "tbody", "thead", "tfoot"]),
            "tbody" | "thead" | "tfoot" => (&["tbody", "thead", "tfoot"], &["table"]),
            _ => return,
        };
        let is = |open: &String, names: &[&str]| names.contains(&open.as_str());
        let found = self.open.iter().rposition(|open| is(open, ended) || is(open, within));
        if let Some(at) = found.filter(|at| self.open.get(*at).is_some_and(|open| is(open, ended))) {
            self.close_from(at);
        }
    }
}

fn is_raw(name: &str) -> bool {
    matches!(name, "script" | "style" | "title" | "textarea" | "xmp" | "iframe" | "noembed" | "noframes")
}

fn is_formatting(name: &str) -> bool {
    matches!(
        name,
        "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small" | "strike" | "strong" | "tt" | "u"
    )
}

/// Long values are images within the letter, or nothing that is needed.
fn is_bounded(name: &str, value: &str) -> bool {
    let is_data = name == "src" && value.bytes().all(|byte| !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\''));
    value.len() <= MAX_VALUE || is_data
}

fn body_as_div(mut attributes: Attributes) -> Attributes {
    let colour = attributes.remove("text").map(|text| format!("color:{text};")).unwrap_or_default();
    let background = attributes.remove("bgcolor").map(|colour| format!("background-color:{colour};"));
    let style = attributes.remove("style").unwrap_or_default();
    attributes.set("style", colour + &background.unwrap_or_default() + &style);
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_keeps_its_first_attributes() {
        let many: String = (0..1000).map(|n| format!(" a{n}=\"x>y\"")).collect();
        let html = format!("<p{many}>text</p><b c='d e f'>");
        let bounded = bound_attributes(&html);
        assert!(bounded.len() < 1500 && bounded.ends_with("text</p><b c='d e f'>"), "{}", bounded.len());
        assert!(matches!(bound_attributes("<p a=b c='d>e' f>g"), Cow::Borrowed(_)));
    }

    #[test]
    fn depth_and_number_have_bounds_and_text_stays() {
        let deep = bounded(&"<div>x".repeat(5000));
        assert_eq!(deep.matches("<div>").count(), MAX_DEPTH);
        assert_eq!(deep.matches('x').count(), 5000);
        let wide = bounded(&"<br>x".repeat(50_000));
        assert_eq!(wide.matches("<br>").count(), MAX_ELEMENTS);
        assert_eq!(wide.matches('x').count(), 50_000);
    }

    #[test]
    fn cells_and_items_that_nobody_closed_do_not_count_as_nested() {
        let rows = bounded(&format!("<table>{}</table>", "<tr><td>a<td>b".repeat(1000)));
        assert_eq!(rows.matches("<td>").count(), 2000);
        let items = bounded(&format!("<ul>{}</ul><p>{}", "<li>a".repeat(1000), "<p>b".repeat(1000)));
        assert_eq!((items.matches("<li>").count(), items.matches("<p>").count()), (1000, 1001));
    }

    #[test]
    fn a_body_keeps_its_colours() {
        assert_eq!(
            bounded("<html><body bgcolor=#eee text=red>x</body></html>"),
            "<div style=\"color:red;background-color:#eee;\">x"
        );
    }
}
