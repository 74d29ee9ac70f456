//! Marks what was searched for in the finished document of a letter.
//!
//! What comes in is a document that this crate made; nothing but `<mark class="postrider-hit">` and its end is put in,
//! and only around text: never within a tag, a character reference, or what is not shown (style, title, script).

use model::query::Marker;
use std::ops::Range;

/// Marks that a document gets at most.
const MOST: usize = 2000;

const BEGIN: &str = "<mark class=\"postrider-hit\">";
const END: &str = "</mark>";

/// The elements whose text is not shown.
const UNSHOWN: [&str; 4] = ["style", "title", "script", "textarea"];

/// The document with what was searched for marked.
pub fn highlight(document: &str, marker: &Marker) -> String {
    if marker.is_empty() {
        return document.to_owned();
    }
    let mut marked = String::with_capacity(document.len() + 1024);
    let mut end = 0;
    let mut count = 0;
    for text in texts(document) {
        let shown = document.get(text.clone()).unwrap_or_default();
        for place in marker.places(shown) {
            if count == MOST {
                break;
            }
            count += 1;
            let (from, to) = (text.start + place.start, text.start + place.end);
            marked.push_str(document.get(end..from).unwrap_or_default());
            marked.push_str(BEGIN);
            marked.push_str(document.get(from..to).unwrap_or_default());
            marked.push_str(END);
            end = to;
        }
    }
    marked.push_str(document.get(end..).unwrap_or_default());
    marked
}

/// Where text stands in a document: between tags, without character references.
fn texts(document: &str) -> Vec<Range<usize>> {
    let mut texts = Vec::new();
    let mut at = 0;
    while let Some(rest) = document.get(at..).filter(|rest| !rest.is_empty()) {
        let length = match rest.bytes().next() {
            Some(b'<') => tag(rest),
            Some(b'&') => {
                rest.find(|c: char| c == ';' || c.is_whitespace() || c == '<').map_or(rest.len(), |end| end.max(1))
            }
            _ => {
                let length = rest.find(['<', '&']).unwrap_or(rest.len());
                texts.push(at..at + length);
                length
            }
        };
        at += length;
    }
    texts
}

/// How long a tag or comment is; with its content, where that is not shown.
fn tag(rest: &str) -> usize {
    let until = |what: &str| rest.find(what).map_or(rest.len(), |at| at + what.len());
    if rest.starts_with("<!--") {
        return until("-->");
    }
    let name = rest.get(1..).unwrap_or_default();
    for unshown in UNSHOWN {
        let begins = name.get(..unshown.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(unshown));
        if begins && !name.get(unshown.len()..).is_some_and(|next| next.starts_with(char::is_alphanumeric)) {
            return until(&format!("</{unshown}>"));
        }
    }
    let mut quote = None;
    for (at, letter) in rest.char_indices() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (None, '>') => return at + 1,
            (Some(mark), letter) if mark == letter => quote = None,
            _ => (),
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::query::{Ending, Place, Query, Sought};
    use proptest::prelude::*;

    fn marker(words: &str) -> Marker {
        Marker::of(&Query::Words(Sought::of(words, Place::Anywhere, Ending::Open).expect("words")))
    }

    fn shown(words: &str, document: &str) -> String {
        highlight(document, &marker(words)).replace(BEGIN, "[").replace(END, "]")
    }

    #[test]
    fn only_text_is_marked() {
        let table = [
            ("bees", "<p>Of bees</p>", "<p>Of [bees]</p>"),
            ("bees", "<p class=\"bees\" title='> bees'>Bees</p>", "<p class=\"bees\" title='> bees'>[Bees]</p>"),
            (
                "bees",
                "<style>bees{}</style><title>bees</title><b>bees",
                "<style>bees{}</style><title>bees</title><b>[bees]",
            ),
            ("amp", "<p>a &amp; amp</p>", "<p>a &amp; [amp]</p>"),
            ("bees", "<!-- bees --><p>x", "<!-- bees --><p>x"),
            ("creme", "<p>Crème &lt;br&gt; cr&egrave;me</p>", "<p>[Crème] &lt;br&gt; cr&egrave;me</p>"),
            ("bees", "bees & bees", "[bees] & [bees]"),
        ];
        for (words, document, expected) in table {
            assert_eq!(shown(words, document), expected, "{document}");
        }
    }

    proptest! {
        #[test]
        fn nothing_but_marks_is_put_in(document in "[<>a-c\"'&; /=!-]{0,80}|\\PC{0,60}") {
            let marked = highlight(&document, &marker("a"));
            assert_eq!(marked.replace(BEGIN, "").replace(END, ""), document.replace(BEGIN, "").replace(END, ""));
        }
    }
}
