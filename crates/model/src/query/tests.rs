use super::*;
use crate::query::ProblemKind::{Incomplete, Wrong};
use jiff::civil::date;
use jiff::{Zoned, tz::TimeZone};
use proptest::prelude::*;

/// Wednesday, 18 November 2026, 12:00 in Berlin.
fn now() -> Zoned {
    date(2026, 11, 18).at(12, 0, 0, 0).to_zoned(TimeZone::fixed(jiff::tz::offset(1))).unwrap()
}

/// A query in one line.
fn line(query: &Query) -> String {
    let all = |parts: &[Query], by: &str| format!("({})", parts.iter().map(line).collect::<Vec<_>>().join(by));
    match query {
        Query::All(parts) => all(parts, " "),
        Query::Any(parts) => all(parts, " | "),
        Query::Not(part) => format!("-{}", line(part)),
        Query::Words(sought) => {
            let words: Vec<_> = sought.pieces.iter().map(|piece| piece.word.as_str()).collect();
            let place = match sought.place {
                Place::Anywhere => String::new(),
                place => format!("{place:?}:"),
            };
            format!("{place}{}{}", words.join("+"), if sought.ending == Ending::Open { "*" } else { "" })
        }
        Query::In(name) => format!("in[{name}]"),
        Query::Is { flag, on } => format!("is[{flag:?} {on}]"),
        Query::HasAttachment => "has[attachment]".to_owned(),
        Query::Dated { from, until } => {
            let shown = |time: &Option<Timestamp>| match time {
                Some(time) => time.to_zoned(now().time_zone().clone()).strftime("%Y-%m-%dT%H").to_string(),
                None => String::new(),
            };
            format!("[{}..{}]", shown(from), shown(until)).replace("T00", "")
        }
        Query::Sized { least, most } => match *most {
            u64::MAX => format!("[{least} octets..]"),
            most => format!("[..{most} octets]"),
        },
    }
}

fn read(text: &str) -> (String, Vec<Problem>) {
    let read = parse(text, &now());
    (read.query.as_ref().map(line).unwrap_or_default(), read.problems)
}

#[test]
fn what_is_typed_is_understood() {
    let table = [
        ("", ""),
        ("   ", ""),
        ("post", "post*"),
        ("a", "a*"),
        ("an ", "an"),
        ("an invoice ", "(an invoice*)"),
        ("in*", "in*"),
        ("in* x", "(in* x*)"),
        ("\"thank you\"", "thank+you"),
        ("„vielen Dank“", "vielen+dank"),
        ("anna@example.org ", "anna+example+org*"),
        ("from:anna", "From:anna*"),
        ("From:Anna TO:bob", "(From:anna* To:bob*)"),
        ("sender:anna@example.org", "From:anna+example+org*"),
        ("subject:\"monthly report\" cc:eve", "(Subject:monthly+report Cc:eve*)"),
        ("subject:(offer OR invoice) x", "((Subject:offer* | Subject:invoice*) x*)"),
        ("body:text filename:plan.pdf list:rust", "(Body:text* Filename:plan+pdf* List:rust*)"),
        ("a OR b c", "((a | b) c*)"),
        ("(aa OR bb) cc", "((aa | bb) cc*)"),
        ("a | b", "(a | b*)"),
        ("rust AND mail", "(rust* mail*)"),
        ("-spam", "-spam*"),
        ("NOT spam", "-spam*"),
        ("--spam x", "(spam* x*)"),
        ("-(offer OR invoice) x", "(-(offer* | invoice*) x*)"),
        ("-from:anna", "-From:anna*"),
        ("well-known", "well+known*"),
        ("in:inbox in:\"My Folder\"", "(in[inbox] in[My Folder])"),
        (
            "is:unread is:read is:starred is:answered",
            "(is[Seen false] is[Seen true] is[Flagged true] is[Answered true])",
        ),
        ("has:attachment -has:attachment", "(has[attachment] -has[attachment])"),
        ("larger:2M smaller:500k", "([2000000 octets..] [..500000 octets])"),
        ("larger:1,5mb larger:100", "([1500000 octets..] [100 octets..])"),
        ("日本語", "日本+本語*"),
        ("語 x", "(語 x*)"),
        ("http://example.org/x", "http+example+org+x*"),
        ("at 12:30", "(at 12+30*)"),
        ("Re: invoice", "(re invoice*)"),
        ("or and not", "(or and* not*)"),
        ("\u{1f600} *", ""),
    ];
    for (text, expected) in table {
        let (found, problems) = read(text);
        assert_eq!(found, expected, "{text}");
        assert_eq!(problems, [], "{text}");
    }
}

#[test]
fn days_months_years_and_ages() {
    let table = [
        ("on:2026-11-03", "[2026-11-03..2026-11-04]"),
        ("on:2026/11/3", "[2026-11-03..2026-11-04]"),
        ("on:3.11.2026", "[2026-11-03..2026-11-04]"),
        ("on:3.11.26", "[2026-11-03..2026-11-04]"),
        ("on:25/12/2025", "[2025-12-25..2025-12-26]"),
        ("on:12/25/2025", "[2025-12-25..2025-12-26]"),
        ("on:3 Nov 2026", "[2026-11-03..2026-11-04]"),
        ("on:\"3 November 2026\"", "[2026-11-03..2026-11-04]"),
        ("on:3-Nov-2026", "[2026-11-03..2026-11-04]"),
        ("on:Nov 3, 2026", "[2026-11-03..2026-11-04]"),
        ("on:\"3rd of November 2026\"", "[2026-11-03..2026-11-04]"),
        ("on:3nov2026", "[2026-11-03..2026-11-04]"),
        ("on:nov 2025", "[2025-11-01..2025-12-01]"),
        ("on:dec", "[2025-12-01..2026-01-01]"),
        ("on:24 dec", "[2025-12-24..2025-12-25]"),
        ("on:2025", "[2025-01-01..2026-01-01]"),
        ("on:2025-03", "[2025-03-01..2025-04-01]"),
        ("on:03/2025", "[2025-03-01..2025-04-01]"),
        ("on:today", "[2026-11-18..2026-11-19]"),
        ("on:yesterday", "[2026-11-17..2026-11-18]"),
        ("on:monday", "[2026-11-16..2026-11-17]"),
        ("on:fri", "[2026-11-13..2026-11-14]"),
        ("before:2025", "[..2025-01-01]"),
        ("after:2025", "[2025-01-01..]"),
        ("until:2025", "[..2026-01-01]"),
        ("since:yesterday", "[2026-11-17..]"),
        ("newer:7d", "[2026-11-11T12..]"),
        ("older:2w", "[..2026-11-04T12]"),
        ("newer:3m", "[2026-08-18T12..]"),
        ("older:1y", "[..2025-11-18T12]"),
        ("newer:12h", "[2026-11-18..]"),
        ("before:7d", "[..2026-11-11T12]"),
        ("newer:2025", "[2025-01-01..]"),
    ];
    for (text, expected) in table {
        // Something after it: a date is understood wherever it stands.
        let (found, problems) = read(&format!("{text} x"));
        assert_eq!(found, format!("({expected} x*)"), "{text}");
        assert_eq!(problems, [], "{text}");
    }
}

#[test]
fn what_is_wrong_is_said_and_the_rest_is_found() {
    let table = [
        ("form:anna x", "(form anna* x*)", Wrong, 0, 5, "There is no “form:”."),
        ("is:blue anna", "anna*", Wrong, 0, 7, "“blue” is not something a letter can be."),
        ("x before:never y", "(x y*)", Wrong, 2, 12, "“never” is not a date."),
        ("larger:huge x", "x*", Wrong, 0, 11, "“huge” is not a size."),
        ("anna) bob", "(anna* bob*)", Wrong, 4, 1, "There is no “(” for this “)”."),
        ("OR anna", "anna*", Wrong, 0, 2, "Nothing stands before “OR”."),
        ("ä from:", "a", Incomplete, 2, 5, "“from:” waits for words."),
        ("is:un", "", Incomplete, 0, 5, "“un” is not something a letter can be."),
        ("before:", "", Incomplete, 0, 7, "“before:” waits for a date."),
        ("\"thank y", "thank+y*", Incomplete, 0, 8, "This quotation mark is not closed."),
        ("(anna", "anna*", Incomplete, 0, 1, "This “(” is not closed."),
        ("anna OR", "anna*", Incomplete, 5, 2, "“OR” waits for something after it."),
        ("anna NOT", "anna*", Incomplete, 5, 3, "“NOT” waits for something after it."),
    ];
    for (text, expected, kind, at, length, message) in table {
        let (found, problems) = read(text);
        assert_eq!(found, expected, "{text}");
        let [problem] = problems.as_slice() else { panic!("{text}: {problems:?}") };
        assert_eq!((problem.kind, problem.at, problem.length), (kind, at, length), "{text}");
        assert_eq!(problem.message, message, "{text}");
    }
}

#[test]
fn a_slip_of_the_finger_is_pointed_out() {
    for (typed, meant) in [("form", "from"), ("subjct", "subject"), ("befor", "before"), ("larg", "")] {
        let (_, problems) = read(&format!("{typed}:x y"));
        let hint = &problems.first().unwrap().hint;
        if meant.is_empty() {
            assert_eq!(hint, "It is looked for as words.");
        } else {
            assert!(hint.contains(&format!("“{meant}:”")), "{typed}: {hint}");
        }
    }
}

proptest! {
    #[test]
    fn anything_typed_is_read(text in "\\PC{0,80}") {
        check(&text);
    }

    #[test]
    fn anything_that_looks_like_a_query_is_read(
        parts in prop::collection::vec(prop::sample::select(vec![
            "a", "OR", "-", "(", ")", "\"", "from:", "subject:", "before:", "3", "Nov", "2026", "is:", "unread", "x*",
            " ", "  ", "NOT", "larger:", "2M", "語", "é", ":", "*", "in:", "|", "newer:", "7d",
        ]), 0..60)
    ) {
        check(&parts.concat());
        check(&parts.join(" "));
    }

    #[test]
    fn a_word_that_can_be_cut_is_looked_for(word in "[a-zA-Z0-9äé語]{1,12}") {
        let read = parse(&word, &now());
        if !["OR", "AND", "NOT"].contains(&word.as_str()) {
            assert!(matches!(read.query, Some(Query::Words(_))), "{word}");
        }
    }
}

fn check(text: &str) {
    let read = parse(text, &now());
    let units = text.encode_utf16().count() as u32;
    for problem in &read.problems {
        assert!(problem.at + problem.length <= units, "{text}: {problem:?}");
        assert!(!problem.message.is_empty());
    }
    if let Some(query) = &read.query {
        sound(query, 0);
    }
}

fn sound(query: &Query, depth: usize) {
    assert!(depth < 80);
    match query {
        Query::All(parts) | Query::Any(parts) => {
            assert!(parts.len() > 1);
            parts.iter().for_each(|part| sound(part, depth + 1));
        }
        Query::Not(part) => sound(part, depth + 1),
        Query::Words(sought) => assert!(!sought.pieces.is_empty()),
        _ => (),
    }
}

#[test]
fn ten_thousand_parentheses_are_no_danger() {
    for text in ["(".repeat(10_000), "-".repeat(10_000) + "x", "NOT ".repeat(10_000) + "x", "subject:(".repeat(5_000)]
    {
        check(&text);
    }
}
