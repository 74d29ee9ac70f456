//! A letter from its draft: header, thread, body in its form and charset, enclosures.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::enclosure::{self, Enclosure};
use super::page;
use super::template::{Draft, Form, Person, Place};
use crate::mailroom::{Flags, NewLetter};
use crate::writer::{self, Part};

/// The letter as it would have arrived by `now`; `all` is where the letters that it answers are.
pub(super) fn letter(draft: &Draft, all: &[Draft], now: Timestamp) -> NewLetter {
    let sent = now.checked_sub(draft.age).unwrap_or(now);
    let bytes = match draft.form {
        Form::Raw => raw(draft, sent),
        _ => writer::letter(&fields(draft, all, sent), &content(draft, sent)),
    };
    let flags: Flags = draft.flags.iter().cloned().collect();
    NewLetter { mailbox: draft.mailbox.clone(), flags, received: sent, bytes }
}

/// A Message-ID that is the same in every practice mailbox.
fn message_id(draft: &Draft) -> String {
    let domain = draft.from.address.rsplit_once('@').map_or("practice.test", |(_, domain)| domain);
    format!("<{}@{domain}>", draft.id)
}

fn fields<'a>(draft: &'a Draft, all: &[Draft], sent: Timestamp) -> Vec<(&'a str, String)> {
    let mut fields = Vec::new();
    if draft.from.address != "you@practice.test" {
        fields.extend(trace(draft, sent));
    }
    fields.push(("From", mailbox_list(draft, std::slice::from_ref(&draft.from))));
    fields.push(("To", mailbox_list(draft, &draft.to)));
    if !draft.cc.is_empty() {
        fields.push(("Cc", mailbox_list(draft, &draft.cc)));
    }
    if !draft.subject.is_empty() {
        fields.push(("Subject", writer::phrase(&draft.charset, &dated(&draft.subject, sent))));
    }
    fields.push(("Date", writer::date(sent, draft.zone)));
    fields.push(("Message-ID", message_id(draft)));
    let thread = ancestors(draft, all);
    if let Some(parent) = thread.last() {
        fields.push(("In-Reply-To", parent.clone()));
        fields.push(("References", thread.join(" ")));
    }
    fields.extend(draft.headers.iter().map(|(name, value)| (name.as_str(), dated(value, sent))));
    fields
}

/// What the way here has left (RFC 5321 §4.4).
fn trace(draft: &Draft, sent: Timestamp) -> [(&'static str, String); 2] {
    let domain = draft.from.address.rsplit_once('@').map_or("unknown.test", |(_, domain)| domain);
    let date = writer::date(sent, 0);
    [
        ("Return-Path", format!("<{}>", draft.from.address)),
        (
            "Received",
            format!("from mail.{domain} (mail.{domain} [127.25.0.21]) by mx.practice.test with ESMTPS; {date}"),
        ),
    ]
}

fn mailbox_list(draft: &Draft, people: &[Person]) -> String {
    let people = people.iter().map(|person| writer::mailbox(&draft.charset, &person.name, &person.address));
    people.collect::<Vec<_>>().join(", ")
}

/// The Message-IDs of the thread up to this letter, the first one first.
fn ancestors(draft: &Draft, all: &[Draft]) -> Vec<String> {
    let mut thread = Vec::new();
    let mut answered = draft.answers.as_deref();
    while let Some(parent) = answered.and_then(|id| all.iter().find(|other| other.id == id)) {
        thread.insert(0, message_id(parent));
        answered = parent.answers.as_deref().filter(|_| thread.len() < 50);
    }
    thread
}

fn content(draft: &Draft, sent: Timestamp) -> Part {
    let text = dated(&draft.body, sent);
    let enclosures: Vec<(Place, Enclosure)> =
        draft.enclosures.iter().map(|(place, spec)| (*place, enclosure::make(spec, &draft.id, sent))).collect();
    let of =
        |wanted: Place| enclosures.iter().filter(move |(place, _)| *place == wanted).map(|(_, enclosure)| enclosure);
    let mut body = body(draft, &text, of(Place::Invitation));
    let inline: Vec<Part> = of(Place::Inline).map(|enclosure| enclosure.part("inline")).collect();
    if !inline.is_empty() {
        body = Part::many("multipart/related", [vec![body], inline].concat());
    }
    let attached: Vec<Part> =
        of(Place::Attached).chain(of(Place::Invitation)).map(|enclosure| enclosure.part("attachment")).collect();
    if attached.is_empty() { body } else { Part::many("multipart/mixed", [vec![body], attached].concat()) }
}

fn body<'a>(draft: &Draft, text: &str, invitations: impl Iterator<Item = &'a Enclosure>) -> Part {
    let charset = draft.charset.as_str();
    let plain = |text: &str| Part::text("text/plain", charset, text);
    let html = |html: &str| Part::text("text/html", charset, html);
    let mut parts = match draft.form {
        Form::Plain | Form::Raw => vec![plain(text)],
        Form::Flowed => vec![Part::text("text/plain; format=flowed", charset, &page::flowed(text))],
        Form::Html => vec![html(text)],
        Form::Both => vec![plain(&page::without_pictures(text)), html(&page::simple(text, &draft.id))],
        Form::Page => {
            let page = page::firm(text, &draft.from, &draft.id);
            vec![plain(&page.text), html(&page.html)]
        }
    };
    parts.extend(invitations.map(Enclosure::request));
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => Part::many("multipart/alternative", parts.into_iter().chain(last).collect()),
    }
}

/// Puts the date of the letter where the text asks for it.
fn dated(text: &str, sent: Timestamp) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    let zoned = sent.to_zoned(TimeZone::UTC);
    let last_month = zoned.date().first_of_month().yesterday().map(|day| day.strftime("%B").to_string());
    text.replace("{month}", &zoned.strftime("%B").to_string())
        .replace("{lastmonth}", &last_month.unwrap_or_default())
        .replace("{year}", &zoned.strftime("%Y").to_string())
        .replace("{day}", &zoned.strftime("%-d %B").to_string())
        .replace("{date}", &writer::date(sent, 0))
}

/// A letter that is written out whole, faults and all.
fn raw(draft: &Draft, sent: Timestamp) -> Vec<u8> {
    let text = writer::crlf(&dated(&draft.body, sent)) + "\r\n";
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("\\x") {
        bytes.extend_from_slice(before.as_bytes());
        let octet = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = match octet {
            Some(octet) => {
                bytes.push(octet);
                after.get(2..).unwrap_or_default()
            }
            None => after,
        };
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}
