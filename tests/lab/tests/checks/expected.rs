//! What is to be seen of a case: what the checks find, what the composer says, and which way letters really go.

use crate::lab::{FRIENDS, User, lab};
use serde_json::Value;

/// A check, the word for what it finds, and how that counts.
pub type Found = (&'static str, &'static str, &'static str);

/// Everything that is to be seen of a case.
pub struct Expected {
    /// What the check of the network finds among other things.
    pub network: &'static [Found],
    /// What direct sending is worth by that.
    pub verdict: &'static str,
    /// What the check of the sender finds, and what direct sending is worth by that, where it is asked for.
    pub sender: Option<(&'static [Found], &'static str)>,
    /// What the composer says of a letter that is to go direct.
    pub banner: Option<Banner>,
    /// What becomes of a letter whose way is left to Postrider.
    pub auto: Auto,
}

/// What the composer says: the kind, the tone, and what is on its button.
pub type Banner = (&'static str, &'static str, Option<&'static str>);

/// The way of a letter that nobody chose.
pub struct Auto {
    pub route: &'static str,
    /// Why, in the words of the composer and of the timeline.
    pub reason: &'static str,
    /// What the composer says of it.
    pub banner: Option<Banner>,
    /// What comes of it.
    pub state: &'static str,
}

/// A network from which direct sending works.
pub const GOOD: Expected = Expected {
    network: &[("port-25-ipv4", "open", "pass"), ("clock", "right", "pass")],
    verdict: "good",
    sender: None,
    banner: None,
    auto: Auto {
        route: "direct",
        reason: "Direct: this network's address has a name, is on no block list, and the letter is signed.",
        banner: None,
        state: "accepted",
    },
};

/// A banner that says that the letter will not arrive, and offers the smart host.
pub const fn stop(kind: &'static str) -> Option<Banner> {
    Some((kind, "stop", Some("Send through post.example")))
}

/// A banner that says that the letter may not arrive, and offers the smart host.
pub const fn caution(kind: &'static str) -> Option<Banner> {
    Some((kind, "caution", Some("Send through post.example")))
}

/// A banner on what no other way helps against.
pub const fn whichever_way(kind: &'static str) -> Option<Banner> {
    Some((kind, "caution", None))
}

/// The way through the smart host, which takes the letter.
pub const fn round(reason: &'static str) -> Auto {
    Auto { route: "post.example", reason, banner: None, state: "relayed" }
}

/// The user of a case, who checks, writes and sends. What was found of the network.
pub fn assert_case(case: &'static str, expected: &Expected) -> Value {
    let _logs = lab().town.logs_on_failure();
    assert_seen(&lab().user(case), expected)
}

/// Checks the network, and the sender where that is expected; then letters are written and sent. What was found of the
/// network.
pub fn assert_seen(user: &User, expected: &Expected) -> Value {
    user.writes_to(&FRIENDS);
    let report = user.check_network();
    assert_found(&report, expected.network, expected.verdict);
    if let Some((findings, verdict)) = expected.sender {
        assert_found(&user.check_identity(), findings, verdict);
    }
    assert_ways(user, expected);
    report
}

fn assert_found(report: &Value, expected: &[Found], verdict: &str) {
    for (check, word, status) in expected {
        assert!(found(report, check).contains(&(word, status)), "{check}: {word}, {status} in {report:#}");
    }
    assert_eq!(report["verdict"], verdict, "{report:#}");
}

/// What the composer says, and which way the letters that wait then go.
pub fn assert_ways(user: &User, expected: &Expected) {
    let auto = &expected.auto;
    let direct = user.outlook("direct");
    assert_eq!(banner(&direct), expected.banner.map(owned), "of a letter that is to go direct: {direct:#}");
    let left_open = user.outlook("auto");
    assert_eq!(banner(&left_open), auto.banner.map(owned), "of a letter that nobody chose a way for: {left_open:#}");
    for choice in left_open["choices"].as_array().expect("choices") {
        assert_eq!((&choice["route"], &choice["reason"]), (&auto.route.into(), &auto.reason.into()));
    }
    for timeline in user.sends() {
        let recipient = &timeline["recipients"][0];
        let attempt = &recipient["attempts"][0];
        assert_eq!(
            (&attempt["route"], &attempt["route_reason"], &recipient["state"]),
            (&auto.route.into(), &auto.reason.into(), &auto.state.into()),
            "{timeline:#}"
        );
    }
}

fn banner(outlook: &Value) -> Option<(String, String, Option<String>)> {
    let banner = outlook.get("banner").filter(|banner| !banner.is_null())?;
    let text = |key: &str| banner[key].as_str().map(str::to_owned);
    Some((text("kind").expect("a kind"), text("tone").expect("a tone"), text("better_label")))
}

fn owned((kind, tone, button): Banner) -> (String, String, Option<String>) {
    (kind.to_owned(), tone.to_owned(), button.map(str::to_owned))
}

/// What was found of a check, and how that counts.
pub fn found<'a>(report: &'a Value, check: &str) -> Vec<(&'a str, &'a str)> {
    let all = report["findings"].as_array().expect("findings");
    let of_check = all.iter().filter(|finding| finding["check"] == check);
    of_check.map(|finding| (finding["found"].as_str().unwrap(), finding["status"].as_str().unwrap())).collect()
}
