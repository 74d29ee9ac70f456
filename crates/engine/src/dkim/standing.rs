//! What DNS says of a key, and what follows: pure.
//!
//! | DNS shows | a key that was not seen yet | one that was |
//! |---|---|---|
//! | exactly this key | signs from now on; older ones of its kind retire | signs on |
//! | nothing, another, several, one taken back or not for mail | waits on | is missing: signs no longer |
//! | no answer | as it was | as it was: a signature that cannot be verified just now does no harm |
//!
//! A retired key signs no longer, whatever DNS shows. Its record is to stay for a week, for letters on their way.

use crate::view::DkimState;
use jiff::{SignedDuration, Timestamp};
use model::DkimShown;
use store::{DkimKey, DkimStanding};

/// How long the record of a retired key is to stay in DNS: letters wait in queues for days.
const KEEP_RETIRED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The first look for a new record.
const FIRST_LOOK: SignedDuration = SignedDuration::from_mins(1);
/// The longest pause between looks for a record that is awaited.
const LAST_LOOK: SignedDuration = SignedDuration::from_hours(6);
/// The pause between looks at a record that is there.
const SIGNING_LOOK: SignedDuration = SignedDuration::from_hours(12);
/// How old an answer may be when a letter is signed.
const FRESH_SIGNING: SignedDuration = SignedDuration::from_hours(6);
/// How old an answer may be when a letter could be signed if only the key were there.
const FRESH_AWAITED: SignedDuration = SignedDuration::from_mins(5);

/// The state that a standing means.
pub(super) fn state(standing: &DkimStanding) -> DkimState {
    match standing {
        DkimStanding { retired_at: Some(_), .. } => DkimState::Retired,
        DkimStanding { seen_at: Some(_), .. } => DkimState::Signing,
        DkimStanding { missing_since: Some(_), .. } => DkimState::Missing,
        _ => DkimState::Waiting,
    }
}

/// What is known after DNS gave this answer.
pub(super) fn after_answer(before: DkimStanding, shown: DkimShown, now: Timestamp) -> DkimStanding {
    let answered = DkimStanding { checked_at: Some(now), shown: Some(shown), ..before };
    match (shown, before.seen_at) {
        (DkimShown::ThisKey, seen) => DkimStanding { seen_at: seen.or(Some(now)), missing_since: None, ..answered },
        (_, Some(_)) => DkimStanding { seen_at: None, missing_since: Some(now), ..answered },
        (_, None) => answered,
    }
}

/// Retires what a newer key of the same kind signs for. The keys are of one domain, oldest first.
pub(super) fn retire(keys: &mut [DkimKey], now: Timestamp) {
    let mut newer_signs = Vec::new();
    for key in keys.iter_mut().rev() {
        if newer_signs.contains(&key.algorithm) {
            key.standing.retired_at.get_or_insert(now);
        } else if state(&key.standing) == DkimState::Signing {
            newer_signs.push(key.algorithm);
        }
    }
}

/// When to look in DNS again, by itself; `None`: never.
pub(super) fn next_look(key: &DkimKey) -> Option<Timestamp> {
    let standing = &key.standing;
    let awaited_since = match state(standing) {
        DkimState::Retired => return None,
        DkimState::Signing => {
            return Some(standing.checked_at.map_or(key.created_at, |checked| later(checked, SIGNING_LOOK)));
        }
        DkimState::Missing => standing.missing_since.unwrap_or(key.created_at),
        DkimState::Waiting => key.created_at,
    };
    let Some(checked) = standing.checked_at else { return Some(later(key.created_at, FIRST_LOOK)) };
    let waited = checked.duration_since(awaited_since);
    Some(later(checked, (waited / 2).clamp(FIRST_LOOK, LAST_LOOK)))
}

/// Whether DNS is to be asked before a letter is signed.
pub(super) fn is_stale(key: &DkimKey, now: Timestamp) -> bool {
    let fresh = match state(&key.standing) {
        DkimState::Retired => return false,
        DkimState::Signing => FRESH_SIGNING,
        DkimState::Missing | DkimState::Waiting => FRESH_AWAITED,
    };
    // A clock that was set back is no reason to trust an old answer.
    key.standing.checked_at.is_none_or(|checked| now.duration_since(checked).abs() > fresh)
}

/// Its state in words, and what there is to do.
pub(super) fn what(key: &DkimKey, now: Timestamp) -> String {
    let standing = &key.standing;
    match state(standing) {
        DkimState::Signing => "DNS shows this key. Letters from this domain are signed with it.".to_owned(),
        DkimState::Waiting => match standing.shown {
            None | Some(DkimShown::Nothing) => {
                "Add this record to the domain's DNS. Signing begins by itself once it is seen there.".to_owned()
            }
            Some(shown) => format!("Nothing is signed with this key yet: {}", found_instead(shown)),
        },
        DkimState::Missing => {
            let shown = standing.shown.unwrap_or(DkimShown::Nothing);
            format!("Nothing is signed with this key any more: {}", found_instead(shown))
        }
        DkimState::Retired => match standing.retired_at.map(|retired| later(retired, KEEP_RETIRED)) {
            Some(until) if until > now => format!(
                "A newer key signs in its place. Leave the record in DNS until {}, for letters on their way.",
                until.strftime("%Y-%m-%d")
            ),
            _ => {
                "A newer key signs in its place. The record can be taken out of DNS, and the key removed.".to_owned()
            }
        },
    }
}

fn found_instead(shown: DkimShown) -> &'static str {
    match shown {
        DkimShown::ThisKey => "it is there, and is looked at again.",
        DkimShown::Nothing => "DNS has no record under its name. Add the record again, or remove the key.",
        DkimShown::Revoked => "its record has an empty p=, which takes it back. Put the whole record there.",
        DkimShown::AnotherKey => "DNS shows another key under its name. Replace that record with this one.",
        DkimShown::Forbidden => {
            "its record does not allow it for mail (s= or h=). Put the record there as it is here."
        }
        DkimShown::Several => "DNS has several records under its name. Leave this one alone there.",
    }
}

fn later(time: Timestamp, pause: SignedDuration) -> Timestamp {
    time.saturating_add(pause).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{DkimAlgorithm, DkimKeyId};

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
    }

    fn key(id: i64, algorithm: DkimAlgorithm, standing: DkimStanding) -> DkimKey {
        DkimKey {
            id: DkimKeyId(id),
            domain: "example.org".to_owned(),
            selector: format!("s{id}"),
            algorithm,
            public_key: String::new(),
            created_at: at(0),
            standing,
        }
    }

    fn standings() -> [(DkimState, DkimStanding); 4] {
        let checked = DkimStanding { checked_at: Some(at(10)), ..DkimStanding::default() };
        [
            (DkimState::Waiting, checked),
            (DkimState::Signing, DkimStanding { seen_at: Some(at(10)), ..checked }),
            (DkimState::Missing, DkimStanding { missing_since: Some(at(10)), ..checked }),
            (DkimState::Retired, DkimStanding { seen_at: Some(at(10)), retired_at: Some(at(10)), ..checked }),
        ]
    }

    #[test]
    fn a_key_signs_when_dns_shows_it_and_no_longer_when_it_does_not() {
        use DkimShown::{AnotherKey, Forbidden, Nothing, Revoked, Several, ThisKey};
        let [waiting, signing, missing, retired] = standings();
        let table = [
            (waiting, ThisKey, DkimState::Signing),
            (signing, ThisKey, DkimState::Signing),
            (missing, ThisKey, DkimState::Signing),
            (retired, ThisKey, DkimState::Retired),
            (waiting, Nothing, DkimState::Waiting),
            (signing, Nothing, DkimState::Missing),
            (missing, Nothing, DkimState::Missing),
            (retired, Nothing, DkimState::Retired),
            (signing, AnotherKey, DkimState::Missing),
            (signing, Revoked, DkimState::Missing),
            (signing, Forbidden, DkimState::Missing),
            (signing, Several, DkimState::Missing),
        ];
        for ((before, standing), shown, expected) in table {
            let after = after_answer(standing, shown, at(20));
            assert_eq!(state(&after), expected, "{before:?} {shown:?}");
            assert_eq!((after.checked_at, after.shown), (Some(at(20)), Some(shown)));
        }
        let [_, (_, signing), ..] = standings();
        assert_eq!(after_answer(signing, ThisKey, at(20)).seen_at, Some(at(10)), "since when is kept");
    }

    #[test]
    fn a_newer_key_that_signs_retires_the_older_ones_of_its_kind() {
        use DkimAlgorithm::{Ed25519Sha256 as Ed, RsaSha256 as Rsa};
        let [(_, waiting), (_, signing), ..] = standings();
        let mut keys = vec![
            key(1, Rsa, waiting),
            key(2, Rsa, signing),
            key(3, Ed, signing),
            key(4, Rsa, signing),
            key(5, Ed, waiting),
        ];
        retire(&mut keys, at(30));
        let retired: Vec<Option<Timestamp>> = keys.iter().map(|key| key.standing.retired_at).collect();
        assert_eq!(retired, [Some(at(30)), Some(at(30)), None, None, None]);
        retire(&mut keys, at(99));
        assert_eq!(keys[0].standing.retired_at, Some(at(30)), "since when is kept");
    }

    #[test]
    fn looks_for_a_record_grow_rarer_and_never_end() {
        let waiting = |checked| DkimStanding { checked_at: checked, ..DkimStanding::default() };
        let [_, (_, signing), (_, missing), (_, retired)] = standings();
        let table = [
            (waiting(None), Some(at(1))),
            (waiting(Some(at(1))), Some(at(2))),
            (waiting(Some(at(10))), Some(at(15))),
            (waiting(Some(at(60))), Some(at(90))),
            (waiting(Some(at(10_000))), Some(at(10_000 + 360))),
            (missing, Some(at(11))),
            (signing, Some(at(10 + 720))),
            (retired, None),
        ];
        for (standing, expected) in table {
            assert_eq!(next_look(&key(1, DkimAlgorithm::RsaSha256, standing)), expected, "{standing:?}");
        }
    }

    #[test]
    fn an_old_answer_is_asked_for_anew_before_signing() {
        let stale = |standing, now| is_stale(&key(1, DkimAlgorithm::RsaSha256, standing), now);
        let [(_, waiting), (_, signing), (_, missing), (_, retired)] = standings();
        assert!(stale(DkimStanding::default(), at(0)));
        for (standing, minutes) in [(waiting, 5), (missing, 5), (signing, 360)] {
            assert!(!stale(standing, at(10 + minutes)), "{standing:?}");
            assert!(stale(standing, at(11 + minutes)), "{standing:?}");
            assert!(stale(standing, at(10 - minutes - 1)), "{standing:?}");
        }
        assert!(!stale(retired, at(100_000)));
    }

    #[test]
    fn every_state_says_what_there_is_to_do() {
        for (state, standing) in standings() {
            let text = what(&key(1, DkimAlgorithm::RsaSha256, standing), at(20));
            assert!(text.ends_with('.'), "{state:?}: {text}");
        }
        let retired = key(1, DkimAlgorithm::RsaSha256, standings()[3].1);
        assert!(what(&retired, at(20)).contains("until 2027-01-22"));
        assert!(what(&retired, at(20 + 7 * 24 * 60)).contains("can be taken out of DNS"));
    }
}
