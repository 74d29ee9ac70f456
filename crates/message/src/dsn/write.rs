//! Notifications written: text for a person, fields for a program, and the headers of the message it is about.

use super::{Action, DsnRecipient, Report};
use crate::compose::{boundary, content_type};
use crate::mime::{self, raw_fields};
use crate::{header, normalise_line_ends, to_seven_bit};
use jiff::tz::Offset;
use lettre::message::header::{ContentTransferEncoding, HeaderValue, Headers, MIME_VERSION_1_0};
use lettre::message::{Body, MultiPart, SinglePart};

/// Octets of the original's headers that are returned.
const MAX_RETURNED: usize = 64 * 1024;

/// Writes a notification: multipart/report with text, machine-readable part and the original's headers (RFC 6522).
/// Its own sender in the envelope is to be empty, so that it can cause no other.
pub fn write(report: &Report<'_>, random: &mut impl rand::RngCore) -> Vec<u8> {
    let mut out = fields(report, random).to_string().into_bytes();
    let part = |media_type, body| SinglePart::builder().content_type(content_type(media_type)).body(body);
    let plain = |bytes| Body::dangerous_pre_encoded(bytes, ContentTransferEncoding::SevenBit);
    let explanation = mime::encode_text(normalise_line_ends(report.explanation.as_bytes()));
    // The kinds that lettre knows are without this one; the field is read back for its boundary.
    let report_type = format!("multipart/report; report-type=delivery-status; boundary=\"{}\"", boundary(random));
    let parts = MultiPart::builder()
        .header(content_type(&report_type))
        .build()
        .singlepart(part("text/plain; charset=utf-8", explanation))
        .singlepart(part("message/delivery-status", plain(status(report).into_bytes())))
        .singlepart(part("text/rfc822-headers", plain(returned(report.original))));
    out.append(&mut parts.formatted());
    out
}

fn fields(report: &Report<'_>, random: &mut impl rand::RngCore) -> Headers {
    let subject = subject(report.recipients);
    let original = crate::parse(report.original);
    let domain = report.from.address.rsplit_once('@').map_or(report.reporting_mta, |(_, domain)| domain);
    let fields = [
        Some(header::date(report.date, report.utc_offset)),
        header::addresses(header::name("From"), std::slice::from_ref(&report.from)),
        header::addresses(header::name("To"), std::slice::from_ref(&report.to)),
        Some(header::text(header::name("Subject"), &format!("{subject}{}", original.subject))),
        header::ids(header::name("Message-ID"), &[header::new_id(random, domain)]),
        header::ids(header::name("In-Reply-To"), original.message_id.as_slice()),
        Some(HeaderValue::new(header::name("Auto-Submitted"), "auto-replied".to_owned())),
    ];
    let mut headers = Headers::new();
    fields.into_iter().flatten().for_each(|field| headers.insert_raw(field));
    headers.set(MIME_VERSION_1_0);
    headers
}

/// The worst of it.
fn subject(recipients: &[DsnRecipient]) -> &'static str {
    let any = |action| recipients.iter().any(|recipient| recipient.action == action);
    match () {
        () if any(Action::Failed) => "Undelivered: ",
        () if any(Action::Delayed) => "Delayed: ",
        () => "Delivery status: ",
    }
}

/// One field of the machine-readable part.
fn said(name: &'static str, value: &str) -> String {
    header::line(header::text(header::name(name), value))
}

fn status(report: &Report<'_>) -> String {
    let mut out = said("Reporting-MTA", &format!("dns; {}", report.reporting_mta));
    if let Some(id) = report.envelope_id {
        out += &said("Original-Envelope-Id", &xtext(id));
    }
    if let Some(arrival) = report.arrival {
        out += &said("Arrival-Date", &header::date_text(arrival, Offset::UTC));
    }
    for recipient in report.recipients {
        out += "\r\n";
        out += &group(recipient);
    }
    out
}

fn group(recipient: &DsnRecipient) -> String {
    let mut out = String::new();
    if let Some(original) = &recipient.original {
        out += &said("Original-Recipient", &typed_address(original, xtext));
    }
    out += &said("Final-Recipient", &typed_address(&recipient.address, str::to_owned));
    out += &said("Action", recipient.action.word());
    out += &said("Status", &recipient.status.to_string());
    if let Some(mta) = &recipient.remote_mta {
        out += &said("Remote-MTA", &format!("dns; {mta}"));
    }
    if let Some(diagnostic) = &recipient.diagnostic {
        // Encoded words have no place here; what is not ASCII is shown as a question mark.
        let ascii: String = diagnostic.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
        out += &said("Diagnostic-Code", &format!("{}; {}", diagnostic_type(&ascii), ascii.replace("=?", "= ?")));
    }
    if let Some(last_attempt) = recipient.last_attempt {
        out += &said("Last-Attempt-Date", &header::date_text(last_attempt, Offset::UTC));
    }
    if let Some(until) = recipient.will_retry_until {
        out += &said("Will-Retry-Until", &header::date_text(until, Offset::UTC));
    }
    out
}

/// `smtp` is for what an SMTP server answered (RFC 3464 §9.2); everything else is in words of our own.
fn diagnostic_type(diagnostic: &str) -> &'static str {
    let code = diagnostic.split([' ', '-']).next().unwrap_or_default();
    let is_reply = code.len() == 3 && code.bytes().all(|octet| octet.is_ascii_digit());
    if is_reply { "smtp" } else { "x-postrider" }
}

/// An address that is not ASCII has a form of its own (RFC 6533 §3).
fn typed_address(address: &str, encode: impl Fn(&str) -> String) -> String {
    match address.is_ascii() {
        true => format!("rfc822; {}", encode(address)),
        false => format!("utf-8; {}", unitext(address)),
    }
}

fn unitext(address: &str) -> String {
    let encoded = |c: char| match c {
        '!'..='~' if !matches!(c, '\\' | '+' | '=') => c.to_string(),
        _ => format!("\\x{{{:X}}}", u32::from(c)),
    };
    address.chars().map(encoded).collect()
}

/// RFC 3461 §4.
fn xtext(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'+' | b'=' => format!("+{byte:02X}"),
            b'!'..=b'~' => char::from(byte).to_string(),
            _ => format!("+{byte:02X}"),
        })
        .collect()
}

/// The headers of the original, without Bcc.
fn returned(original: &[u8]) -> Vec<u8> {
    let normal = normalise_line_ends(original);
    let (fields, _) = raw_fields(&normal);
    let mut out = Vec::new();
    for field in fields.iter().filter(|field| !field.is("Bcc") && !field.is("Resent-Bcc")) {
        if out.len() + field.bytes.len() > MAX_RETURNED {
            break;
        }
        out.extend_from_slice(field.bytes);
    }
    to_seven_bit(&out).into_owned()
}
