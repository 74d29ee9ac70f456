//! What is known of a network after some of it was looked at again: pure.
//!
//! | looked at again | then |
//! |---|---|
//! | and something was found | it counts, in the place of what was found before |
//! | the address, its name, the lists: and nobody could say | what was found before counts, all three together |
//! | the clock: and nobody could say | what was found before counts |
//! | not at all | what was found before counts |

use crate::checks::finding::{Check, Finding, Status};

/// What belongs together: a name and lists are those of an address.
const OF_THE_ADDRESS: [Check; 3] = [Check::PublicAddress, Check::ReverseName, Check::AddressList];

/// The findings from before, with what was found now in their place.
pub fn looked_again(before: Vec<Finding>, now: Vec<Finding>) -> Vec<Finding> {
    let is_known = |findings: &[Finding], check: Check| {
        findings.iter().any(|finding| finding.check == check && finding.status != Status::Unknown)
    };
    let same_address = is_known(&before, Check::PublicAddress) && !is_known(&now, Check::PublicAddress);
    let same_clock = is_known(&before, Check::Clock) && !is_known(&now, Check::Clock);
    let stays = |check: Check| match check {
        Check::Clock => same_clock,
        check => OF_THE_ADDRESS.contains(&check) && same_address,
    };
    let mut now: Vec<Finding> = now.into_iter().filter(|finding| !stays(finding.check)).collect();
    let mut replaced: Vec<Check> = now.iter().map(|finding| finding.check).collect();
    if replaced.contains(&Check::PublicAddress) {
        replaced.extend(OF_THE_ADDRESS);
    }
    let mut merged = Vec::new();
    for old in before {
        let (new, others): (Vec<Finding>, Vec<Finding>) =
            now.into_iter().partition(|finding| finding.check == old.check);
        now = others;
        merged.extend(new);
        if !replaced.contains(&old.check) {
            merged.push(old);
        }
    }
    merged.extend(now);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::finding::Said;
    use Check::*;

    fn findings(of: &[(Check, Status, &'static str)]) -> Vec<Finding> {
        of.iter()
            .map(|(check, status, found)| {
                Finding::new(*check, "", Vec::new(), Said::new(*status, found, *found, *found))
            })
            .collect()
    }

    type Seen = (Check, Status, &'static str);

    #[test]
    fn what_was_looked_at_again_takes_the_place_of_what_was_found_before() {
        let before = [
            (WayOut, Status::Pass, "open"),
            (Port25V4, Status::Pass, "open"),
            (PublicAddress, Status::Pass, "own"),
            (ReverseName, Status::Fail, "missing"),
            (AddressList, Status::Pass, "absent"),
            (AddressList, Status::Pass, "absent-too"),
            (Clock, Status::Pass, "right"),
        ];
        // What was found now, and what is known then.
        let table: [(&[Seen], &str); 5] = [
            (&[], "open open own missing absent absent-too right"),
            (&[(WayOut, Status::Fail, "portal")], "portal open own missing absent absent-too right"),
            (
                &[
                    (WayOut, Status::Pass, "open"),
                    (PublicAddress, Status::Pass, "own"),
                    (ReverseName, Status::Pass, "good"),
                    (AddressList, Status::Unknown, "no-answer"),
                    (ResolverTcp, Status::Pass, "answered"),
                ],
                "open open own good no-answer right answered",
            ),
            (
                &[
                    (PublicAddress, Status::Unknown, "not-known"),
                    (ReverseName, Status::Unknown, "not-answered"),
                    (Clock, Status::Unknown, "not-told"),
                ],
                "open open own missing absent absent-too right",
            ),
            (&[(PublicAddress, Status::Warn, "elsewhere")], "open open elsewhere right"),
        ];
        for (now, expected) in table {
            let known = looked_again(findings(&before), findings(now));
            let words: Vec<&str> = known.iter().map(|finding| &*finding.found).collect();
            assert_eq!(words.join(" "), expected);
        }
    }
}
