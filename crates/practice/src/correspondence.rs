//! The answer of `echo.test`: a reply with the text quoted, as a person's mail program would write it.

use jiff::Timestamp;

use crate::mime::{Entity, decode_words};
use crate::writer::{self, Part};

/// The answer from `echo` to `to`.
pub(crate) fn echo(echo: &str, to: &str, original: &[u8], at: Timestamp) -> Vec<u8> {
    let letter = Entity::parse(original);
    let field = |name| letter.field(original, name);
    let mut fields = vec![
        ("Return-Path", format!("<{echo}>")),
        ("From", writer::mailbox("utf-8", "Echo", echo)),
        ("To", to.to_owned()),
        ("Subject", writer::phrase("utf-8", &answered_subject(&field("Subject").unwrap_or_default()))),
        ("Date", writer::date(at, 0)),
        ("Message-ID", format!("<echo.{}@echo.test>", at.as_nanosecond())),
    ];
    if let Some(id) = field("Message-ID") {
        fields.push(("In-Reply-To", id.clone()));
        let earlier = field("References").unwrap_or_default();
        fields.push(("References", format!("{earlier} {id}").trim().to_owned()));
    }
    let text = letter.plain_text(original).unwrap_or_default();
    let attribution = match field("Date") {
        Some(date) => format!("On {date}, you wrote:"),
        None => "You wrote:".to_owned(),
    };
    let body = format!(
        "Hello,\n\nyour letter has arrived at {echo}. This is what it said.\n\n{attribution}\n{}",
        quote(&text)
    );
    writer::letter(&fields, &Part::text("text/plain", "utf-8", &body))
}

fn answered_subject(raw: &str) -> String {
    let subject = decode_words(raw);
    match subject.get(..3) {
        Some(start) if start.eq_ignore_ascii_case("re:") => subject,
        _ => format!("Re: {subject}").trim_end().to_owned(),
    }
}

fn quote(text: &str) -> String {
    text.trim_end()
        .lines()
        .map(|line| {
            if line.starts_with('>') {
                format!(">{line}\n")
            } else {
                format!("> {line}").trim_end().to_owned() + "\n"
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_answers_in_the_thread_and_quotes_the_text() {
        let original = "From: you@practice.test\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <2@a>\r\n\
            References: <1@a>\r\n\r\nHello\r\n\r\n> old\r\n";
        let bytes = echo("anna@echo.test", "you@practice.test", original.as_bytes(), Timestamp::UNIX_EPOCH);
        let answer = Entity::parse(&bytes);
        let field = |name| answer.field(&bytes, name).unwrap();
        assert_eq!(decode_words(&field("Subject")), "Re: Grüße");
        assert_eq!((field("In-Reply-To").as_str(), field("References").as_str()), ("<2@a>", "<1@a> <2@a>"));
        assert!(answer.plain_text(&bytes).unwrap().ends_with("You wrote:\r\n> Hello\r\n>\r\n>> old\r\n"));
    }

    #[test]
    fn a_subject_is_answered_once() {
        let table = [("Hi", "Re: Hi"), ("RE: Hi", "RE: Hi"), ("", "Re:")];
        for (subject, expected) in table {
            assert_eq!(answered_subject(subject), expected);
        }
    }
}
