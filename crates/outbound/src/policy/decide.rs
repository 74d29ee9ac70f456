//! What a host has to show before it is given a letter: pure.
//!
//! | what is known | what is demanded |
//! |---|---|
//! | TLSA records, proven | a certificate that fits them (DANE, RFC 7672) |
//! | MTA-STS in force, and the host is one of its | a certificate that is valid for the host (RFC 8461 §4) |
//! | MTA-STS in force, and the host is none of its | nothing: it gets no letter |
//! | TLSA records, proven, and none of them can be used | encryption (RFC 7672 §2.2) |
//! | it encrypted before, and downgrades are refused | encryption |
//! | none of these, and the letter asks for REQUIRETLS | a valid certificate; and the list of hosts itself must be proven |
//! | none of these | nothing: encrypted if it can be |
//!
//! What comes first in the table comes first in fact: MTA-STS never stands in for DANE that failed (RFC 8461 §2). Answers
//! that do not agree with their signatures put the letter off only where the settings say so.

use super::{Dane, DaneRule, DowngradeRule, HostPolicy, Rules, Sts};
use model::{DnsFault, Fault, TlsDemand, TlsPolicy, VerifiedBy};
use net::{Proof, StsMode};
use store::Encryption;

/// Everything that decides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub domain: &'a str,
    pub host: &'a str,
    pub rules: Rules,
    /// Of the list of hosts.
    pub mx: Proof,
    pub dane: &'a Dane,
    pub sts: &'a Sts,
    pub before: Option<&'a Encryption>,
    pub require_tls: bool,
}

/// What is demanded of the host, or why it gets no letter.
pub(crate) fn decide(facts: &Facts) -> Result<HostPolicy, Fault> {
    refuse_bogus(facts)?;
    let mut notes = Vec::new();
    notes.extend(dane_note(facts));
    notes.extend(sts_note(facts));
    let demand = demand(facts)?;
    if demand.policy == TlsPolicy::Encrypted && !matches!(facts.dane, Dane::Unusable) {
        notes.push(format!("{} encrypted before, so it has to encrypt now.", facts.host));
    }
    Ok(HostPolicy {
        demand,
        notes,
        domain: facts.domain.to_owned(),
        before: facts.before.cloned().map(|before| comparable(before, facts.rules)),
        refuses_downgrade: facts.rules.downgrade == DowngradeRule::Refuse,
        tested_by_sts: matches!(facts.sts, Sts::Policy(policy) if policy.mode == StsMode::Testing),
    })
}

/// Who turned DANE off is not told that a host is no longer proven by it.
fn comparable(before: Encryption, rules: Rules) -> Encryption {
    let is_asked = |by: &VerifiedBy| rules.dane != DaneRule::Off || *by != VerifiedBy::Tlsa;
    Encryption { verified_by: before.verified_by.filter(is_asked), ..before }
}

/// Only the strict setting lets a letter wait for answers that may be false alarms.
fn refuse_bogus(facts: &Facts) -> Result<(), Fault> {
    if facts.rules.dane != DaneRule::Strict {
        return Ok(());
    }
    match facts.dane {
        _ if facts.mx == Proof::Bogus => Err(Fault::Bogus(facts.domain.to_owned())),
        Dane::Bogus(name) => Err(Fault::Bogus(name.clone())),
        Dane::Failed(name) => Err(Fault::Dns(DnsFault::ServerFailure(name.clone()))),
        _ => Ok(()),
    }
}

fn demand(facts: &Facts) -> Result<TlsDemand, Fault> {
    let of = |policy| TlsDemand::new(policy, facts.host);
    if let Dane::Records { base, other_names, records } = facts.dane {
        let (other_names, tlsa) = (other_names.clone(), records.clone());
        return Ok(TlsDemand { other_names, tlsa, ..TlsDemand::new(TlsPolicy::Dane, base) });
    }
    if let Sts::Policy(policy) = facts.sts
        && policy.mode == StsMode::Enforce
    {
        let stranger = || Fault::NotInPolicy { host: facts.host.to_owned(), domain: facts.domain.to_owned() };
        return if policy.names(facts.host) { Ok(of(TlsPolicy::MtaSts)) } else { Err(stranger()) };
    }
    if facts.require_tls {
        // RFC 8689 §4.2.1: a valid certificate proves little where the host's name may be forged.
        return if hosts_are_proven(facts) {
            Ok(of(TlsPolicy::Verified))
        } else {
            Err(Fault::HostsNotProven(facts.domain.to_owned()))
        };
    }
    let encrypted_before = facts.rules.downgrade == DowngradeRule::Refuse && facts.before.is_some();
    let policy = if encrypted_before || matches!(facts.dane, Dane::Unusable) {
        TlsPolicy::Encrypted
    } else {
        TlsPolicy::Opportunistic
    };
    Ok(of(policy))
}

/// By DNSSEC, or by the domain's policy, also by one that is being tested. A domain that is its own host needs no list.
fn hosts_are_proven(facts: &Facts) -> bool {
    let by_policy =
        matches!(facts.sts, Sts::Policy(policy) if policy.mode != StsMode::None && policy.names(facts.host));
    facts.mx == Proof::Secure || by_policy
}

fn dane_note(facts: &Facts) -> Option<String> {
    let host = facts.host;
    let goes_on = "As that may be a false alarm, the letter goes on without DANE.";
    match facts.dane {
        _ if facts.mx == Proof::Bogus => Some(format!(
            "DNSSEC: the signatures on the list of hosts of {} do not fit, or could not be had. {goes_on}",
            facts.domain
        )),
        Dane::Bogus(name) => Some(format!(
            "DNSSEC: the signatures on the answers about {name} do not fit, or could not be had. {goes_on}"
        )),
        Dane::Failed(name) => {
            Some(format!("DANE: nobody answered whether there is {name}; the letter goes on without it."))
        }
        Dane::Records { .. } => Some(format!("DANE: {host} has TLSA records that are proven, and must fit them.")),
        Dane::Unusable => Some(format!(
            "DANE: none of the TLSA records of {host} is of a kind that counts for mail; it has to encrypt, and its \
             certificate does not matter."
        )),
        Dane::NotAsked | Dane::NotProven | Dane::NoRecords => None,
    }
}

fn sts_note(facts: &Facts) -> Option<String> {
    let (domain, host) = (facts.domain, facts.host);
    match facts.sts {
        Sts::NotAsked | Sts::Absent => None,
        Sts::Failed(why) => Some(format!("MTA-STS: {domain} announces a policy, but it could not be had: {why}.")),
        Sts::Policy(policy) => match policy.mode {
            StsMode::Enforce => {
                Some(format!("MTA-STS: the policy of {domain} demands a valid certificate of {host}."))
            }
            StsMode::Testing if policy.names(host) => None,
            StsMode::Testing => Some(format!(
                "MTA-STS: the policy of {domain} does not name {host}. It is only being tested, so the letter goes on."
            )),
            StsMode::None => None,
        },
    }
}

/// What a host that was reached fell short of, a sentence each: a downgrade, a policy that is only being tested.
pub(super) fn fell_short(policy: &HostPolicy, tls: Option<&model::TlsReport>) -> Vec<String> {
    let host = &policy.demand.name;
    let mut notes = Vec::new();
    if let Some(before) = &policy.before {
        match tls {
            None => notes.push(format!(
                "Downgrade: {host} encrypted before ({}, last on {}) and does not now.",
                before.version,
                before.at.strftime("%Y-%m-%d")
            )),
            Some(tls) if before.verified_by == Some(VerifiedBy::Tlsa) && tls.verified_by != before.verified_by => {
                notes.push(format!("Downgrade: {host} was proven by DANE before and is not now."));
            }
            Some(tls) if before.verified_by.is_some() && !tls.verified => {
                notes.push(format!("Downgrade: {host} had a valid certificate before and has none now."));
            }
            Some(tls) if tls.version < before.version => {
                notes.push(format!("Downgrade: {host} spoke {} before and {} now.", before.version, tls.version));
            }
            Some(_) => {}
        }
    }
    if policy.tested_by_sts && !tls.is_some_and(|tls| tls.verified) {
        notes.push(format!(
            "MTA-STS: once the policy of {} is no longer only tested, {host} will have to show a valid certificate.",
            policy.domain
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{TlsReport, Tlsa};
    use net::StsPolicy;

    fn sts(mode: &str) -> Sts {
        let text = format!("version: STSv1\nmode: {mode}\nmx: mx.a.test\nmax_age: 86400\n");
        Sts::Policy(StsPolicy::parse(&text).expect("a policy"))
    }

    fn records() -> Dane {
        let record = Tlsa { usage: 3, selector: 1, matching: 1, data: vec![1; 32] };
        Dane::Records { base: "mx.a.test".into(), other_names: vec!["a.test".into()], records: vec![record] }
    }

    fn encryption(version: &str, verified_by: Option<VerifiedBy>) -> Encryption {
        Encryption { version: version.into(), verified_by, at: "2026-11-20T10:00:00Z".parse().expect("a time") }
    }

    const PLAIN: Rules = Rules { dane: DaneRule::WhenProven, downgrade: DowngradeRule::Show };
    const STRICT: Rules = Rules { dane: DaneRule::Strict, downgrade: DowngradeRule::Show };
    const REFUSING: Rules = Rules { dane: DaneRule::WhenProven, downgrade: DowngradeRule::Refuse };

    fn facts<'a>(dane: &'a Dane, sts: &'a Sts) -> Facts<'a> {
        Facts {
            domain: "a.test",
            host: "mx.a.test",
            rules: PLAIN,
            mx: Proof::Secure,
            dane,
            sts,
            before: None,
            require_tls: false,
        }
    }

    fn decided(facts: Facts) -> Result<TlsPolicy, Fault> {
        decide(&facts).map(|policy| policy.demand.policy)
    }

    #[test]
    fn what_is_demanded_of_a_host() {
        use TlsPolicy::{Dane as ByRecords, Encrypted, MtaSts, Opportunistic, Verified};
        let bogus = || Dane::Bogus("mx.a.test".into());
        let failed = || Dane::Failed("_25._tcp.mx.a.test".into());
        let down = DnsFault::ServerFailure("_25._tcp.mx.a.test".into());
        let not_named = |host: &str| Fault::NotInPolicy { host: host.into(), domain: "a.test".into() };
        let before = encryption("TLSv1.3", None);
        type Change = fn(Facts<'_>) -> Facts<'_>;
        let same: Change = |facts| facts;
        let strict: Change = |facts| Facts { rules: STRICT, ..facts };
        let stranger: Change = |facts| Facts { host: "mx.b.test", ..facts };
        let unproven: Change = |facts| Facts { mx: Proof::Insecure, ..facts };
        let required: Change = |facts| Facts { require_tls: true, ..facts };
        let required_unproven: Change = |facts| Facts { require_tls: true, mx: Proof::Insecure, ..facts };
        let forged: Change = |facts| Facts { mx: Proof::Bogus, ..facts };
        let forged_strict: Change = |facts| Facts { mx: Proof::Bogus, rules: STRICT, ..facts };
        let table = [
            (Dane::NotAsked, Sts::NotAsked, same, Ok(Opportunistic)),
            (Dane::NoRecords, Sts::Absent, same, Ok(Opportunistic)),
            (records(), Sts::NotAsked, same, Ok(ByRecords)),
            (records(), sts("enforce"), same, Ok(ByRecords)),
            (records(), sts("enforce"), stranger, Ok(ByRecords)),
            (records(), Sts::NotAsked, required, Ok(ByRecords)),
            (Dane::Unusable, Sts::Absent, same, Ok(Encrypted)),
            (Dane::Unusable, sts("enforce"), same, Ok(MtaSts)),
            (bogus(), Sts::Absent, same, Ok(Opportunistic)),
            (bogus(), Sts::Absent, strict, Err(Fault::Bogus("mx.a.test".into()))),
            (bogus(), sts("enforce"), same, Ok(MtaSts)),
            (failed(), Sts::Absent, same, Ok(Opportunistic)),
            (failed(), Sts::Absent, strict, Err(Fault::Dns(down))),
            (Dane::NotProven, Sts::Absent, forged, Ok(Opportunistic)),
            (Dane::NotProven, Sts::Absent, forged_strict, Err(Fault::Bogus("a.test".into()))),
            (Dane::NotProven, sts("enforce"), unproven, Ok(MtaSts)),
            (Dane::NotProven, sts("enforce"), stranger, Err(not_named("mx.b.test"))),
            (Dane::NotProven, sts("testing"), same, Ok(Opportunistic)),
            (Dane::NotProven, sts("testing"), stranger, Ok(Opportunistic)),
            (Dane::NotProven, sts("none"), stranger, Ok(Opportunistic)),
            (Dane::NotProven, Sts::Failed("it did not come".into()), same, Ok(Opportunistic)),
            (Dane::NoRecords, Sts::Absent, required, Ok(Verified)),
            (Dane::NotProven, Sts::Absent, required_unproven, Err(Fault::HostsNotProven("a.test".into()))),
            (Dane::NotProven, sts("enforce"), required_unproven, Ok(MtaSts)),
            (Dane::NotProven, sts("testing"), required_unproven, Ok(Verified)),
            (Dane::NotProven, sts("none"), required_unproven, Err(Fault::HostsNotProven("a.test".into()))),
        ];
        for (dane, sts, change, expected) in table {
            let facts = change(facts(&dane, &sts));
            assert_eq!(decided(facts), expected, "{facts:?}");
        }
        let (dane, sts) = (Dane::NoRecords, Sts::Absent);
        let remembered = Facts { before: Some(&before), ..facts(&dane, &sts) };
        assert_eq!(decided(remembered), Ok(Opportunistic), "a downgrade is only shown");
        assert_eq!(decided(Facts { rules: REFUSING, ..remembered }), Ok(Encrypted));
        assert_eq!(decided(Facts { rules: REFUSING, before: None, ..remembered }), Ok(Opportunistic));
    }

    #[test]
    fn the_demand_of_dane_has_its_records_and_names() {
        let (dane, sts) = (records(), Sts::NotAsked);
        let demand = decide(&facts(&dane, &sts)).expect("a policy").demand;
        assert_eq!((demand.name.as_str(), demand.other_names.len(), demand.tlsa.len()), ("mx.a.test", 1, 1));
    }

    #[test]
    fn what_was_found_out_is_said_where_it_matters() {
        let table = [
            (Dane::NotProven, Sts::Absent, None),
            (records(), Sts::NotAsked, Some("DANE: mx.a.test has TLSA records")),
            (Dane::Unusable, Sts::Absent, Some("its certificate does not matter")),
            (Dane::Bogus("mx.a.test".into()), Sts::Absent, Some("may be a false alarm")),
            (Dane::NoRecords, sts("enforce"), Some("demands a valid certificate of mx.a.test")),
            (Dane::NoRecords, sts("testing"), None),
            (Dane::NoRecords, Sts::Failed("the answer is 404 and not 200".into()), Some("could not be had")),
        ];
        for (dane, sts, expected) in table {
            let notes = decide(&facts(&dane, &sts)).expect("a policy").notes.join(" ");
            match expected {
                Some(words) => assert!(notes.contains(words), "{notes}"),
                None => assert_eq!(notes, ""),
            }
        }
    }

    fn report(version: &str, verified_by: Option<VerifiedBy>) -> TlsReport {
        TlsReport {
            policy: TlsPolicy::Opportunistic,
            verified: verified_by.is_some(),
            verified_by,
            unverified_because: None,
            version: version.into(),
            cipher: String::new(),
            names: Vec::new(),
            not_after: None,
        }
    }

    #[test]
    fn whatever_is_worse_than_before_is_noted() {
        use VerifiedBy::{Authority, Tlsa};
        let table = [
            (None, None, None),
            (None, Some(report("TLSv1.2", None)), None),
            (Some(encryption("TLSv1.3", None)), None, Some("encrypted before (TLSv1.3, last on 2026-11-20)")),
            (Some(encryption("TLSv1.3", None)), Some(report("TLSv1.3", None)), None),
            (
                Some(encryption("TLSv1.3", None)),
                Some(report("TLSv1.2", None)),
                Some("TLSv1.3 before and TLSv1.2 now"),
            ),
            (
                Some(encryption("TLSv1.3", Some(Authority))),
                Some(report("TLSv1.3", None)),
                Some("had a valid certificate"),
            ),
            (
                Some(encryption("TLSv1.3", Some(Tlsa))),
                Some(report("TLSv1.3", Some(Authority))),
                Some("proven by DANE before"),
            ),
            (Some(encryption("TLSv1.2", Some(Tlsa))), Some(report("TLSv1.3", Some(Tlsa))), None),
        ];
        for (before, now, expected) in table {
            let (dane, sts) = (Dane::NoRecords, Sts::Absent);
            let policy = decide(&Facts { before: before.as_ref(), ..facts(&dane, &sts) }).expect("a policy");
            let notes = policy.fell_short(now.as_ref()).join(" ");
            match expected {
                Some(words) => assert!(notes.contains(words), "{notes}"),
                None => assert_eq!(notes, "", "{before:?} {now:?}"),
            }
        }
    }

    #[test]
    fn who_turned_dane_off_is_not_told_that_it_is_missing() {
        let (dane, sts) = (Dane::NotAsked, Sts::Absent);
        let before = encryption("TLSv1.3", Some(VerifiedBy::Tlsa));
        let off = Rules { dane: DaneRule::Off, ..PLAIN };
        let policy = decide(&Facts { before: Some(&before), rules: off, ..facts(&dane, &sts) }).expect("a policy");
        assert!(policy.fell_short(Some(&report("TLSv1.3", None))).is_empty());
        assert!(!policy.fell_short(None).is_empty());
    }

    #[test]
    fn encryption_that_fails_at_a_host_that_encrypted_before_is_a_downgrade() {
        let (dane, sts) = (Dane::NoRecords, Sts::Absent);
        let before = encryption("TLSv1.3", None);
        let remembered = Facts { before: Some(&before), ..facts(&dane, &sts) };
        let refusing = decide(&Facts { rules: REFUSING, ..remembered }).expect("a policy");
        let downgrade = Fault::TlsDowngrade("mx.a.test".into());
        assert_eq!(refusing.fault(Fault::TlsNotOffered), downgrade);
        assert_eq!(refusing.fault(Fault::TlsHandshake("alert".into())), downgrade);
        assert_eq!(refusing.fault(Fault::Closed), Fault::Closed, "that says nothing of encryption");
        let enforced = self::sts("enforce");
        let by_policy = decide(&Facts { rules: REFUSING, sts: &enforced, ..remembered }).expect("a policy");
        assert_eq!(by_policy.fault(Fault::TlsNotOffered), Fault::TlsNotOffered, "the domain's own rule comes first");
    }

    #[test]
    fn a_policy_that_is_only_tested_says_what_it_would_refuse() {
        let (dane, sts) = (Dane::NoRecords, sts("testing"));
        let policy = decide(&facts(&dane, &sts)).expect("a policy");
        assert!(policy.fell_short(Some(&report("TLSv1.3", None))).join(" ").contains("no longer only tested"));
        assert!(policy.fell_short(Some(&report("TLSv1.3", Some(VerifiedBy::Authority)))).is_empty());
    }
}
