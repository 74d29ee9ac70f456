//! HTML to plain text: for the plain alternative of a letter, for quoting, for snippets and the search index.
//!
//! One pass over the tags, without a tree and without wrapping: a paragraph is one line, a blank line stands between
//! paragraphs, quotes have `> `, list items their mark. What is not shown (scripts, styles, the head) is left out.

use super::tokens::{Attributes, Token, is_void, tokenize};

/// How much of the structure is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rendering {
    /// As a person reads it: quote marks, list marks, link targets in angle brackets.
    Letter,
    /// The words alone.
    Words,
}

/// Characters of text that are written at most.
const MAX_TEXT: usize = 2 * 1024 * 1024;
/// Quote marks before a line at most.
const MAX_QUOTE: usize = 20;

/// The text of the HTML.
pub(crate) fn render(html: &str, rendering: Rendering) -> String {
    let mut writer = Writer::new(rendering);
    tokenize(html, |token| writer.take(token));
    writer.finish()
}

struct Writer {
    rendering: Rendering,
    out: String,
    line: String,
    /// Blank lines wanted before the next line.
    gap: usize,
    /// Whether white space is due before the next word.
    space: bool,
    quote: usize,
    /// The quote depth of the last line written.
    last_quote: usize,
    preformatted: usize,
    /// Elements whose text is not shown that are open.
    hidden: usize,
    /// One entry a list that is open: the number of the next item, or none where it has no numbers.
    lists: Vec<Option<u32>>,
    /// The link that is open: its target, and where its text begins in the line.
    link: Option<(String, usize)>,
}

impl Writer {
    fn new(rendering: Rendering) -> Self {
        Self {
            rendering,
            out: String::new(),
            line: String::new(),
            gap: 0,
            space: false,
            quote: 0,
            last_quote: 0,
            preformatted: 0,
            hidden: 0,
            lists: Vec::new(),
            link: None,
        }
    }

    fn take(&mut self, token: Token<'_>) {
        if self.out.len() + self.line.len() > MAX_TEXT {
            return;
        }
        match token {
            Token::Start { name, attributes } => self.start(name, &attributes),
            Token::End { name } => self.end(name),
            Token::Text(_) if self.hidden > 0 => {}
            Token::Text(text) if self.preformatted > 0 => self.preformatted_text(text),
            Token::Text(text) => self.flowing_text(text),
        }
    }

    fn start(&mut self, name: &str, attributes: &Attributes) {
        match name {
            "script" | "style" | "head" | "title" | "template" | "textarea" | "select" | "object" | "svg"
            | "math" => {
                self.hidden += 1;
            }
            "body" => self.hidden = 0,
            "br" => self.break_line(),
            "hr" => self.rule(),
            "img" => self.image(attributes),
            "a" => self.open_link(attributes),
            "blockquote" => {
                self.block(1);
                self.quote += 1;
            }
            "pre" => {
                self.block(1);
                self.preformatted += 1;
            }
            "ul" | "ol" | "menu" | "dir" => self.open_list(name),
            "li" => self.item(),
            "td" | "th" => self.space = true,
            _ => self.block_by_name(name),
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "script" | "style" | "head" | "title" | "template" | "textarea" | "select" | "object" | "svg"
            | "math" => {
                self.hidden = self.hidden.saturating_sub(1);
            }
            "a" => self.close_link(),
            "blockquote" => {
                self.block(1);
                self.quote = self.quote.saturating_sub(1);
            }
            "pre" => {
                self.block(1);
                self.preformatted = self.preformatted.saturating_sub(1);
            }
            "ul" | "ol" | "menu" | "dir" => {
                self.lists.pop();
                self.block(usize::from(self.lists.is_empty()));
            }
            "td" | "th" => self.space = true,
            _ if is_void(name) => {}
            _ => self.block_by_name(name),
        }
    }

    fn block_by_name(&mut self, name: &str) {
        match name {
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dl" | "fieldset" | "figure" => self.block(1),
            "div" | "tr" | "table" | "tbody" | "thead" | "tfoot" | "section" | "article" | "header" | "footer"
            | "main" | "aside" | "nav" | "address" | "center" | "form" | "li" | "dt" | "dd" | "caption"
            | "summary" | "details" | "figcaption" | "option" => self.block(0),
            _ => {}
        }
    }

    fn flowing_text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                ' ' | '\t' | '\n' | '\r' | '\u{c}' => self.space = true,
                '\u{200b}' | '\u{ad}' | '\u{feff}' => {}
                _ => {
                    if self.space && !self.line.is_empty() {
                        self.line.push(' ');
                    }
                    self.space = false;
                    self.line.push(if c == '\u{a0}' { ' ' } else { c });
                }
            }
        }
    }

    fn preformatted_text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' => self.break_line(),
                '\r' => {}
                _ => self.line.push(c),
            }
        }
    }

    /// Ends the line, and wants this many blank lines before the next one.
    fn block(&mut self, gap: usize) {
        if !self.line.trim().is_empty() {
            self.flush();
            self.gap = gap;
        } else {
            self.line.clear();
            self.gap = self.gap.max(gap);
        }
        self.space = false;
        if let Some((_, start)) = &mut self.link {
            *start = 0;
        }
    }

    fn break_line(&mut self) {
        if self.line.trim().is_empty() && !self.out.is_empty() {
            self.line.clear();
            self.gap = (self.gap + 1).min(2);
        } else {
            self.flush();
        }
        self.space = false;
        if let Some((_, start)) = &mut self.link {
            *start = 0;
        }
    }

    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = line.trim_end();
        if !self.out.is_empty() {
            for _ in 0..self.gap {
                self.quote_marks(self.quote.min(self.last_quote));
                self.out.push('\n');
            }
        }
        self.gap = 0;
        if !line.is_empty() {
            self.last_quote = self.quote;
            self.quote_marks(self.quote);
            if self.quote > 0 && self.rendering == Rendering::Letter {
                self.out.push(' ');
            }
            self.out.push_str(line);
            self.out.push('\n');
        }
    }

    fn quote_marks(&mut self, depth: usize) {
        if self.rendering == Rendering::Letter {
            self.out.extend(std::iter::repeat_n('>', depth.min(MAX_QUOTE)));
        }
    }

    fn rule(&mut self) {
        self.block(0);
        if self.rendering == Rendering::Letter {
            self.line.push_str("---");
            self.block(0);
        }
    }

    fn image(&mut self, attributes: &Attributes) {
        if let Some(alt) = attributes.get("alt").map(str::trim).filter(|alt| !alt.is_empty() && self.hidden == 0) {
            self.space = true;
            self.flowing_text(alt);
            self.space = true;
        }
    }

    fn open_link(&mut self, attributes: &Attributes) {
        self.close_link();
        let target = attributes.get("href").unwrap_or_default().trim();
        if self.rendering == Rendering::Letter && is_worth_writing(target) {
            self.link = Some((target.to_owned(), self.line.len()));
        }
    }

    /// Writes the target behind the text, unless the text is the target.
    fn close_link(&mut self) {
        let Some((target, start)) = self.link.take() else { return };
        let text = self.line.get(start..).unwrap_or_default().trim();
        if !text.is_empty() && !says_the_same(text, &target) {
            self.line.push_str(" <");
            self.line.push_str(&target);
            self.line.push('>');
        }
    }

    fn open_list(&mut self, name: &str) {
        self.block(usize::from(self.lists.is_empty()));
        if self.lists.len() < 32 {
            self.lists.push((name == "ol").then_some(1));
        }
    }

    fn item(&mut self) {
        self.block(0);
        if self.rendering == Rendering::Words {
            return;
        }
        for _ in 1..self.lists.len() {
            self.line.push_str("  ");
        }
        match self.lists.last_mut() {
            Some(Some(number)) => {
                self.line.push_str(&format!("{number}. "));
                *number = number.saturating_add(1);
            }
            _ => self.line.push_str("* "),
        }
    }

    fn finish(mut self) -> String {
        self.close_link();
        if !self.line.trim().is_empty() {
            self.flush();
        }
        self.out.truncate(self.out.trim_end().len());
        self.out
    }
}

/// Targets that say something on paper.
fn is_worth_writing(target: &str) -> bool {
    let lower = target.get(..8).unwrap_or(target).to_ascii_lowercase();
    lower.starts_with("http:") || lower.starts_with("https:") || lower.starts_with("mailto:")
}

fn says_the_same(text: &str, target: &str) -> bool {
    let bare = |s: &str| {
        let s = s.strip_prefix("mailto:").unwrap_or(s);
        let s = s.strip_prefix("https://").or_else(|| s.strip_prefix("http://")).unwrap_or(s);
        s.trim_end_matches('/').to_lowercase()
    };
    bare(text) == bare(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_reads_as_a_plain_letter() {
        let table = [
            ("<p>One\n two</p><p>Three</p>", "One two\n\nThree"),
            ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),
            ("a<br>b<br><br>c", "a\nb\n\nc"),
            ("<ul><li>x</li><li>y<ol><li>z</ol></ul>end", "* x\n* y\n  1. z\n\nend"),
            ("<blockquote><p>q</p><blockquote>r</blockquote></blockquote>a", "> q\n>\n>> r\n\na"),
            ("<a href='https://example.org/'>example.org</a>", "example.org"),
            ("<a href='https://example.org/x'>here</a>.", "here <https://example.org/x>."),
            ("<a href='javascript:x()'>here</a>", "here"),
            ("<style>p{}</style><script>x</script><title>t</title>&lt;b&gt;&nbsp;x", "<b> x"),
            ("<pre>a  b\n\nc</pre>", "a  b\n\nc"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
            ("x<img alt='a cat' src=y>z<hr>w", "x a cat z\n---\nw"),
            ("<head><title>no</title></head><body>yes", "yes"),
        ];
        for (html, text) in table {
            assert_eq!(render(html, Rendering::Letter), text, "{html}");
        }
    }

    #[test]
    fn for_the_index_only_the_words_are_kept() {
        let html = "<blockquote>q</blockquote><ul><li>x</ul><a href='https://example.org'>here</a>";
        assert_eq!(render(html, Rendering::Words), "q\n\nx\n\nhere");
    }
}
