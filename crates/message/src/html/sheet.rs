//! The page that a letter is shown on: a style sheet for reading, and the policy said once more in the document, for
//! a frame that got it without its headers.

use super::csp;

/// Before quoted text that is folded away.
pub(crate) const FOLD_START: &str = "<details class=\"pr-quote\"><summary>Quoted text</summary>";
/// Behind it.
pub(crate) const FOLD_END: &str = "</details>";

/// How a letter is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paper {
    /// Our type and colours, light or dark as the reader likes, lines of a length that reads well.
    Ours,
    /// A letter with colours of its own: a light sheet in a dark room too, so that no ink meets its own colour.
    White,
    /// A letter whose colours were turned to go with our dark page.
    Turned,
}

const STYLE: &str = "\
:root{color-scheme:light dark;--paper:#fff;--ink:#1d2126;--second:#5b6470;--line:#d5dae0;--accent:#1f5f8b}\
@media (prefers-color-scheme:dark){:root{--paper:#1b1e22;--ink:#e4e7ea;--second:#a3abb5;--line:#3a4149;--accent:#7db4dd}}\
html{background:var(--paper)}\
body{margin:0;padding:16px 24px 24px;background:var(--paper);color:var(--ink);\
font:15px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,Ubuntu,Cantarell,\"Noto Sans\",sans-serif;overflow-wrap:anywhere}\
.pr-ours{max-width:80ch}\
.pr-white{color-scheme:light;--paper:#fff;--ink:#1d2126;--second:#5b6470;--line:#d5dae0;--accent:#1f5f8b;\
background:#fff;color:#1d2126}\
@media (prefers-color-scheme:dark){.pr-white{padding:16px;border-radius:6px}}\
a{color:var(--accent)}\
p{margin:0 0 1em}\
img{max-width:100%}\
img[data-src]{min-width:16px;min-height:16px;border:1px dashed var(--line);color:var(--second)}\
table{max-width:100%}\
pre,tt,code{font-family:ui-monospace,\"SF Mono\",Menlo,Consolas,\"Liberation Mono\",monospace;font-size:13px}\
pre{white-space:pre-wrap;margin:0 0 1em}\
blockquote{margin:0 0 1em;padding:0 0 0 12px;border-left:2px solid var(--line)}\
.pr-ours blockquote{color:var(--second)}\
hr{border:0;border-top:1px solid var(--line)}\
.pr-quote>summary{cursor:pointer;color:var(--second);margin:0 0 1em;width:max-content}\
.pr-quote>summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}\
.pr-text{white-space:pre-wrap}\
.pr-signature{color:var(--second)}\
@media print{body{padding:0}.pr-quote>summary{display:none}}";

/// A whole document around safe content.
pub(crate) fn document(content: &str, paper: Paper, own: &str) -> String {
    let class = match paper {
        Paper::Ours => "pr-ours",
        Paper::White => "pr-white",
        Paper::Turned => "pr-turned",
    };
    let mut policy = String::new();
    super::tokens::escape_into(&mut policy, &csp(own));
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
         <meta name=\"referrer\" content=\"no-referrer\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <style>{STYLE}</style></head><body><div class=\"{class}\" dir=\"auto\">{content}</div></body></html>"
    )
}
