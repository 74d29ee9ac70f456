//! What of a letter's page is in sight at first, block by block: from this its height is found before the page is laid
//! out. Nothing runs in the frame of a letter that could say how tall it is.
//!
//! The blocks are what the page's own style sheet (`sheet`) and the usual one of browsers make of it: sizes of type,
//! distances and insets, in pixels. What the letter says of these itself is passed over, and the cells of a row stand
//! behind each other: for a page that is laid out like a poster it is a guess.

use super::tokens::{Attributes, Token, is_void, tokenize};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Characters and blocks that are given at most: more than a screen holds.
const MAX_TEXT: usize = 8_000;
const MAX_BLOCKS: usize = 400;
/// The size of type, in pixels.
const FONT: u16 = 15;
/// The size of type that is preformatted.
const SMALL: u16 = 13;
/// How tall a picture is that does not say so.
const PICTURE: u16 = 160;
/// How tall a picture is at most that says so.
const TALLEST: u16 = 2_000;

/// A part of a page, below the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Block {
    /// Text, with the breaks of its lines; wrapped where the page is too narrow for it.
    pub text: String,
    /// The size of its type.
    pub font: u16,
    /// How far it is moved in.
    pub inset: u16,
    /// How far what stands before is from what comes behind, at least. Such a block is empty.
    pub gap: u16,
    /// How tall it is, where it is no text.
    pub height: u16,
}

/// The blocks of a document that this program made.
pub fn extent(document: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    tokenize(document, |token| reader.take(token));
    reader.flush();
    reader.blocks
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    written: usize,
    line: String,
    space: bool,
    /// The elements that are open and matter.
    open: Vec<Element>,
    /// Elements that are not in sight and are open.
    hidden: usize,
}

struct Element {
    name: String,
    font: u16,
    inset: u16,
    below: u16,
    is_preformatted: bool,
    /// Whether it is a quotation that is folded away.
    folds: bool,
    /// Whether it is the handle of one.
    is_handle: bool,
}

impl Reader {
    fn take(&mut self, token: Token<'_>) {
        if self.written > MAX_TEXT || self.blocks.len() > MAX_BLOCKS {
            return;
        }
        match token {
            Token::Start { name, attributes } => self.start(name, &attributes),
            Token::End { name } => self.end(name),
            Token::Text(_) if self.hidden > 0 => {}
            Token::Text(text) => self.text(text),
        }
    }

    fn start(&mut self, name: &str, attributes: &Attributes) {
        match name {
            "head" | "style" | "title" => self.hidden += 1,
            "br" if self.hidden == 0 => self.line.push('\n'),
            "img" if self.hidden == 0 => self.picture(attributes),
            "hr" if self.hidden == 0 => self.rule(),
            "td" | "th" => self.space = true,
            _ if is_void(name) || !is_block(name) => {}
            _ => self.open_block(name, attributes),
        }
    }

    fn open_block(&mut self, name: &str, attributes: &Attributes) {
        self.flush();
        let (font, inset) = self.open.last().map_or((FONT, 0), |outer| (outer.font, outer.inset));
        let class = attributes.get("class").unwrap_or_default();
        let (font, above, below) = match name {
            "h1" => (30, 20, 20),
            "h2" => (22, 19, 19),
            "h3" => (18, 18, 18),
            "h4" => (FONT, 20, 20),
            "pre" => (SMALL, 0, 15),
            "p" | "blockquote" | "summary" => (font, 0, 15),
            "ul" | "ol" | "dl" if !self.open.iter().any(|outer| outer.name == name) => (font, 15, 15),
            _ => (font, 0, 0),
        };
        let inset = inset
            + match name {
                "ul" | "ol" | "dd" => 40,
                "blockquote" => 14,
                _ => 0,
            };
        self.gap(above);
        let is_preformatted =
            name == "pre" || class == "pr-text" || self.open.last().is_some_and(|e| e.is_preformatted);
        let folds = name == "details" && class == "pr-quote";
        // Of what is folded away, the handle is in sight.
        let is_handle = name == "summary" && self.open.last().is_some_and(|outer| outer.folds);
        self.open.push(Element { name: name.to_owned(), font, inset, below, is_preformatted, folds, is_handle });
        self.hidden = self.hidden.saturating_sub(usize::from(is_handle)) + usize::from(folds);
    }

    fn end(&mut self, name: &str) {
        match name {
            "head" | "style" | "title" => self.hidden = self.hidden.saturating_sub(1),
            _ if is_block(name) => {
                let Some(at) = self.open.iter().rposition(|open| open.name == name) else { return };
                self.flush();
                for closed in self.open.drain(at..).rev().collect::<Vec<_>>() {
                    self.hidden = self.hidden.saturating_sub(usize::from(closed.folds));
                    self.gap(closed.below);
                    self.hidden += usize::from(closed.is_handle);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.open.last().is_some_and(|open| open.is_preformatted) {
            return self.line.push_str(text);
        }
        for c in text.chars() {
            if matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}') {
                self.space = true;
                continue;
            }
            if self.space && !self.line.is_empty() && !self.line.ends_with('\n') {
                self.line.push(' ');
            }
            self.space = false;
            self.line.push(c);
        }
    }

    /// Ends a run of text.
    fn flush(&mut self) {
        self.space = false;
        let text = std::mem::take(&mut self.line);
        if text.is_empty() || self.hidden > 0 {
            return;
        }
        self.written += text.len();
        let (font, inset) = self.open.last().map_or((FONT, 0), |open| (open.font, open.inset));
        self.blocks.push(Block { text, font, inset, ..Block::default() });
    }

    fn gap(&mut self, gap: u16) {
        if gap > 0 && self.hidden == 0 {
            self.blocks.push(Block { gap, ..Block::default() });
        }
    }

    fn rule(&mut self) {
        self.flush();
        self.gap(8);
        self.blocks.push(Block { height: 1, ..Block::default() });
        self.gap(8);
    }

    /// One that is still to be loaded has its place where it says how large it is; else its words are there.
    fn picture(&mut self, attributes: &Attributes) {
        let height = stated_height(attributes);
        match (height, attributes.get("data-src")) {
            (None, Some(_)) => self.text(attributes.get("alt").unwrap_or_default()),
            (height, _) => {
                self.flush();
                let height = height.unwrap_or(PICTURE).min(TALLEST);
                self.blocks.push(Block { height, ..Block::default() });
            }
        }
    }
}

fn stated_height(attributes: &Attributes) -> Option<u16> {
    let pixels =
        |text: &str| text.trim().trim_end_matches("px").trim().parse::<f32>().ok().map(|n| n.max(0.0) as u16);
    let style = attributes.get("style").unwrap_or_default();
    let said = style.split(';').find_map(|one| one.trim().strip_prefix("height:").and_then(pixels));
    said.or_else(|| attributes.get("height").and_then(pixels))
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "div"
            | "blockquote"
            | "pre"
            | "ul"
            | "ol"
            | "li"
            | "dl"
            | "dt"
            | "dd"
            | "table"
            | "tr"
            | "center"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "figure"
            | "figcaption"
            | "address"
            | "details"
            | "summary"
    )
}

#[cfg(test)]
mod tests {
    use super::super::{HtmlOptions, from_text, safe};
    use super::*;

    /// Each block in a word: text with its size and inset, a gap as `+15`, a height as `=40`.
    fn told(document: &str) -> String {
        let block = |block: &Block| match block {
            Block { gap, .. } if *gap > 0 => format!("+{gap}"),
            Block { height, .. } if *height > 0 => format!("={height}"),
            Block { text, font, inset, .. } if (*font, *inset) == (FONT, 0) => format!("{text:?}"),
            Block { text, font, inset, .. } => format!("{text:?}@{font}/{inset}"),
        };
        extent(document).iter().map(block).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_page_is_told_in_blocks() {
        let table = [
            ("<p>One\n two</p><p>Three</p>", "\"One two\" +15 \"Three\" +15"),
            ("<div>One</div><div><br></div><div>Two</div>", "\"One\" \"\\n\" \"Two\""),
            ("a<br>b <b>c</b>", "\"a\\nb c\""),
            ("<h2>Head</h2>x", "+19 \"Head\"@22/0 +19 \"x\""),
            ("<ul><li>x<li>y</ul>z", "+15 \"x\"@15/40 \"y\"@15/40 +15 \"z\""),
            ("<blockquote>q</blockquote>", "\"q\"@15/14 +15"),
            ("<pre>a\n b</pre>", "\"a\\n b\"@13/0 +15"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "\"a b\" \"c\""),
            ("x<img src='cid:a' height=40>y<hr>", "\"x\" =40 \"y\" +8 =1 +8"),
            ("<img src='cid:a' style='height:30px'>", "=30"),
            ("<img src='https://x.test/a.png' alt='A cat'>", "\"A cat\""),
        ];
        for (html, expected) in table {
            assert_eq!(told(&safe(html, &HtmlOptions::default()).document), expected, "{html}");
        }
    }

    #[test]
    fn what_is_folded_away_counts_as_its_handle() {
        let answer = "Yes.\n\nOn Monday, Anna wrote:\n> May it stay?\n> Or not?\n";
        assert_eq!(told(&from_text(answer).document), "\"Yes.\" +15 \"Quoted text\" +15");
        let html = "<p>Yes.</p><div class=gmail_quote>On Monday<blockquote>May it?</blockquote></div>";
        assert_eq!(told(&safe(html, &HtmlOptions::default()).document), "\"Yes.\" +15 \"Quoted text\" +15");
    }

    #[test]
    fn a_handle_that_folds_nothing_hides_nothing() {
        assert_eq!(told("<details><summary>a</summary>b</details>c"), "\"a\" +15 \"b\" \"c\"");
    }

    #[test]
    fn a_long_page_is_not_told_to_its_end() {
        let html = format!("<p>{}</p>", "word ".repeat(100_000));
        assert!(extent(&format!("<body>{}</body>", html.repeat(3))).len() <= 2);
        assert!(extent(&"<p>x</p>".repeat(10_000)).len() <= MAX_BLOCKS + 2);
    }
}
