//! Messages of any program on their way to a server: whatever was handed in, what travels is fit to.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use postrider_message::{has_long_lines, normalise_line_ends, to_seven_bit};
use proptest::prelude::*;

fn field() -> impl Strategy<Value = String> {
    let names = [
        "Subject",
        "To",
        "From",
        "Content-Type",
        "Content-Disposition",
        "References",
        "X-Note",
        "x".repeat(90).leak(),
    ];
    let value = prop_oneof![
        "\\PC{0,200}",
        "[ -~\t]{0,300}",
        "x{0,1200} <y{0,1200}@z>",
        "ü x{0,1200} <y{0,1200}@z>, \"ü\" <a@b\\.test>",
        "(attachment|text/plain|multipart/mixed|x{990,1100}); (filename|boundary|x-y|x{1,90})=\"[ü a-z\\\\]{0,300}\"",
        "text/plain; charset=utf-8; name=ü; format=x{0,1200}",
    ];
    (proptest::sample::select(names.to_vec()), value).prop_map(|(name, value)| format!("{name}: {value}\n"))
}

/// The names of the fields, in order.
fn names(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw).replace("\r\n", "\n");
    let header = text.split("\n\n").next().unwrap_or_default();
    let fields = header.split('\n').filter(|line| !line.starts_with([' ', '\t']));
    fields.filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_message_is_made_fit_to_travel_and_then_stays_as_it_is(
        fields in proptest::collection::vec(field(), 1..6),
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..2_000),
            "(?s)[ -~ü\n.]{0,400}(x{900,1100})?".prop_map(String::into_bytes),
        ],
    ) {
        let mut raw = fields.concat().into_bytes();
        raw.push(b'\n');
        raw.extend_from_slice(&body);
        let sent = to_seven_bit(&raw).into_owned();
        prop_assert!(!has_long_lines(&sent), "{}", String::from_utf8_lossy(&sent));
        prop_assert!(!sent.contains(&0));
        prop_assert_eq!(&normalise_line_ends(&sent), &sent);
        let given = names(&raw);
        for name in names(&sent) {
            let ours = ["MIME-Version", "Content-Type", "Content-Transfer-Encoding"].contains(&name.as_str());
            prop_assert!(ours || given.contains(&name), "{}: {}", name, String::from_utf8_lossy(&sent));
        }
        // Only an address may go beyond ASCII.
        let header = sent.windows(4).position(|at| at == b"\r\n\r\n").unwrap_or(sent.len());
        prop_assert!(sent.iter().skip(header).all(u8::is_ascii));
        prop_assert_eq!(&to_seven_bit(&sent).into_owned(), &sent);
    }
}
