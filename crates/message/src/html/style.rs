//! Style attributes, by allow-list: properties that set type, colour and the box, with values that can neither load
//! anything nor leave their place.
//!
//! What is not understood is dropped, declaration by declaration; what is kept is written anew. Nothing with a
//! backslash, a colon, a brace or an unknown function survives, so that no escape or comment can hide a `url()`.

/// Octets of one attribute that are read.
const MAX_STYLE: usize = 4_000;

const PROPERTIES: &[&str] = &[
    "background",
    "background-color",
    "background-position",
    "background-repeat",
    "background-size",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-style",
    "border-top-width",
    "border-width",
    "box-sizing",
    "clear",
    "color",
    "direction",
    "display",
    "float",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "opacity",
    "overflow",
    "overflow-wrap",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-overflow",
    "text-transform",
    "unicode-bidi",
    "vertical-align",
    "visibility",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
];

const FUNCTIONS: &[&str] = &["rgb", "rgba", "hsl", "hsla", "calc", "linear-gradient"];

/// The declarations that may stay, as one attribute value; empty where none may.
pub(crate) fn filter(style: &str) -> String {
    let mut end = style.len().min(MAX_STYLE);
    while !style.is_char_boundary(end) {
        end -= 1;
    }
    let style = without_comments(style.get(..end).unwrap_or_default());
    let kept = style.split(';').filter_map(declaration).map(|(property, value)| format!("{property}:{value}"));
    kept.collect::<Vec<_>>().join(";")
}

/// The value of a property in a filtered style: the last one counts.
pub(crate) fn value_of<'a>(filtered: &'a str, property: &str) -> Option<&'a str> {
    declarations(filtered).filter(|(name, _)| *name == property).last().map(|(_, value)| value)
}

/// The properties of a filtered style with their values.
pub(crate) fn declarations(filtered: &str) -> impl Iterator<Item = (&str, &str)> {
    filtered.split(';').filter_map(|declaration| declaration.split_once(':'))
}

fn declaration(text: &str) -> Option<(String, String)> {
    let (property, value) = text.split_once(':')?;
    let property = property.trim().to_ascii_lowercase();
    if !PROPERTIES.contains(&property.as_str()) {
        return None;
    }
    let value = value.trim();
    let value = value.strip_suffix("!important").unwrap_or(value).trim();
    // No margin that is not negative has a minus in it; sums and products in `calc` are not worked out.
    let is_negative = property.starts_with("margin") && value.contains('-');
    (!value.is_empty() && !is_negative && is_safe_value(value) && stays_in_place(&property, value))
        .then(|| (property, value.to_owned()))
}

fn is_safe_value(value: &str) -> bool {
    let is_known =
        |c: char| c.is_alphanumeric() || " #%.,()'\"+-*/_!".contains(c) || (!c.is_ascii() && !c.is_control());
    value.len() <= 500
        && value.chars().all(is_known)
        && !value.contains('!')
        && is_balanced(value)
        && functions(value).all(|name| FUNCTIONS.contains(&name.to_ascii_lowercase().as_str()))
}

/// The names before each opening parenthesis; no name is no function that is known.
fn functions(value: &str) -> impl Iterator<Item = &str> {
    value.match_indices('(').map(|(at, _)| {
        let before = value.get(..at).unwrap_or_default();
        let start = before
            .rfind(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'))
            .map_or(0, |at| at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
        before.get(start..).unwrap_or_default()
    })
}

fn is_balanced(value: &str) -> bool {
    let mut depth = 0_i32;
    let mut quote = None;
    for c in value.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0 && quote.is_none()
}

/// A letter may not lay itself over the page that shows it, nor make one as high as a house.
fn stays_in_place(property: &str, value: &str) -> bool {
    match property {
        "display" => matches!(
            value.to_ascii_lowercase().as_str(),
            "none"
                | "block"
                | "inline"
                | "inline-block"
                | "table"
                | "table-row"
                | "table-cell"
                | "inline-table"
                | "list-item"
                | "table-row-group"
                | "table-header-group"
                | "table-footer-group"
        ),
        "overflow" => matches!(value.to_ascii_lowercase().as_str(), "hidden" | "visible" | "auto"),
        "height" | "min-height" | "padding" | "padding-top" | "padding-bottom" | "margin" | "margin-top"
        | "margin-bottom" | "font" | "font-size" | "line-height" => is_low(value),
        _ => true,
    }
}

/// Whether every length in a value is one that honest letters use. What is measured by the window (`vh`) is not: the
/// window may be as high as the letter. Products are not worked out.
fn is_low(value: &str) -> bool {
    let separators = |c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '+' | '-' | '/');
    !value.contains('*')
        && value.split(separators).all(|word| {
            let unit_at = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
            let (number, unit) = word.split_at(unit_at);
            let most = match unit.to_ascii_lowercase().as_str() {
                "" | "px" | "pt" => 4_000.0,
                "%" | "em" | "rem" | "ex" | "ch" | "cm" | "mm" | "in" | "pc" => 500.0,
                _ => 0.0,
            };
            // What begins with no number is a word.
            number.is_empty() || number.parse::<f64>().is_ok_and(|number| number <= most)
        })
}

/// A length in pixels, where it is one number.
pub(crate) fn pixels(value: &str) -> Option<f64> {
    let number = value.trim().trim_end_matches("px").trim();
    number.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Comments end at their first end mark, or never.
pub(crate) fn without_comments(style: &str) -> String {
    let mut out = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        match after.split_once("*/") {
            Some((_, tail)) => {
                // What a comment stood between is not joined by its absence.
                out.push(' ');
                rest = tail;
            }
            None => return out,
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_declarations_that_can_do_no_harm_stay() {
        let table = [
            ("color: red; font-weight:bold", "color:red;font-weight:bold"),
            ("COLOR:RED !important", "color:RED"),
            ("font-family: 'Segoe UI', Arial", "font-family:'Segoe UI', Arial"),
            ("color: rgb(1, 2, 3); width: calc(100% - 4px)", "color:rgb(1, 2, 3);width:calc(100% - 4px)"),
            ("background: url(https://x.test/a.png)", ""),
            ("background: URL ( 'x' )", ""),
            ("background: u\\72l(x)", ""),
            ("background: u/**/rl(x)", ""),
            ("background:url(data:image/png;base64,AAAA);color:red", "color:red"),
            ("background-image: image-set('x' 1x)", ""),
            ("background: image(x)", ""),
            ("width: expression(alert(1))", ""),
            ("behavior: url(x.htc); -moz-binding: url(x)", ""),
            ("position: fixed; top: 0; z-index: 9", ""),
            ("position:/**/fixed", ""),
            ("transform: scale(99)", ""),
            ("margin: -9999px; margin-left: 5px", "margin-left:5px"),
            ("display: flex; display: none", "display:none"),
            ("height: 999999px; height: 999999; height: 9999em; height: 1e9px; height: 100vh; min-height:99dvh", ""),
            ("padding: 4px 99999px; height: calc(9px * 999999); height: calc(1px + 9999pt)", ""),
            ("margin: calc(1px*-900); margin: 0 auto 1.5em", "margin:0 auto 1.5em"),
            (
                "height: 100%; line-height: 150%; padding: 0.5em 12pt 0",
                "height:100%;line-height:150%;padding:0.5em 12pt 0",
            ),
            ("font: bold 14px/1.5 'Helvetica Neue', v9, serif", "font:bold 14px/1.5 'Helvetica Neue', v9, serif"),
            ("color: var(--x); --x: red", ""),
            ("color: red} body{color: blue", ""),
            ("@import 'x'; color: red", "color:red"),
            ("font-family: \"a;color:blue", "color:blue"),
            ("color: attr(href)", ""),
            ("filter: progid:DXImageTransform.Microsoft.x()", ""),
            ("/* never closed color: red", ""),
            ("content: 'x'; cursor: url(x)", ""),
            ("ümlaut: 1; color: \u{1}red", ""),
        ];
        for (style, kept) in table {
            assert_eq!(filter(style), kept, "{style}");
        }
    }
}
