//! Names without a domain, as programs of this computer write them (`root`, `anna@localhost`): cron's `From: root (Cron
//! Daemon)`. No other computer can make anything of them; all of them are the one who sits here.

use crate::header;
use crate::mime::{RawField, raw_fields};
use lettre::message::header::HeaderName;
use model::Address;
use std::borrow::Cow;

const FIELDS: [&str; 7] = ["From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Resent-From"];
/// Names by which every computer calls itself.
const HERE: [&str; 3] = ["localhost", "localhost.localdomain", "localhost.invalid"];

/// Whether it names somebody on this computer.
pub fn is_local_name(address: &str) -> bool {
    let address = address.trim();
    match address.rsplit_once('@') {
        Some((_, domain)) => HERE.iter().any(|here| domain.eq_ignore_ascii_case(here)),
        None => {
            !address.is_empty()
                && address.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_.+$".contains(&octet))
        }
    }
}

/// The message with `user` in place of each local name in its address fields; the name is kept as the one that is shown.
/// Nothing else changes.
pub fn with_local_names<'x>(raw: &'x [u8], user: &str) -> Cow<'x, [u8]> {
    let (fields, body) = raw_fields(raw);
    let is_one = |field: &&RawField<'_>| FIELDS.iter().any(|name| field.is(name)) && may_be_local(&field.value());
    if !fields.iter().any(|field| is_one(&field)) {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len() + 256);
    for field in &fields {
        match is_one(&field).then(|| rewritten(field, user)).flatten() {
            Some(better) => out.extend_from_slice(better.as_bytes()),
            None => out.extend_from_slice(field.bytes),
        }
    }
    let end = raw.len() - body.len();
    let gap = fields.last().map_or(0, |last| last.bytes.as_ptr() as usize + last.bytes.len() - raw.as_ptr() as usize);
    out.extend_from_slice(raw.get(gap..end).unwrap_or_default());
    out.extend_from_slice(body);
    Cow::Owned(out)
}

/// Without looking closely: most fields have a domain behind each address.
fn may_be_local(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    value.split(',').any(|piece| !piece.contains('@')) || HERE.iter().any(|here| lower.contains(here))
}

fn rewritten(field: &RawField<'_>, user: &str) -> Option<String> {
    let mut changed = false;
    let addresses: Vec<Address> = crate::envelope::addresses_of(&field.value())
        .into_iter()
        .map(|address| {
            if !is_local_name(&address.address) {
                return address;
            }
            changed = true;
            Address::new(Some(address.name.unwrap_or(address.address)), user)
        })
        .collect();
    let name = HeaderName::new_from_ascii(field.name.to_owned()).ok().filter(|_| changed)?;
    header::addresses(name, &addresses).map(header::line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_name_has_no_domain_or_that_of_every_computer() {
        let table = [
            ("root", true),
            ("anna@localhost", true),
            ("www-data@LOCALHOST.localdomain", true),
            ("anna@example.org", false),
            ("anna@intranet", false),
            ("Anna Smith", false),
            ("", false),
        ];
        for (address, local) in table {
            assert_eq!(is_local_name(address), local, "{address}");
        }
    }

    #[test]
    fn local_names_become_the_user_and_nothing_else_changes() {
        let table = [
            (
                "From: root (Cron Daemon)\nTo: anna\nSubject: Cron <anna@host> make\n\nroot\n",
                "From: Cron Daemon <me@example.org>\r\nTo: anna <me@example.org>\r\nSubject: Cron <anna@host> make\n\nroot\n",
            ),
            (
                "From: \"(Cron Daemon)\" <root>\r\nTo: ben@example.net, root\r\n\r\n",
                "From: \"(Cron Daemon)\" <me@example.org>\r\nTo: ben@example.net, root <me@example.org>\r\n\r\n",
            ),
            (
                "From: \"Smith, Anna\" <a@example.org>\nTo: team: b@example.org;\n\nx",
                "From: \"Smith, Anna\" <a@example.org>\nTo: team: b@example.org;\n\nx",
            ),
            ("Subject: none\n\nx", "Subject: none\n\nx"),
        ];
        for (raw, expected) in table {
            let found = with_local_names(raw.as_bytes(), "me@example.org");
            assert_eq!(String::from_utf8_lossy(&found), expected);
        }
    }
}
