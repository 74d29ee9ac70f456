//! The elements and attributes that a letter may have, enforced by ammonia on a parsed tree. What follows
//! ([`rewrite`](super::rewrite)) only takes more away.

use super::style;
use ammonia::{Builder, UrlRelative};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

const TAGS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// Elements that go with everything in them.
const WITHOUT_CONTENT: &[&str] = &[
    "applet",
    "audio",
    "canvas",
    "datalist",
    "embed",
    "frame",
    "frameset",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "object",
    "optgroup",
    "option",
    "plaintext",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "video",
    "xmp",
];

const EVERYWHERE: &[&str] =
    &["align", "bgcolor", super::folding::MARK, super::ground::GROUND, "dir", "lang", "style", "title", "valign"];

const BY_TAG: &[(&str, &[&str])] = &[
    ("a", &["href"]),
    ("blockquote", &["type"]),
    ("col", &["span", "width"]),
    ("colgroup", &["span", "width"]),
    ("details", &["open"]),
    ("font", &["color", "face", "size"]),
    ("hr", &["color", "noshade", "size", "width"]),
    ("img", &["alt", "border", "data-src", "height", "hspace", "src", "vspace", "width"]),
    ("li", &["type", "value"]),
    ("ol", &["reversed", "start", "type"]),
    ("table", &["border", "cellpadding", "cellspacing", "height", "width"]),
    ("td", &["abbr", "colspan", "height", "nowrap", "rowspan", "width"]),
    ("th", &["abbr", "colspan", "height", "nowrap", "rowspan", "scope", "width"]),
    ("time", &["datetime"]),
    ("tr", &["height"]),
    ("ul", &["type"]),
];

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let by_tag: HashMap<&str, HashSet<&str>> =
        BY_TAG.iter().map(|(tag, names)| (*tag, names.iter().copied().collect())).collect();
    let mut builder = Builder::default();
    builder
        .tags(TAGS.iter().copied().collect())
        .clean_content_tags(WITHOUT_CONTENT.iter().copied().collect())
        .generic_attributes(EVERYWHERE.iter().copied().collect())
        .tag_attributes(by_tag)
        .allowed_classes(HashMap::new())
        .url_schemes(["http", "https", "mailto", "cid", "data"].into_iter().collect())
        // A relative URL has nothing that it is relative to; the rewriting drops what is not whole.
        .url_relative(UrlRelative::PassThrough)
        .link_rel(None)
        .strip_comments(true)
        .attribute_filter(|_, attribute, value| match attribute {
            "style" => {
                Some(style::filter(value).into()).filter(|style: &std::borrow::Cow<'_, str>| !style.is_empty())
            }
            _ => Some(value.into()),
        });
    builder
});

/// The HTML with nothing in it but what may be.
pub(crate) fn clean(html: &str) -> String {
    SANITISER.clean(html).to_string()
}

/// Whether a letter may have this element.
#[cfg(test)]
pub(crate) fn is_tag(name: &str) -> bool {
    TAGS.contains(&name)
}
