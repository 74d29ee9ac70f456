//! Notifications written: text for a person, fields for a program, and the headers of the message it is about.

use super::{DsnRecipient, Report};
use crate::mime::{encode_quoted_printable, raw_fields};
use crate::{header, normalise_line_ends, to_seven_bit};
use jiff::tz::Offset;

/// Octets of the original's headers that are returned.
const MAX_RETURNED: usize = 64 * 1024;

/// Writes a notification: multipart/report with text, machine-readable part and the original's headers (RFC 6522).
/// Its own sender in the envelope is to be empty, so that it can cause no other.
pub fn write(report: &Report<'_>, random: &mut impl rand::RngCore) -> Vec<u8> {
    let boundary = format!("=_{}", header::token(random));
    let mut out = fields(report, random, &boundary).into_bytes();
    let mut part = |fields: &str, body: &[u8]| {
        out.extend_from_slice(format!("--{boundary}\r\n{fields}\r\n").as_bytes());
        out.extend_from_slice(body);
        out.extend_from_slice(b"\r\n");
    };
    part(
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n",
        &encode_quoted_printable(&normalise_line_ends(report.explanation.as_bytes())),
    );
    part("Content-Type: message/delivery-status\r\n", status(report).as_bytes());
    part("Content-Type: text/rfc822-headers\r\n", &returned(report.original));
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    out
}

fn fields(report: &Report<'_>, random: &mut impl rand::RngCore, boundary: &str) -> String {
    let failed = report.recipients.iter().any(|recipient| recipient.action == super::Action::Failed);
    let subject = if failed { "Undelivered: " } else { "Delivery status: " };
    let original = crate::parse(report.original);
    let domain = report.from.address.rsplit_once('@').map_or(report.reporting_mta, |(_, domain)| domain);
    let mut out = header::date(report.date, report.utc_offset);
    out += &header::addresses("From", std::slice::from_ref(&report.from));
    out += &header::addresses("To", std::slice::from_ref(&report.to));
    out += &header::text("Subject", &format!("{subject}{}", original.subject));
    out += &header::ids("Message-ID", &[header::new_id(random, domain)]);
    out += &header::ids("In-Reply-To", original.message_id.as_slice());
    out += "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n";
    out +=
        &format!("Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"{boundary}\"\r\n\r\n");
    out
}

fn status(report: &Report<'_>) -> String {
    let mut out = header::text("Reporting-MTA", &format!("dns; {}", report.reporting_mta));
    if let Some(id) = report.envelope_id {
        out += &header::text("Original-Envelope-Id", &xtext(id));
    }
    if let Some(arrival) = report.arrival {
        out += &header::text("Arrival-Date", &header::date_text(arrival, Offset::UTC));
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
        out += &header::text("Original-Recipient", &format!("rfc822; {}", xtext(original)));
    }
    out += &header::text("Final-Recipient", &format!("rfc822; {}", recipient.address));
    out += &header::text("Action", recipient.action.word());
    out += &header::text("Status", &recipient.status.to_string());
    if let Some(mta) = &recipient.remote_mta {
        out += &header::text("Remote-MTA", &format!("dns; {mta}"));
    }
    if let Some(diagnostic) = &recipient.diagnostic {
        // Encoded words have no place here; what is not ASCII is shown as a question mark.
        let ascii: String = diagnostic.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
        out += &header::text("Diagnostic-Code", &format!("smtp; {}", ascii.replace("=?", "= ?")));
    }
    out
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
