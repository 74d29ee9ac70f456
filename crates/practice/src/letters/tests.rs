use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::*;
use crate::cast::{self, Domain};
use crate::mime::{Entity, decode_words};

fn now() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

/// Painted once for all tests.
static LETTERS: LazyLock<Vec<NewLetter>> = LazyLock::new(|| year(now()));

#[test]
fn every_text_file_can_be_read() {
    for (name, source) in SOURCES {
        assert!(
            template::parse(source).is_ok_and(|drafts| drafts.len() > 4),
            "{name}: {:?}",
            template::parse(source).err()
        );
    }
}

#[test]
fn there_are_some_200_letters_over_a_year_the_newest_within_the_hour() {
    let letters = &*LETTERS;
    assert!((190..=260).contains(&letters.len()), "{}", letters.len());
    let age = |letter: &NewLetter| now().duration_since(letter.received).as_hours();
    assert!(age(letters.last().unwrap()) < 1);
    assert!(letters.iter().all(|letter| (0..=366 * 24).contains(&age(letter))));
    assert!(letters.iter().any(|letter| age(letter) > 300 * 24));
}

#[test]
fn every_mailbox_has_letters_and_the_inbox_has_unread_and_flagged_ones() {
    let mut count: HashMap<String, usize> = HashMap::new();
    let letters = &*LETTERS;
    for letter in letters {
        *count.entry(letter.mailbox.clone()).or_default() += 1;
    }
    for mailbox in ["INBOX", "Sent", "Drafts", "Archive", "Junk", "Trash", "Home", "Home/Bücher & Rezepte"] {
        assert!(count.get(mailbox).is_some_and(|count| *count >= 2), "{mailbox}: {count:?}");
    }
    let inbox = letters.iter().filter(|letter| letter.mailbox == "INBOX");
    let (unread, flagged) = inbox.fold((0, 0), |(unread, flagged), letter| {
        let has = |flag: &str| usize::from(letter.flags.contains(flag));
        (unread + 1 - has("\\Seen"), flagged + has("\\Flagged"))
    });
    assert!(unread >= 15 && flagged >= 5, "{unread} unread, {flagged} flagged");
}

#[test]
fn no_two_letters_share_an_id_and_every_answer_finds_its_letter() {
    let drafts = drafts();
    let ids: HashSet<_> = drafts.iter().map(|draft| draft.id.as_str()).collect();
    assert_eq!(ids.len(), drafts.len());
    for draft in &drafts {
        let Some(parent) = &draft.answers else { continue };
        let parent = drafts.iter().find(|other| other.id == *parent);
        assert!(
            parent.is_some_and(|parent| parent.age > draft.age),
            "{} answers nothing, or before it was asked",
            draft.id
        );
    }
}

#[test]
fn every_letter_writer_can_be_answered_but_for_crooks() {
    let crooks = ["n0rthbank.test", "parce1way.test", "lucky-letters.test", "herbal-wonders.test"];
    for draft in drafts() {
        let domain = draft.from.address.rsplit_once('@').unwrap().1.to_owned();
        let served = cast::domain(&domain) == Domain::Served;
        assert_eq!(served, !crooks.contains(&domain.as_str()), "{domain}");
    }
}

#[test]
fn letters_end_their_lines_with_crlf_and_keep_them_short() {
    for letter in &*LETTERS {
        let text = String::from_utf8_lossy(&letter.bytes).into_owned();
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        assert!(letter.bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 999), "{text}");
    }
}

#[test]
fn every_kind_of_letter_is_there() {
    let letters = &*LETTERS;
    let all: Vec<String> = letters.iter().map(|letter| String::from_utf8_lossy(&letter.bytes).into_owned()).collect();
    let kinds = [
        "charset=iso-8859-1",
        "charset=windows-1252",
        "charset=koi8-r",
        "charset=iso-2022-jp",
        "charset=gb18030",
        "format=flowed",
        "Content-ID: <picture.",
        "text/calendar; charset=utf-8; method=REQUEST",
        "application/pdf",
        "application/zip",
        "text/vcard",
        "text/csv",
        "image/png",
        "List-Unsubscribe:",
        "https://track.wanderlust-weekly.test/open/",
        "<form action=",
        "report-type=delivery-status",
        "charset=no-such-charset",
        "filename*=utf-8''",
    ];
    for kind in kinds {
        assert!(all.iter().any(|text| text.contains(kind)), "{kind}");
    }
    assert!(all.iter().any(|text| !text.contains("\r\nSubject:")), "one without a subject");
    assert!(
        all.iter().any(|text| text
            .split("\r\n")
            .take_while(|line| !line.is_empty())
            .filter(|line| line.contains(".test>,"))
            .count()
            > 8),
        "one to many"
    );
}

#[test]
fn what_was_written_is_what_a_reader_finds() {
    let drafts = drafts();
    for id in ["de-1", "ru-1", "ja-1", "zh-1", "he-1", "pl-1", "birthday-1"] {
        let draft = drafts.iter().find(|draft| draft.id == id).unwrap();
        let letter = build::letter(draft, &drafts, now());
        let read = Entity::parse(&letter.bytes);
        assert_eq!(decode_words(&read.field(&letter.bytes, "Subject").unwrap()), draft.subject, "{id}");
        let from = decode_words(&read.field(&letter.bytes, "From").unwrap());
        assert!(from.starts_with(&draft.from.name) || from.starts_with('"'), "{from}");
        let text = read.plain_text(&letter.bytes).unwrap();
        assert_eq!(text.replace("\r\n", "\n").trim_end(), draft.body, "{id}");
    }
}

#[test]
fn nothing_is_left_of_the_form_in_which_letters_are_written_down() {
    for letter in &*LETTERS {
        let text = String::from_utf8_lossy(&letter.bytes).into_owned();
        for rest in ["{month}", "{lastmonth}", "{date}", "{n}", "[picture]"] {
            assert!(!text.contains(rest), "{rest} in {text}");
        }
    }
}
