//! An address on lists in DNS (RFC 5782), and what their answers mean.
//!
//! | answer | it means |
//! |---|---|
//! | no such name | it is not on the list |
//! | 127.255.255.0/24 | the list does not answer this resolver; never a listing |
//! | outside 127.0.0.0/24 | somebody makes answers up; never a listing |
//! | ZEN 10, 11 | policy: the address is not meant to send mail itself (PBL) |
//! | ZEN 2, 3, 4–7, 9 | it sent spam (SBL, CSS), is infected (XBL), was hijacked (DROP) |
//!
//! Lists are asked through the user's own resolver, rarely, and never through a public one on purpose.

use super::Timed;
use super::finding::{Check, Evidence, Finding};
use crate::BLOCK_LIST;
use crate::texts::dns as texts;
use std::net::{IpAddr, Ipv4Addr};

/// The lists that are asked: those whose listing costs mail, and who answer anybody without an account.
pub const LISTS: [&str; 2] = [BLOCK_LIST, "bl.spamcop.net"];

/// What a list answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSeen {
    /// The list.
    pub list: String,
    /// The address that was asked about.
    pub ip: IpAddr,
    /// Its answers, none where the address is not on it; `None` where nobody answered.
    pub answers: Timed<Option<Vec<Ipv4Addr>>>,
}

/// For what an address is on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// SBL, CSS, or a list that does not say.
    Spam,
    /// XBL.
    Infected,
    /// DROP.
    Hijacked,
}

/// Why a list gave no answer that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListError {
    /// A public resolver, or one without a name, asked.
    PublicResolver,
    /// Too many questions came from there.
    TooMany,
    /// The name of the list is wrong.
    Misspelt,
    /// Some other error of the list's.
    Other,
}

/// What follows from the answers of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    Absent,
    /// By the provider (10), or by the keeper of the list (11).
    Policy {
        by_provider: bool,
    },
    For(Vec<Reason>),
    Error(ListError),
    MadeUp(Ipv4Addr),
    NoAnswer,
}

pub(crate) fn judge_answers(list: &str, answers: Option<&[Ipv4Addr]>) -> Listed {
    let Some(answers) = answers else { return Listed::NoAnswer };
    if let Some(error) = answers.iter().find_map(|answer| list_error(*answer)) {
        return Listed::Error(error);
    }
    let is_code = |answer: &&Ipv4Addr| matches!(answer.octets(), [127, 0, 0, code] if code >= 2);
    if let Some(strange) = answers.iter().find(|answer| !is_code(answer)) {
        return Listed::MadeUp(*strange);
    }
    let codes = || answers.iter().map(|answer| answer.octets()[3]);
    if list == BLOCK_LIST && !answers.is_empty() && codes().all(|code| matches!(code, 10 | 11)) {
        return Listed::Policy { by_provider: codes().any(|code| code == 10) };
    }
    let mut reasons: Vec<Reason> = codes()
        .filter(|code| list != BLOCK_LIST || !matches!(code, 10 | 11))
        .map(|code| reason(list, code))
        .collect();
    reasons.sort();
    reasons.dedup();
    if reasons.is_empty() { Listed::Absent } else { Listed::For(reasons) }
}

fn list_error(answer: Ipv4Addr) -> Option<ListError> {
    match answer.octets() {
        [127, 255, 255, 252] => Some(ListError::Misspelt),
        [127, 255, 255, 254] => Some(ListError::PublicResolver),
        [127, 255, 255, 255] => Some(ListError::TooMany),
        [127, 255, 255, _] => Some(ListError::Other),
        _ => None,
    }
}

fn reason(list: &str, code: u8) -> Reason {
    match code {
        4..=7 if list == BLOCK_LIST => Reason::Infected,
        9 if list == BLOCK_LIST => Reason::Hijacked,
        _ => Reason::Spam,
    }
}

/// Judges the answers of a list.
pub fn address_list(seen: &ListSeen) -> Finding {
    let answer = match &seen.answers.value {
        None => "no answer".to_owned(),
        Some(answers) if answers.is_empty() => "not listed".to_owned(),
        Some(answers) => answers.iter().map(Ipv4Addr::to_string).collect::<Vec<_>>().join(", "),
    };
    let evidence = vec![Evidence::new(format!("{} about {}", seen.list, seen.ip), answer, seen.answers.took)];
    let listed = judge_answers(&seen.list, seen.answers.value.as_deref());
    Finding::new(
        Check::AddressList,
        format!("{} {}", seen.list, seen.ip),
        evidence,
        texts::address_list(seen, &listed),
    )
}
