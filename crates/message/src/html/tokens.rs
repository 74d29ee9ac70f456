//! HTML as a stream of tags and text, by html5ever's tokenizer: in one pass, without a tree, whatever the input is.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{RawKind, Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{
    BufferQueue, StartTag, TagToken, Token as Html5Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use std::cell::RefCell;

/// One piece of HTML. Comments, doctypes and what is wrong between tags are left out.
#[derive(Debug)]
pub(crate) enum Token<'a> {
    Start { name: &'a str, attributes: Attributes },
    End { name: &'a str },
    Text(&'a str),
}

/// The attributes of a tag, decoded, names in lower case, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Sets an attribute, once.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.0.push((name.to_owned(), value.into()));
    }

    /// Takes an attribute away.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(given, _)| given == name)?;
        Some(self.0.remove(at).1)
    }

    /// Keeps the attributes for which this holds.
    pub fn retain(&mut self, keep: impl Fn(&str, &str) -> bool) {
        self.0.retain(|(name, value)| keep(name, value));
    }

    /// Every attribute, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Hands every token to `each`.
pub(crate) fn tokenize(html: &str, each: impl FnMut(Token<'_>)) {
    let sink = Sink { each: RefCell::new(each) };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(&super::guard::bound_attributes(html)));
    // It stops early only where a sink asks for that, and this one does not.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
}

/// Whether the element has no content and no end tag.
pub(crate) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "br"
            | "col"
            | "embed"
            | "frame"
            | "hr"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Writes text so that no parser takes any of it for markup.
pub(crate) fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{a0}' => out.push_str("&nbsp;"),
            '\0' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
}

/// Writes a start tag.
pub(crate) fn write_start(out: &mut String, name: &str, attributes: &Attributes) {
    out.push('<');
    out.push_str(name);
    for (name, value) in attributes.iter() {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        escape_into(out, value);
        out.push('"');
    }
    out.push('>');
}

/// Writes an end tag.
pub(crate) fn write_end(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

struct Sink<F> {
    each: RefCell<F>,
}

impl<F: FnMut(Token<'_>)> TokenSink for Sink<F> {
    type Handle = ();

    fn process_token(&self, token: Html5Token, _line: u64) -> TokenSinkResult<()> {
        let mut each = self.each.borrow_mut();
        match token {
            TagToken(tag) if tag.kind == StartTag => {
                let attributes = tag.attrs.into_iter().map(|a| (a.name.local.to_string(), a.value.to_string()));
                each(Token::Start { name: &tag.name, attributes: Attributes(attributes.collect()) });
                match raw_kind(&tag.name) {
                    Some(kind) => TokenSinkResult::RawData(kind),
                    None => TokenSinkResult::Continue,
                }
            }
            TagToken(tag) => {
                each(Token::End { name: &tag.name });
                TokenSinkResult::Continue
            }
            Html5Token::CharacterTokens(text) => {
                each(Token::Text(&text));
                TokenSinkResult::Continue
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

/// The elements whose content is not markup (HTML §13.2.6.4, scripting off).
fn raw_kind(name: &str) -> Option<RawKind> {
    match name {
        "title" | "textarea" => Some(Rcdata),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(Rawtext),
        "script" => Some(ScriptData),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(html: &str) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let mut in_text = false;
        tokenize(html, |token| match (std::mem::replace(&mut in_text, matches!(token, Token::Text(_))), token) {
            (_, Token::Start { name, attributes }) => {
                let mut tag = String::new();
                write_start(&mut tag, name, &attributes);
                out.push(tag);
            }
            (_, Token::End { name }) => out.push(format!("/{name}")),
            (true, Token::Text(text)) => {
                let before = out.pop().unwrap();
                out.push(before + text);
            }
            (false, Token::Text(text)) => out.push(text.to_owned()),
        });
        out
    }

    #[test]
    fn scripts_and_styles_are_text_to_their_end_tag() {
        assert_eq!(spelled("<script>a<b></script>c"), ["<script>", "a<b>", "/script", "c"]);
        assert_eq!(spelled("<STYLE>p>a{}</style>"), ["<style>", "p>a{}", "/style"]);
        assert_eq!(spelled("<title>a<b>&amp;</title>"), ["<title>", "a<b>&", "/title"]);
    }

    #[test]
    fn attributes_are_decoded_and_written_back_inert() {
        assert_eq!(spelled("<a HREF='x\"&lt;y' href=z b>"), ["<a href=\"x&quot;&lt;y\" b=\"\">"]);
    }
}
