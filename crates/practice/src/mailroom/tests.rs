use super::*;

fn letter(text: &str) -> NewLetter {
    NewLetter {
        mailbox: "INBOX".into(),
        flags: Flags::new(),
        received: Timestamp::UNIX_EPOCH,
        bytes: text.as_bytes().to_vec(),
    }
}

fn flags(flags: &[&str]) -> Flags {
    flags.iter().map(|flag| (*flag).to_owned()).collect()
}

fn uids(room: &Mailroom, mailbox: &str) -> Vec<u32> {
    room.mailbox(mailbox).unwrap().letters.iter().map(|letter| letter.uid).collect()
}

#[test]
fn a_uid_is_never_given_twice() {
    let room = Mailroom::open(None, Vec::new).unwrap();
    let first = room.file(letter("one")).unwrap();
    room.set_flags("inbox", &[first.uid], FlagChange::Add, &flags(&["\\Deleted"]), None).unwrap();
    room.expunge("INBOX", None).unwrap();
    assert_eq!(room.file(letter("two")).unwrap(), Filed { uid: first.uid + 1, ..first });
}

#[test]
fn a_moved_letter_leaves_and_arrives_with_its_flags() {
    let room = Mailroom::open(None, || vec![letter("a"), letter("b")]).unwrap();
    room.set_flags("INBOX", &[2], FlagChange::Add, &flags(&["\\Seen", "work"]), None).unwrap();
    let moved = room.transfer("INBOX", &[2, 9], "Archive").unwrap();
    assert_eq!(moved.iter().map(|(from, to)| (*from, to.uid)).collect::<Vec<_>>(), [(2, 1)]);
    assert_eq!(uids(&room, "INBOX"), [1]);
    assert_eq!(room.mailbox("Archive").unwrap().letters[0].flags, flags(&["\\Seen", "work"]));
}

#[test]
fn a_flag_change_is_left_out_for_letters_that_changed_meanwhile() {
    let room = Mailroom::open(None, || vec![letter("a"), letter("b")]).unwrap();
    let before = room.mailbox("INBOX").unwrap().highest_modseq;
    room.set_flags("INBOX", &[1], FlagChange::Add, &flags(&["\\Seen"]), None).unwrap();
    let left = room.set_flags("INBOX", &[1, 2], FlagChange::Replace, &flags(&["\\Flagged"]), Some(before)).unwrap();
    assert_eq!(left, [1]);
    let inbox = room.mailbox("INBOX").unwrap();
    assert_eq!(inbox.letters[0].flags, flags(&["\\Seen"]));
    assert_eq!(inbox.letters[1].flags, flags(&["\\Flagged"]));
}

#[test]
fn a_flag_set_twice_is_one_change() {
    let room = Mailroom::open(None, || vec![letter("a")]).unwrap();
    let seen = flags(&["\\Seen"]);
    room.set_flags("INBOX", &[1], FlagChange::Add, &seen, None).unwrap();
    let after_first = room.mailbox("INBOX").unwrap().highest_modseq;
    room.set_flags("INBOX", &[1], FlagChange::Add, &seen, None).unwrap();
    assert_eq!(room.mailbox("INBOX").unwrap().highest_modseq, after_first);
}

#[test]
fn a_removed_letter_raises_the_mod_sequence_and_is_remembered() {
    let room = Mailroom::open(None, || vec![letter("a"), letter("b")]).unwrap();
    let before = room.mailbox("INBOX").unwrap().highest_modseq;
    room.transfer("INBOX", &[2], "Trash").unwrap();
    let inbox = room.mailbox("INBOX").unwrap();
    assert!(inbox.highest_modseq > before);
    assert_eq!(inbox.removed, [Removal { uid: 2, modseq: inbox.highest_modseq }]);
    room.expunge("INBOX", None).unwrap();
    assert_eq!(room.mailbox("INBOX").unwrap().highest_modseq, inbox.highest_modseq);
}

#[test]
fn renaming_takes_the_mailboxes_inside_along() {
    let room = Mailroom::open(None, Vec::new).unwrap();
    room.rename("Home", "House").unwrap();
    assert!(room.mailbox("House/Bücher & Rezepte").is_some());
    assert!(room.mailbox("Home").is_none());
    let refused = [
        (room.delete("House"), Refusal::HasChildren),
        (room.delete("INBOX"), Refusal::Inbox),
        (room.delete("Nothing"), Refusal::NoMailbox),
        (room.create("inbox"), Refusal::Exists),
        (room.rename("Archive", "Sent"), Refusal::Exists),
    ];
    for (result, expected) in refused {
        assert_eq!(result, Err(expected));
    }
}

#[test]
fn with_a_folder_everything_survives_and_removed_letters_leave_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Mailroom::open(Some(folder.path()), || vec![letter("a"), letter("b"), letter("c")]).unwrap();
    let room = open();
    room.set_flags("INBOX", &[1, 2], FlagChange::Add, &flags(&["\\Deleted"]), None).unwrap();
    room.copy("INBOX", &[2], "Archive").unwrap();
    room.expunge("INBOX", None).unwrap();
    let before = format!("{:?}", room.mailboxes());
    drop(room);
    assert_eq!(format!("{:?}", open().mailboxes()), before);
    assert_eq!(std::fs::read_dir(folder.path().join("letters")).unwrap().count(), 2);
}

#[test]
fn a_damaged_index_is_named_and_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.json"), "{").unwrap();
    let error = Mailroom::open(Some(folder.path()), Vec::new).unwrap_err().to_string();
    assert!(error.contains("index.json") && error.contains("start again"), "{error}");
    assert_eq!(std::fs::read_to_string(folder.path().join("index.json")).unwrap(), "{");
}
