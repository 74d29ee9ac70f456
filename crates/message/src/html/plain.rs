//! Plain text as HTML: quotations nested by their marks, links made, the signature set apart, the quotation at the end
//! folded away with the words that lead up to it.

use super::links::Link;
use super::sheet::{FOLD_END, FOLD_START};
use super::tokens::escape_into;
use super::{Quotation, intro};
use crate::flowed::quoted;
use linkify::{LinkFinder, LinkKind};

/// Quotations nested deeper are shown on this level.
const MAX_QUOTE: usize = 12;
/// Lines of a quotation between the writer's own words that are shown unfolded.
const LONG_QUOTE: usize = 12;
/// Lines that “On Monday Anna wrote:” may be broken into.
const MAX_INTRO: usize = 3;

/// How much is made of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dress {
    /// To be read: links, folding, a quiet signature.
    Reading(Quotation),
    /// For an editor: paragraphs and quotations alone.
    Editing,
}

impl Dress {
    fn folds(self) -> bool {
        self == Self::Reading(Quotation::Folded)
    }
}

/// Text as safe content; the links that were made are added to `links`.
pub(crate) fn content(text: &str, dress: Dress, links: &mut Vec<Link>) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let blocks = blocks(&text, dress.folds());
    let mut writer = Writer { out: String::with_capacity(text.len() + text.len() / 4), dress, links };
    for (at, block) in blocks.iter().enumerate() {
        let is_last = blocks.iter().skip(at + 1).all(Block::is_blank);
        let has_words_before = blocks.iter().take(at).any(|block| !block.is_blank());
        let is_long = block.lines.len() > LONG_QUOTE;
        let folds = dress.folds() && block.is_quoted() && has_words_before && (is_last || is_long);
        if folds {
            writer.out.push_str(FOLD_START);
        }
        writer.block(block);
        if folds {
            writer.out.push_str(FOLD_END);
        }
    }
    writer.out
}

/// Whose the lines of a block are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// The writer's own.
    Own,
    /// Marked as quoted, with the words that lead up to it.
    Quoted,
    /// Quoted whole behind a line that says so, without marks.
    Attached,
}

struct Block<'a> {
    whose: Whose,
    lines: Vec<(usize, &'a str)>,
}

fn blocks(text: &str, finds_attached: bool) -> Vec<Block<'_>> {
    let lines: Vec<(usize, &str)> = text
        .trim_end()
        .lines()
        .map(|line| {
            let (depth, content) = quoted(line);
            (depth.min(MAX_QUOTE), content)
        })
        .collect();
    let attached = if finds_attached { attached_from(&lines) } else { None };
    let (lines, rest) = lines.split_at(attached.unwrap_or(lines.len()));
    let mut blocks = own_and_quoted(lines, finds_attached);
    if !rest.is_empty() {
        blocks.push(Block { whose: Whose::Attached, lines: rest.to_vec() });
    }
    blocks
}

fn own_and_quoted<'a>(lines: &[(usize, &'a str)], takes_intro: bool) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for line in lines {
        let whose = if line.0 > 0 { Whose::Quoted } else { Whose::Own };
        match blocks.last_mut() {
            Some(block) if block.whose == whose => block.lines.push(*line),
            before => {
                let intro = before.filter(|_| takes_intro && whose == Whose::Quoted).map(take_intro);
                let mut lines = intro.unwrap_or_default();
                lines.push(*line);
                blocks.push(Block { whose, lines });
            }
        }
    }
    blocks
}

/// Takes the words that lead up to a quotation from the end of the block before it.
fn take_intro<'a>(block: &mut Block<'a>) -> Vec<(usize, &'a str)> {
    let end = block.lines.iter().rposition(|(_, line)| !line.trim().is_empty()).map_or(0, |at| at + 1);
    let begins = |count: usize| {
        let lines = block.lines.get(end.checked_sub(count)?..end)?;
        let joined = lines.iter().map(|(_, line)| line.trim()).collect::<Vec<_>>().join(" ");
        let is_whole = lines.iter().all(|(_, line)| !line.trim().is_empty());
        (is_whole && intro::is_attribution(&joined)).then_some(end - count)
    };
    // One that is broken over lines begins where a paragraph does, or with its date.
    let longest = (1..=MAX_INTRO).rev().filter_map(|count| Some((count, begins(count)?)));
    let found = longest.into_iter().find(|(count, at)| {
        let before = at.checked_sub(1).and_then(|at| block.lines.get(at));
        *count == 1 || before.is_none_or(|(_, line)| line.trim().is_empty())
    });
    found.map(|(_, at)| block.lines.split_off(at)).unwrap_or_default()
}

/// Where a letter begins that is quoted without marks: behind “Original Message”, or with the headers that Outlook
/// writes out.
fn attached_from(lines: &[(usize, &str)]) -> Option<usize> {
    let begins = |at: usize| {
        let line = |by: usize| lines.get(at + by).filter(|(depth, _)| *depth == 0).map(|(_, line)| line.trim());
        let first = line(0).unwrap_or_default();
        let is_rule = |line: &str| line.len() >= 5 && line.chars().all(|c| matches!(c, '_' | '-'));
        let has_headers =
            |by: usize| line(by).is_some_and(intro::is_header) && line(by + 1).is_some_and(intro::is_second_header);
        intro::is_original_message(first) || has_headers(0) || (is_rule(first) && (has_headers(1) || has_headers(2)))
    };
    let found = (0..lines.len()).find(|at| begins(*at))?;
    let is_forwarded = lines.iter().take(found + 1).any(|(_, line)| intro::forwards(line));
    (!is_forwarded).then_some(found)
}

impl Block<'_> {
    fn is_blank(&self) -> bool {
        self.whose == Whose::Own && self.lines.iter().all(|(_, line)| line.trim().is_empty())
    }

    fn is_quoted(&self) -> bool {
        self.whose != Whose::Own
    }
}

struct Writer<'a> {
    out: String,
    dress: Dress,
    links: &'a mut Vec<Link>,
}

impl Writer<'_> {
    fn block(&mut self, block: &Block<'_>) {
        let mut open = 0;
        let mut runs = block.lines.chunk_by(|a, b| a.0 == b.0).peekable();
        while let Some(run) = runs.next() {
            let depth = run.first().map_or(0, |(depth, _)| *depth);
            while open < depth {
                let is_editing = self.dress == Dress::Editing;
                self.out.push_str(if is_editing { "<blockquote type=\"cite\">" } else { "<blockquote>" });
                open += 1;
            }
            while open > depth {
                self.out.push_str("</blockquote>");
                open -= 1;
            }
            let is_end = runs.peek().is_none() && block.whose == Whose::Own;
            self.paragraphs(run, is_end);
        }
        for _ in 0..open {
            self.out.push_str("</blockquote>");
        }
    }

    /// Blank lines part paragraphs; lines within one stay lines.
    fn paragraphs(&mut self, lines: &[(usize, &str)], may_sign: bool) {
        let is_reading = self.dress != Dress::Editing;
        let signature = lines.iter().rposition(|(_, line)| *line == "-- ").filter(|_| may_sign && is_reading);
        let (body, signed) = lines.split_at(signature.unwrap_or(lines.len()));
        for paragraph in body.split(|(_, line)| line.trim().is_empty()).filter(|lines| !lines.is_empty()) {
            self.out.push_str(if is_reading { "<p class=\"pr-text\">" } else { "<p>" });
            self.lines(paragraph);
            self.out.push_str("</p>");
        }
        if !signed.is_empty() {
            self.out.push_str("<div class=\"pr-text pr-signature\">");
            self.lines(signed);
            self.out.push_str("</div>");
        }
    }

    fn lines(&mut self, lines: &[(usize, &str)]) {
        for (at, (_, line)) in lines.iter().enumerate() {
            if at > 0 {
                self.out.push_str("<br>");
            }
            match self.dress {
                Dress::Reading(_) => self.linked(line),
                Dress::Editing => escape_into(&mut self.out, line),
            }
        }
    }

    /// Web and mail addresses become links. A link is only made of what says where it goes.
    fn linked(&mut self, line: &str) {
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
                Some(target) => self.link(target, text),
                None => escape_into(&mut self.out, text),
            }
        }
    }

    fn link(&mut self, target: String, text: &str) {
        self.out.push_str("<a href=\"");
        escape_into(&mut self.out, &target);
        self.out.push_str("\" target=\"_blank\" rel=\"noopener noreferrer\">");
        escape_into(&mut self.out, text);
        self.out.push_str("</a>");
        if self.links.len() < super::rewrite::MAX_LINKS {
            self.links.push(Link { text: text.to_owned(), target });
        }
    }
}

fn is_web(url: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}
