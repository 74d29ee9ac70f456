//! A letter on paper: who wrote to whom, when and about what, and below it the letter as it was sent, in its light
//! colours, with what is folded on the screen laid open. It is served like any letter, under the same policy.

use crate::Engine;
use crate::calls::LetterArgs;
use crate::error::Error;
use crate::frame::Wish;
use crate::view::{Document, LetterView};
use jiff::tz::TimeZone;
use model::{Address, CallError, LetterId};

/// How the head looks, and where pages may break.
const SHEET: &str = "<style>@page{margin:18mm 16mm}html,body{background:#fff!important;color-scheme:light}\
    .postrider-head{font:13px/1.5 system-ui,sans-serif;color:#000;border-bottom:1px solid #999;margin:0 0 16px;\
    padding:0 0 12px}.postrider-head h1{font-size:19px;line-height:1.3;margin:0 0 8px}\
    .postrider-head p{margin:0;overflow-wrap:anywhere}.postrider-head b{font-weight:600}\
    img,pre,blockquote,table{max-width:100%}img{break-inside:avoid}</style>";

impl Engine {
    /// The document of a letter for paper, with images from elsewhere where they are shown on the screen.
    pub(crate) async fn print_document(&self, id: LetterId, wish: Wish) -> Result<Document, Error> {
        let letter = self.letter_show(LetterArgs { letter: id }).await?;
        let mut document = self.letter_document(id, wish.light()).await?;
        document.body = on_paper(&String::from_utf8_lossy(&document.body), &letter).into_bytes();
        Ok(document)
    }

    /// The name of the printed letter, for the list of prints and the file.
    pub async fn print_title(&self, id: LetterId) -> Result<String, CallError> {
        Ok(self.letter_show(LetterArgs { letter: id }).await?.row.subject)
    }
}

/// The document with the head of the letter in front of its text.
fn on_paper(document: &str, letter: &LetterView) -> String {
    let open = document.replace("<details", "<details open");
    let head = format!("{SHEET}{}", head(letter));
    let body = open.find("<body").and_then(|at| Some(at + open.get(at..)?.find('>')? + 1));
    match body.and_then(|at| Some((open.get(..at)?, open.get(at..)?))) {
        Some((before, after)) => format!("{before}{head}{after}"),
        None => format!("{head}{open}"),
    }
}

fn head(letter: &LetterView) -> String {
    let row = &letter.row;
    let date = row.date.to_zoned(TimeZone::system()).strftime("%A, %-d %B %Y, %H:%M %:z").to_string();
    let files: Vec<&str> = letter.attachments.iter().map(|file| file.name.as_str()).collect();
    let lines = [
        ("From", people(&row.from)),
        ("To", people(&row.to)),
        ("Cc", people(&letter.cc)),
        ("Bcc", people(&letter.bcc)),
        ("Date", date),
        ("Attachments", files.join(", ")),
    ];
    let lines = lines.iter().filter(|(_, text)| !text.is_empty());
    let lines: String = lines.map(|(name, text)| format!("<p><b>{name}:</b> {}</p>", escaped(text))).collect();
    format!("<div class=\"postrider-head\"><h1>{}</h1>{lines}</div>", escaped(&row.subject))
}

fn people(list: &[Address]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letters::unfiled_letter;

    #[test]
    fn the_head_stands_before_the_text_and_nothing_in_it_is_markup() {
        let raw = b"From: \"<b>Anna</b>\" <anna@example.org>\r\nTo: ben@example.org\r\n\
            Subject: <script>alert(1)</script>\r\nDate: Sat, 21 Nov 2026 20:46:25 +0000\r\n\r\nHello\r\n";
        let letter = unfiled_letter(raw, jiff::Timestamp::UNIX_EPOCH, "1");
        let paper = on_paper("<html><body class=\"x\"><details><p>Hello</p></details></body></html>", &letter);
        assert!(paper.contains("&lt;script&gt;alert(1)"), "{paper}");
        assert!(!paper.contains("<script") && !paper.contains("<b>Anna"));
        assert!(paper.find("postrider-head\"><h1>").unwrap() < paper.find("<p>Hello").unwrap());
        assert!(paper.contains("<details open>"));
        assert!(on_paper("plain", &letter).ends_with("plain"));
    }
}
