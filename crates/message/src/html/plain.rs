//! Plain text as HTML: quotations nested by their marks, links made, the signature set apart, the quotation at the end
//! folded away.

use super::sheet::{FOLD_END, FOLD_START};
use super::tokens::escape_into;
use crate::flowed::quoted;
use linkify::{LinkFinder, LinkKind};

/// Quotations nested deeper are shown on this level.
const MAX_QUOTE: usize = 12;
/// Lines of a quotation between the writer's own words that are shown unfolded.
const LONG_QUOTE: usize = 12;

/// How much is made of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dress {
    /// To be read: links, folding, a quiet signature.
    Reading,
    /// For an editor: paragraphs and quotations alone.
    Editing,
}

/// Text as safe content.
pub(crate) fn content(text: &str, dress: Dress) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let blocks = blocks(&text);
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for (at, block) in blocks.iter().enumerate() {
        let is_last = blocks.iter().skip(at + 1).all(|block| block.is_blank());
        let folds =
            dress == Dress::Reading && block.is_quote && at > 0 && (is_last || block.lines.len() > LONG_QUOTE);
        if folds {
            out.push_str(FOLD_START);
        }
        block.write(&mut out, dress);
        if folds {
            out.push_str(FOLD_END);
        }
    }
    out
}

/// Lines that are all quoted, or all the writer's own.
struct Block<'a> {
    is_quote: bool,
    lines: Vec<(usize, &'a str)>,
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for line in text.trim_end().lines() {
        let (depth, content) = quoted(line);
        let line = (depth.min(MAX_QUOTE), content);
        match blocks.last_mut() {
            Some(block) if block.is_quote == (depth > 0) => block.lines.push(line),
            _ => blocks.push(Block { is_quote: depth > 0, lines: vec![line] }),
        }
    }
    blocks
}

impl Block<'_> {
    fn is_blank(&self) -> bool {
        !self.is_quote && self.lines.iter().all(|(_, line)| line.trim().is_empty())
    }

    fn write(&self, out: &mut String, dress: Dress) {
        let mut open = 0;
        let mut runs = self.lines.chunk_by(|a, b| a.0 == b.0).peekable();
        while let Some(run) = runs.next() {
            let depth = run.first().map_or(0, |(depth, _)| *depth);
            while open < depth {
                out.push_str(if dress == Dress::Editing { "<blockquote type=\"cite\">" } else { "<blockquote>" });
                open += 1;
            }
            while open > depth {
                out.push_str("</blockquote>");
                open -= 1;
            }
            let is_end = runs.peek().is_none() && !self.is_quote;
            paragraphs(run, is_end, out, dress);
        }
        for _ in 0..open {
            out.push_str("</blockquote>");
        }
    }
}

/// Blank lines part paragraphs; lines within one stay lines.
fn paragraphs(lines: &[(usize, &str)], may_sign: bool, out: &mut String, dress: Dress) {
    let signature =
        lines.iter().rposition(|(_, line)| *line == "-- ").filter(|_| may_sign && dress == Dress::Reading);
    let (body, signed) = lines.split_at(signature.unwrap_or(lines.len()));
    for paragraph in body.split(|(_, line)| line.trim().is_empty()).filter(|lines| !lines.is_empty()) {
        out.push_str(if dress == Dress::Reading { "<p class=\"pr-text\">" } else { "<p>" });
        write_lines(paragraph, out, dress);
        out.push_str("</p>");
    }
    if !signed.is_empty() {
        out.push_str("<div class=\"pr-text pr-signature\">");
        write_lines(signed, out, dress);
        out.push_str("</div>");
    }
}

fn write_lines(lines: &[(usize, &str)], out: &mut String, dress: Dress) {
    for (at, (_, line)) in lines.iter().enumerate() {
        if at > 0 {
            out.push_str("<br>");
        }
        match dress {
            Dress::Reading => linked(line, out),
            Dress::Editing => escape_into(out, line),
        }
    }
}

/// Web and mail addresses become links. A link is only made of what says where it goes.
fn linked(line: &str, out: &mut String) {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url, LinkKind::Email]).url_must_have_scheme(true);
    for span in finder.spans(line) {
        let text = span.as_str();
        let target = match span.kind() {
            Some(LinkKind::Email) => Some(format!("mailto:{text}")),
            Some(_) if is_web(text) => Some(text.to_owned()),
            _ => None,
        };
        match target {
            Some(target) => {
                out.push_str("<a href=\"");
                escape_into(out, &target);
                out.push_str("\" target=\"_blank\" rel=\"noopener noreferrer\">");
                escape_into(out, text);
                out.push_str("</a>");
            }
            None => escape_into(out, text),
        }
    }
}

fn is_web(url: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}
