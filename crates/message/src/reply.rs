//! The beginnings of an answer or a forward: to whom, about what, in which thread, over which quotation.
//!
//! | | To | Cc |
//! |---|---|---|
//! | reply | Reply-To, else From | nobody |
//! | reply to all | Reply-To, else From; and To | Cc |
//! | either, to a letter of one's own | its To | its Cc (to all) |
//! | forward | nobody | nobody |
//!
//! One's own addresses are left out, nobody comes twice, and nobody in To comes again in Cc. If that leaves nobody (a
//! letter to oneself), the one it came from stays.

use crate::compose::bounded_references;
use crate::{Parsed, header, html};
use jiff::tz::Offset;
use model::subject::{Prefix, bare_subject};
use model::{Address, EmailAddress};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerKind {
    /// To the author (or where the author wants answers).
    Reply,
    /// To the author and everybody who got it.
    ReplyAll,
    /// To somebody else.
    Forward,
}

/// Who answers, and where.
#[derive(Clone, Debug)]
pub struct Answering<'a> {
    /// The addresses of the one who answers: they are left out of the recipients.
    pub own: &'a [EmailAddress],
    /// Their offset from UTC at the time of the original, for the attribution line.
    pub utc_offset: Offset,
}

/// The beginnings of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// To.
    pub to: Vec<Address>,
    /// Cc.
    pub cc: Vec<Address>,
    /// The address of ours that the original was sent to (or from), to answer from it.
    pub from: Option<EmailAddress>,
    /// Subject, with one prefix.
    pub subject: String,
    /// In-Reply-To: the original's Message-ID; `None` for a forward.
    pub in_reply_to: Option<String>,
    /// References, bounded, oldest first.
    pub references: Vec<String>,
    /// A safe HTML fragment for the editor: an empty paragraph, the attribution line, the quoted original.
    pub html: String,
    /// The parts of the original to attach: all of them for a forward, those that the quote shows for a reply.
    pub parts: Vec<usize>,
}

/// The beginnings of an answer to this message.
pub fn answer(kind: AnswerKind, original: &Parsed, answering: &Answering<'_>) -> Answer {
    let (to, cc) = match kind {
        AnswerKind::Forward => (Vec::new(), Vec::new()),
        AnswerKind::Reply | AnswerKind::ReplyAll => recipients(kind, original, answering.own),
    };
    let is_forward = kind == AnswerKind::Forward;
    let shown = original.html.as_deref().map(html::content_ids).unwrap_or_default();
    let is_shown = |id: &Option<String>| id.as_ref().is_some_and(|id| shown.contains(id));
    let carried = original.attachments.iter().filter(|part| is_forward || is_shown(&part.content_id));
    Answer {
        to,
        cc,
        from: answered_from(original, answering.own),
        subject: if is_forward { forward_subject(&original.subject) } else { reply_subject(&original.subject) },
        in_reply_to: original.message_id.clone().filter(|_| !is_forward),
        references: references(original),
        html: if is_forward { forwarded(original, answering) } else { quoted(original, answering) },
        parts: carried.map(|part| part.part).collect(),
    }
}

fn recipients(kind: AnswerKind, original: &Parsed, own: &[EmailAddress]) -> (Vec<Address>, Vec<Address>) {
    let is_own = |address: &Address| own.iter().any(|own| same(address, &own.to_string()));
    let by_me = !original.from.is_empty() && original.from.iter().all(is_own);
    let author = if by_me {
        &original.to
    } else if original.reply_to.iter().any(|address| !address.address.is_empty()) {
        &original.reply_to
    } else {
        &original.from
    };
    let to_all = kind == AnswerKind::ReplyAll;
    let others = if to_all && !by_me { original.to.as_slice() } else { &[] };
    let copied = if to_all { original.cc.as_slice() } else { &[] };
    let mut seen: Vec<String> = Vec::new();
    let mut pick = |list: &mut dyn Iterator<Item = &Address>| -> Vec<Address> {
        list.filter(|address| !address.address.is_empty() && !is_own(address))
            .filter(|address| {
                let key = address.address.to_lowercase();
                let is_new = !seen.contains(&key);
                if is_new {
                    seen.push(key);
                }
                is_new
            })
            .cloned()
            .collect()
    };
    let mut to = pick(&mut author.iter().chain(others));
    let mut cc = pick(&mut copied.iter());
    if to.is_empty() {
        to = std::mem::take(&mut cc);
    }
    if to.is_empty() {
        to = author.iter().filter(|address| !address.address.is_empty()).take(1).cloned().collect();
    }
    (to, cc)
}

fn same(address: &Address, other: &str) -> bool {
    address.address.eq_ignore_ascii_case(other)
}

fn answered_from(original: &Parsed, own: &[EmailAddress]) -> Option<EmailAddress> {
    let named = original.from.iter().chain(&original.to).chain(&original.cc).chain(&original.bcc);
    named.into_iter().find_map(|address| own.iter().find(|own| same(address, &own.to_string()))).cloned()
}

/// RFC 5322 §3.6.4: the original's References (or In-Reply-To, where that is one), and its Message-ID.
fn references(original: &Parsed) -> Vec<String> {
    let before = match (original.references.as_slice(), original.in_reply_to.as_slice()) {
        ([], [only]) => std::slice::from_ref(only),
        (references, _) => references,
    };
    let mut chain: Vec<String> = Vec::with_capacity(before.len() + 1);
    for id in before.iter().chain(&original.message_id) {
        if !chain.contains(id) {
            chain.push(id.clone());
        }
    }
    bounded_references(&chain)
}

/// The subject of an answer: `Re: ` before the subject, whatever prefixes of this kind it had.
pub fn reply_subject(subject: &str) -> String {
    format!("Re: {}", bare_subject(subject, Prefix::Answer)).trim_end().to_owned()
}

/// The subject of a forward: `Fwd: ` before the subject.
pub fn forward_subject(subject: &str) -> String {
    format!("Fwd: {}", bare_subject(subject, Prefix::Forward)).trim_end().to_owned()
}

/// Whether the subject says that a letter sends another one on.
pub fn is_forward(subject: &str) -> bool {
    bare_subject(subject, Prefix::Forward) != subject.trim()
}

/// The original as the editor may show it.
fn content(original: &Parsed) -> String {
    match (&original.html, &original.text) {
        (Some(rich), _) => html::quotable(rich),
        (None, Some(text)) => html::fragment_from_text(text),
        (None, None) => String::new(),
    }
}

fn quoted(original: &Parsed, answering: &Answering<'_>) -> String {
    let mut line = String::new();
    if let Some(date) = original.date {
        let at = answering.utc_offset.to_datetime(date);
        line += &format!("On {}, ", at.strftime("%-d %B %Y at %H:%M"));
    }
    let author = original.from.first().map(|from| from.name.clone().unwrap_or_else(|| from.address.clone()));
    line += &format!("{} wrote:", author.unwrap_or_else(|| "somebody".to_owned()));
    format!("<p><br></p><p>{}</p><blockquote type=\"cite\">{}</blockquote>", html::escape(&line), content(original))
}

fn forwarded(original: &Parsed, answering: &Answering<'_>) -> String {
    let list = |addresses: &[Address]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let date = original.date.map(|date| header::date_text(date, answering.utc_offset)).unwrap_or_default();
    let rows = [
        ("From", list(&original.from)),
        ("Date", date),
        ("Subject", original.subject.clone()),
        ("To", list(&original.to)),
        ("Cc", list(&original.cc)),
    ];
    let mut out = String::from("<p><br></p><p>---------- Forwarded message ----------");
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        out += &format!("<br><b>{name}:</b> {}", html::escape(value));
    }
    out + "</p>" + &content(original)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn original(header: &str) -> Parsed {
        crate::parse(format!("{header}\r\n\r\nHello <b>\r\n").as_bytes())
    }

    fn answered(kind: AnswerKind, header: &str) -> (String, String) {
        let own = [EmailAddress::parse("me@example.org").unwrap(), EmailAddress::parse("also@example.org").unwrap()];
        let answering = Answering { own: &own, utc_offset: Offset::UTC };
        let answer = answer(kind, &original(header), &answering);
        let list = |addresses: &[Address]| addresses.iter().map(|a| a.address.clone()).collect::<Vec<_>>().join(" ");
        (list(&answer.to), list(&answer.cc))
    }

    #[test]
    fn an_answer_goes_to_those_who_should_get_it() {
        use AnswerKind::{Forward, Reply, ReplyAll};
        let letter =
            "From: a@x.test\nTo: me@example.org, b@x.test, A@X.TEST\nCc: c@x.test, b@x.test, also@example.org";
        let with_reply_to = format!("{letter}\nReply-To: list@x.test");
        let mine = "From: Me <ME@example.org>\nTo: b@x.test\nCc: c@x.test";
        let table = [
            (Reply, letter, "a@x.test", ""),
            (ReplyAll, letter, "a@x.test b@x.test", "c@x.test"),
            (Reply, &with_reply_to, "list@x.test", ""),
            (ReplyAll, &with_reply_to, "list@x.test b@x.test A@X.TEST", "c@x.test"),
            (Reply, mine, "b@x.test", ""),
            (ReplyAll, mine, "b@x.test", "c@x.test"),
            (Reply, "From: me@example.org\nTo: me@example.org", "me@example.org", ""),
            (ReplyAll, "From: a@x.test\nTo: undisclosed-recipients:;", "a@x.test", ""),
            (Forward, letter, "", ""),
        ];
        for (kind, header, to, cc) in table {
            assert_eq!(answered(kind, header), (to.to_owned(), cc.to_owned()), "{kind:?} {header}");
        }
    }

    #[test]
    fn prefixes_do_not_pile_up() {
        let table = [
            ("Hello", "Re: Hello"),
            ("Re: Hello", "Re: Hello"),
            ("RE: AW: Re[2]: Hello", "Re: Hello"),
            ("SV: Fwd: Hello", "Re: Fwd: Hello"),
            ("回复：Hello", "Re: Hello"),
            ("Regarding: Hello", "Re: Regarding: Hello"),
            ("", "Re:"),
        ];
        for (subject, answered) in table {
            assert_eq!(reply_subject(subject), answered, "{subject}");
        }
        assert_eq!(forward_subject("WG: Fwd: Hello"), "Fwd: Hello");
        assert_eq!(forward_subject("Re: Hello"), "Fwd: Re: Hello");
    }

    #[test]
    fn the_thread_is_kept_and_bounded() {
        let long: String = (0..100).map(|n| format!(" <{n}@x>")).collect();
        let header = format!("From: a@x.test\nMessage-ID: <me@x>\nReferences:{long}");
        let answering = Answering { own: &[], utc_offset: Offset::UTC };
        let made = answer(AnswerKind::Reply, &original(&header), &answering);
        assert_eq!(made.references.len(), crate::compose::MAX_REFERENCES);
        assert_eq!(made.references.first().map(String::as_str), Some("0@x"));
        assert_eq!(made.references.last().map(String::as_str), Some("me@x"));
        assert_eq!(made.in_reply_to.as_deref(), Some("me@x"));

        let only = original("From: a@x.test\nMessage-ID: <b@x>\nIn-Reply-To: <a@x>");
        assert_eq!(answer(AnswerKind::Reply, &only, &answering).references, ["a@x", "b@x"]);
    }

    #[test]
    fn the_quotation_names_its_author_and_is_safe() {
        let header = "From: Anna <a@x.test>\nDate: Tue, 3 Nov 2026 13:32:05 +0000\nSubject: <x>\nTo: me@example.org";
        let answering = Answering { own: &[], utc_offset: Offset::from_seconds(3600).unwrap() };
        let reply = answer(AnswerKind::Reply, &original(header), &answering);
        assert_eq!(
            reply.html,
            "<p><br></p><p>On 3 November 2026 at 14:32, Anna wrote:</p>\
             <blockquote type=\"cite\"><p>Hello &lt;b&gt;</p></blockquote>"
        );
        let forward = answer(AnswerKind::Forward, &original(header), &answering);
        assert_eq!(
            forward.html,
            "<p><br></p><p>---------- Forwarded message ----------<br><b>From:</b> Anna &lt;a@x.test&gt;\
             <br><b>Date:</b> Tue, 03 Nov 2026 14:32:05 +0100<br><b>Subject:</b> &lt;x&gt;\
             <br><b>To:</b> me@example.org</p><p>Hello &lt;b&gt;</p>"
        );
    }
}
