//! TLSA records: where they are, and which of them count for SMTP (RFC 6698, RFC 7671, RFC 7672).

use crate::proof::{Answer, Proof, Validator};
use hickory_resolver::proto::rr::{RData, RecordType};
use model::Tlsa;

/// What can be said of a host's TLSA records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsaAnswer {
    /// Proven ones. Whether any of them can be used is for [`is_usable`] to say.
    Records(Vec<Tlsa>),
    /// There are none, or none that are proven.
    None,
    /// The answer does not agree with its signatures.
    Bogus,
    /// Nobody answered.
    Failed,
}

/// Asks for the records of `_port._tcp.host`.
pub(crate) async fn look_up(validator: &Validator, host: &str, port: u16) -> TlsaAnswer {
    let name = format!("_{port}._tcp.{}", host.trim_end_matches('.'));
    match validator.lookup(&name, RecordType::TLSA).await {
        Answer::Records(records, Proof::Secure) => {
            let records: Vec<Tlsa> = records.iter().filter_map(|record| read(&record.data)).collect();
            if records.is_empty() { TlsaAnswer::None } else { TlsaAnswer::Records(records) }
        }
        Answer::Records(..) | Answer::Absent(_) | Answer::Unspoken => TlsaAnswer::None,
        Answer::Bogus => TlsaAnswer::Bogus,
        Answer::Failed => TlsaAnswer::Failed,
    }
}

fn read(data: &RData) -> Option<Tlsa> {
    let RData::TLSA(tlsa) = data else { return None };
    Some(Tlsa {
        usage: tlsa.cert_usage.into(),
        selector: tlsa.selector.into(),
        matching: tlsa.matching.into(),
        data: tlsa.cert_data.clone(),
    })
}

/// Whether a record says anything that a mail client may act on (RFC 7672 §3.1): usage 2 or 3, a selector and a matching
/// type that are known, and data of the length that goes with them.
pub fn is_usable(tlsa: &Tlsa) -> bool {
    let known = matches!(tlsa.usage, 2 | 3) && matches!(tlsa.selector, 0 | 1);
    let length = tlsa.data.len();
    known
        && match tlsa.matching {
            0 => length > 0,
            1 => length == 32,
            2 => length == 64,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_records_that_mean_something_in_smtp_are_used() {
        // Usage, selector, matching type, length of the data.
        let table = [
            (3, 1, 1, 32, true),
            (3, 0, 1, 32, true),
            (2, 0, 2, 64, true),
            (2, 1, 0, 91, true),
            (0, 0, 1, 32, false),
            (1, 1, 1, 32, false),
            (255, 0, 1, 32, false),
            (3, 2, 1, 32, false),
            (3, 1, 3, 32, false),
            (3, 1, 1, 31, false),
            (3, 1, 2, 32, false),
            (3, 1, 0, 0, false),
        ];
        for (usage, selector, matching, length, expected) in table {
            let tlsa = Tlsa { usage, selector, matching, data: vec![7; length] };
            assert_eq!(is_usable(&tlsa), expected, "{usage} {selector} {matching} with {length} octets");
        }
    }
}
