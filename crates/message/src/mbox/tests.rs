use super::*;
use model::{Flag, Flags};
use std::io::Cursor;

fn all(mbox: &[u8]) -> Vec<MboxLetter> {
    let mut reader = MboxReader::new(Cursor::new(mbox));
    std::iter::from_fn(|| reader.letter().unwrap()).collect()
}

fn texts(mbox: &str) -> Vec<String> {
    all(mbox.as_bytes()).into_iter().map(|letter| String::from_utf8(letter.bytes).unwrap()).collect()
}

const FIRST: &str = "From anna@example.org Tue Nov  3 14:32:05 2026\n";

#[test]
fn letters_are_told_apart() {
    let table: [(String, &[&str]); 9] = [
        (String::new(), &[]),
        ("no mailbox at all\n".to_owned(), &[]),
        (format!("{FIRST}A: 1\n\none\n\n{FIRST}A: 2\n\ntwo\n"), &["A: 1\n\none\n", "A: 2\n\ntwo\n"]),
        (format!("{FIRST}A: 1\r\n\r\none\r\n\r\n{FIRST}A: 2\n"), &["A: 1\r\n\r\none\r\n", "A: 2\n"]),
        (format!("{FIRST}A: 1\n\nx\n\nFrom the beginning\n"), &["A: 1\n\nx\n\nFrom the beginning\n"]),
        (format!("{FIRST}A: 1\n\nx\n>From me\n>>From me\n"), &["A: 1\n\nx\nFrom me\n>From me\n"]),
        (format!("{FIRST}A: 1\n\nx\n{FIRST}"), &["A: 1\n\nx\nFrom anna@example.org Tue Nov  3 14:32:05 2026\n"]),
        ("From - Mon Jan  2 10:00:00 2023\nA: 1\n\nx".to_owned(), &["A: 1\n\nx"]),
        (format!("{FIRST}{FIRST}A: 1\n\nx\n"), &["", "A: 1\n\nx\n"]),
    ];
    for (mbox, letters) in table {
        assert_eq!(texts(&mbox), letters, "{mbox}");
    }
}

#[test]
fn a_stated_length_is_believed_where_it_fits() {
    let inner = format!("x\n\n{FIRST}y\n");
    let fits = format!("{FIRST}Content-Length: {}\nA: 1\n\n{inner}\n{FIRST}A: 2\n\nz\n", inner.len());
    assert_eq!(texts(&fits), [format!("A: 1\n\n{inner}"), "A: 2\n\nz\n".to_owned()]);
    for wrong in [3, 5_000] {
        let mbox = format!("{FIRST}Content-Length: {wrong}\nA: 1\n\nlonger\n\n{FIRST}A: 2\n\nz\n");
        assert_eq!(texts(&mbox), ["A: 1\n\nlonger\n", "A: 2\n\nz\n"]);
    }
}

#[test]
fn the_line_before_a_letter_says_when_it_came() {
    let table = [
        ("From anna@example.org Tue Nov  3 14:32:05 2026", Some("2026-11-03T14:32:05Z")),
        ("From - Tue Nov 03 14:32:05 2026", Some("2026-11-03T14:32:05Z")),
        ("From a@b Tue Nov  3 14:32 CET 2026", Some("2026-11-03T14:32:00Z")),
        ("From a@b Tue Nov  3 14:32:05 2026 +0100", Some("2026-11-03T13:32:05Z")),
        ("From a@b Tue Nov  3 14:32:05 +0100 2026", Some("2026-11-03T13:32:05Z")),
        ("From a@b 99:99 9999", None),
    ];
    for (line, time) in table {
        assert_eq!(separator::date(line.as_bytes()).map(|at| at.to_string()).as_deref(), time, "{line}");
    }
}

#[test]
fn notes_of_the_keeper_are_read_and_taken_out() {
    let table = [
        ("Status: RO\nX-Status: AF\n", Some(vec![Flag::Seen, Flag::Flagged, Flag::Answered]), false),
        (
            "X-Mozilla-Status: 1003\nX-Mozilla-Status2: 00000000\n",
            Some(vec![Flag::Seen, Flag::Answered, Flag::Forwarded]),
            false,
        ),
        ("X-Mozilla-Status: 0009\n", Some(vec![Flag::Seen]), true),
        ("X-UID: 7\n", None, false),
        ("", None, false),
    ];
    for (notes, flags, deleted) in table {
        let letter = all(format!("{FIRST}A: 1\n{notes}B: 2\n\nx\n").as_bytes()).remove(0);
        let flags = flags.map(|flags| flags.into_iter().fold(Flags::default(), |set, flag| set.with(flag, true)));
        assert_eq!((letter.kept.flags, letter.kept.deleted), (flags, deleted), "{notes}");
        assert_eq!(String::from_utf8(letter.bytes).unwrap(), "A: 1\nB: 2\n\nx\n");
    }
    let internal = format!(
        "{FIRST}Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\nStatus: RO\n\nx\n\n{FIRST}A: 1\n\nx\n"
    );
    assert_eq!(texts(&internal), ["A: 1\n\nx\n"]);
}

#[test]
fn what_is_written_is_read_again_as_it_was() {
    let letters = [
        "Subject: x\n\nFrom me\n>From me\n>>From me\n\nFrom anna@example.org Tue Nov  3 14:32:05 2026\n",
        "Subject: y\n\n",
        "Subject: z\n\nno line end",
        "\n\n\n",
    ];
    let mut mbox = Vec::new();
    for letter in letters {
        write_letter(&mut mbox, letter.replace('\n', "\r\n").as_bytes(), "a@b.test", Timestamp::UNIX_EPOCH).unwrap();
    }
    let found = all(&mbox);
    assert_eq!(found.len(), letters.len());
    for (letter, found) in letters.iter().zip(&found) {
        assert_eq!(String::from_utf8_lossy(&found.bytes).trim_end_matches('\n'), letter.trim_end_matches('\n'));
        assert_eq!(found.received, Some(Timestamp::UNIX_EPOCH));
    }
}

#[test]
fn any_octets_are_read() {
    let mut noise = Vec::new();
    for number in 0_u32..40_000 {
        noise.push((number.wrapping_mul(2_654_435_761) >> 13) as u8);
        if number % 97 == 0 {
            noise.extend_from_slice(b"\n\nFrom x 1:1 2020\nContent-Length: 99999999999\n\n");
        }
    }
    assert!(all(&noise).len() > 10);
}

#[test]
fn flags_that_are_noted_are_read_again() {
    let all_flags = [Flag::Seen, Flag::Answered, Flag::Flagged, Flag::Forwarded, Flag::Draft];
    for bits in 0..1 << all_flags.len() {
        let given = all_flags.iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0);
        let flags = given.fold(Flags::default(), |set, (_, flag)| set.with(*flag, true));
        let (bytes, kept) = taken_out(format!("{}A: 1\n\nx\n", with_kept_fields(flags)).into_bytes());
        assert_eq!((kept.flags, bytes.as_slice()), (Some(flags), b"A: 1\n\nx\n".as_slice()));
    }
}
