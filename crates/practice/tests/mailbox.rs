//! The IMAP server over real sockets.

mod peer;

use std::time::Duration;

use peer::{Peer, empty_office};
use postrider_practice::{Letters, Options, PostOffice};
use tokio::net::TcpStream;

const LETTER: &str = "From: Anna <anna@prompt.test>\r\nTo: you@practice.test\r\nSubject: Plans\r\n\
    Date: Sat, 01 Nov 2025 10:00:00 +0000\r\nMessage-ID: <1@prompt.test>\r\n\r\nShall we walk?\r\n";

/// A client in TLS from its first byte, logged in.
async fn logged_in(office: &PostOffice) -> Peer {
    let info = office.info();
    let mut peer = Peer::connect_tls(info, &info.imap, "127.0.0.1").await;
    assert!(peer.line().await.starts_with("* OK [CAPABILITY IMAP4rev1 "));
    let answer = peer.imap(&format!("LOGIN {} {}", info.user, info.password)).await;
    assert!(answer.starts_with("t OK [CAPABILITY "), "{answer}");
    peer
}

/// Sends commands one by one; each answer must hold all of the given words.
async fn conversation(peer: &mut Peer, steps: &[(&str, &[&str])]) {
    for (command, words) in steps {
        let answer = peer.imap(command).await;
        for word in *words {
            assert!(answer.contains(word), "{command}: no {word:?} in {answer}");
        }
    }
}

#[tokio::test]
async fn nobody_logs_in_without_tls_and_starttls_gives_it() {
    let office = empty_office().await;
    let info = office.info();
    let mut peer = Peer::connect(info.imap.parse::<std::net::SocketAddr>().unwrap()).await;
    let greeting = peer.line().await;
    assert!(greeting.contains("STARTTLS LOGINDISABLED"), "{greeting}");
    let login = format!("LOGIN {} {}", info.user, info.password);
    conversation(
        &mut peer,
        &[
            (&login, &["t NO [PRIVACYREQUIRED]"]),
            ("AUTHENTICATE PLAIN", &["t NO"]),
            ("SELECT INBOX", &["t BAD"]),
            ("STARTTLS", &["t OK"]),
        ],
    )
    .await;
    let mut peer = peer.secure(info, "imap.practice.test").await.unwrap();
    conversation(
        &mut peer,
        &[
            ("CAPABILITY", &["AUTH=PLAIN", "SASL-IR"]),
            ("LOGIN you@practice.test wrong", &["t NO [AUTHENTICATIONFAILED]"]),
            (&login, &["t OK"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn authenticate_plain_takes_its_answer_at_once_or_when_asked() {
    use base64::prelude::*;
    let office = empty_office().await;
    let info = office.info();
    let answer = BASE64_STANDARD.encode(format!("\0{}\0{}", info.user, info.password));
    for asked in [false, true] {
        let mut peer = Peer::connect_tls(info, &info.imap, "imap.practice.test").await;
        peer.line().await;
        let done = if asked {
            peer.send("t AUTHENTICATE PLAIN\r\n").await;
            assert!(peer.line().await.starts_with('+'));
            peer.send(format!("{answer}\r\n")).await;
            peer.until("t ").await
        } else {
            peer.imap(&format!("AUTHENTICATE PLAIN {answer}")).await
        };
        assert!(done.starts_with("t OK"), "{done}");
    }
}

#[tokio::test]
async fn mailboxes_are_listed_with_what_they_are_for() {
    let office = empty_office().await;
    let mut peer = logged_in(&office).await;
    conversation(
        &mut peer,
        &[
            (
                "LIST \"\" *",
                &[
                    "* LIST (\\HasNoChildren) \"/\" \"INBOX\"\r\n",
                    "* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent\"\r\n",
                    "\\Drafts",
                    "\\Archive",
                    "\\Junk",
                    "\\Trash",
                    "* LIST (\\HasChildren) \"/\" \"Home\"\r\n",
                    "\"Home/B&APw-cher &- Rezepte\"",
                ],
            ),
            ("LIST \"\" \"\"", &["* LIST (\\Noselect) \"/\" \"\"\r\n"]),
            ("NAMESPACE", &["* NAMESPACE ((\"\" \"/\")) NIL NIL"]),
            ("ID NIL", &["* ID (\"name\""]),
            ("CREATE \"Work/2026\"", &["t OK"]),
            ("CREATE \"Work/2026\"", &["t NO [ALREADYEXISTS]"]),
            ("RENAME \"Work/2026\" \"Work/Done\"", &["t OK"]),
            ("UNSUBSCRIBE \"Work/Done\"", &["t OK"]),
            ("LIST \"\" Work/%", &["\"Work/Done\""]),
            ("DELETE \"Work/Done\"", &["t OK"]),
            ("SELECT \"Work/Done\"", &["t NO [NONEXISTENT]"]),
            ("STATUS INBOX (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ)", &["MESSAGES 0 UNSEEN 0 UIDNEXT 1"]),
        ],
    )
    .await;
    assert!(!peer.imap("LSUB \"\" Work/*").await.contains("LSUB"));
}

#[tokio::test]
async fn a_letter_is_fetched_whole_in_parts_and_in_pieces() {
    let office = empty_office().await;
    office.post(LETTER.as_bytes());
    let mut peer = logged_in(&office).await;
    let whole = format!("* 1 FETCH (UID 1 BODY[] {{{}}}\r\n{LETTER})\r\n", LETTER.len());
    conversation(
        &mut peer,
        &[
            ("SELECT INBOX", &["* 1 EXISTS", "[UNSEEN 1]", "[UIDNEXT 2]", "[HIGHESTMODSEQ ", "t OK [READ-WRITE]"]),
            ("UID FETCH 1:* (UID BODY.PEEK[])", &[&whole]),
            ("FETCH 1 FLAGS", &["* 1 FETCH (FLAGS ())"]),
            ("FETCH 1 BODY.PEEK[]<0.5>", &["BODY[]<0> {5}\r\nFrom:)"]),
            ("FETCH 1 BODY.PEEK[]<9000.5>", &["BODY[]<9000> {0}\r\n)"]),
            (
                "FETCH 1 BODY.PEEK[HEADER.FIELDS (subject message-id)]",
                &["BODY[HEADER.FIELDS (subject message-id)] {47}\r\nSubject: Plans\r\nMessage-ID: <1@prompt.test>\r\n\r\n)"],
            ),
            ("FETCH 1 BODY.PEEK[7]", &["BODY[7] NIL"]),
            ("FETCH 1 ALL", &["INTERNALDATE", "RFC822.SIZE", "\"Plans\" ((\"Anna\" NIL \"anna\" \"prompt.test\"))"]),
            ("FETCH 1 BODYSTRUCTURE", &["(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 16 1 NIL NIL NIL NIL)"]),
            ("FETCH 1 BODY[TEXT]", &["Shall we walk?\r\n FLAGS (\\Seen))"]),
            ("FETCH 2 FLAGS", &["t BAD"]),
            ("UID FETCH 77 FLAGS", &["t OK"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn flags_copies_moves_and_removals_reach_every_session() {
    let office = empty_office().await;
    for _ in 0..3 {
        office.post(LETTER.as_bytes());
    }
    let (mut one, mut other) = (logged_in(&office).await, logged_in(&office).await);
    one.imap("SELECT INBOX").await;
    other.imap("SELECT INBOX").await;
    conversation(
        &mut one,
        &[
            ("STORE 1 +FLAGS (\\Seen $Forwarded)", &["* 1 FETCH (UID 1 FLAGS ($Forwarded \\Seen))", "t OK"]),
            ("UID STORE 2 FLAGS.SILENT (\\Deleted)", &["t OK"]),
            ("UID COPY 1 Archive", &["t OK [COPYUID ", " 1 1]"]),
            ("UID COPY 1 Nowhere", &["t NO [TRYCREATE]"]),
            ("UID MOVE 3 Trash", &["* OK [COPYUID ", "* 3 EXPUNGE", "t OK"]),
            ("EXPUNGE", &["* 2 EXPUNGE", "t OK"]),
        ],
    )
    .await;
    let news = other.imap("FETCH 1 UID").await;
    assert!(news.contains("* 1 FETCH (UID 1 FLAGS ($Forwarded \\Seen))") && !news.contains("EXPUNGE"), "{news}");
    let news = other.imap("NOOP").await;
    assert!(news.contains("* 3 EXPUNGE\r\n* 2 EXPUNGE\r\n"), "{news}");
}

#[tokio::test]
async fn idle_tells_of_arrivals_flags_and_removals_as_they_happen() {
    let office = empty_office().await;
    let (mut idle, mut busy) = (logged_in(&office).await, logged_in(&office).await);
    idle.imap("SELECT INBOX").await;
    busy.imap("SELECT INBOX").await;
    idle.send("t IDLE\r\n").await;
    assert!(idle.line().await.starts_with('+'));
    office.post(LETTER.as_bytes());
    idle.until("* 1 EXISTS").await;
    busy.imap("NOOP").await;
    busy.imap("STORE 1 +FLAGS (\\Flagged)").await;
    idle.until("* 1 FETCH (UID 1 FLAGS (\\Flagged))").await;
    busy.imap("UID MOVE 1 Archive").await;
    idle.until("* 1 EXPUNGE").await;
    idle.send("DONE\r\n").await;
    assert!(idle.until("t ").await.ends_with("t OK Done\r\n"));
}

#[tokio::test]
async fn a_letter_is_appended_with_flags_and_date_and_tells_its_uid() {
    let office = empty_office().await;
    let mut peer = logged_in(&office).await;
    for plus in ["", "+"] {
        let command = format!("t APPEND Sent (\\Seen) \"01-Nov-2025 10:00:00 +0100\" {{{}{plus}}}\r\n", LETTER.len());
        peer.send(command).await;
        if plus.is_empty() {
            assert!(peer.line().await.starts_with('+'));
        }
        peer.send(format!("{LETTER}\r\n")).await;
        let done = peer.until("t ").await;
        assert!(done.starts_with("t OK [APPENDUID "), "{done}");
    }
    conversation(
        &mut peer,
        &[
            ("EXAMINE Sent", &["* 2 EXISTS", "t OK [READ-ONLY]"]),
            ("FETCH 2 (FLAGS INTERNALDATE)", &["FLAGS (\\Seen) INTERNALDATE \"01-Nov-2025 09:00:00 +0000\""]),
            ("STORE 1 +FLAGS (\\Flagged)", &["t NO [READ-ONLY]"]),
            ("UNSELECT", &["t OK"]),
            ("FETCH 1 FLAGS", &["t BAD"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn letters_are_found_by_flag_field_text_size_date_and_uid() {
    let office = empty_office().await;
    office.post(LETTER.as_bytes());
    office.post(LETTER.replace("Plans", "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=").replace("walk", "swim").as_bytes());
    let mut peer = logged_in(&office).await;
    peer.imap("SELECT INBOX").await;
    peer.imap("STORE 2 +FLAGS.SILENT (\\Seen)").await;
    let table = [
        ("ALL", " 1 2"),
        ("UNSEEN", " 1"),
        ("UID 2:*", " 2"),
        ("SUBJECT plans", " 1"),
        ("HEADER Message-ID <1@prompt.test>", " 1 2"),
        ("NOT BODY walk", " 2"),
        ("OR SEEN TEXT plans", " 1 2"),
        ("LARGER 10000", ""),
        ("SENTON 1-Nov-2025", " 1 2"),
        ("SENTBEFORE 1-Nov-2025", ""),
        ("SINCE 1-Jan-2026 FROM anna", " 1 2"),
    ];
    for (keys, expected) in table {
        let answer = peer.imap(&format!("UID SEARCH {keys}")).await;
        assert!(answer.starts_with(&format!("* SEARCH{expected}\r\n")), "{keys}: {answer}");
    }
    peer.send("t UID SEARCH CHARSET UTF-8 SUBJECT {7+}\r\ngrüße\r\n").await;
    let answer = peer.until("t ").await;
    assert!(answer.starts_with("* SEARCH 2\r\n"), "{answer}");
}

#[tokio::test]
async fn a_client_that_comes_back_is_told_what_it_missed() {
    let office = empty_office().await;
    for _ in 0..3 {
        office.post(LETTER.as_bytes());
    }
    let mut peer = logged_in(&office).await;
    let selected = peer.imap("SELECT INBOX (CONDSTORE)").await;
    let code = |name: &str| selected.split_once(name).unwrap().1.split(']').next().unwrap().trim().to_owned();
    let (validity, modseq) = (code("UIDVALIDITY"), code("HIGHESTMODSEQ"));
    peer.imap("UNSELECT").await;
    let mut other = logged_in(&office).await;
    other.imap("SELECT INBOX").await;
    other.imap("UID STORE 2 +FLAGS (\\Seen)").await;
    other.imap("UID MOVE 1 Trash").await;
    let select = format!("SELECT INBOX (QRESYNC ({validity} {modseq}))");
    let changed = format!("UID FETCH 1:* (FLAGS) (CHANGEDSINCE {modseq} VANISHED)");
    let stale = format!("UID STORE 2 (UNCHANGEDSINCE {modseq}) +FLAGS (\\Flagged)");
    conversation(
        &mut peer,
        &[
            ("ENABLE QRESYNC", &["* ENABLED QRESYNC"]),
            (&select, &["* VANISHED (EARLIER) 1\r\n", "* 1 FETCH (UID 2 FLAGS (\\Seen) MODSEQ ("]),
            (&changed, &["* VANISHED (EARLIER) 1\r\n", "* 1 FETCH (FLAGS (\\Seen) UID 2 MODSEQ ("]),
            (&stale, &["t OK [MODIFIED 2]"]),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_cannot_be_understood_is_bad_and_the_conversation_goes_on() {
    let office = empty_office().await;
    let mut peer = logged_in(&office).await;
    for nonsense in ["FROB", "FETCH", "SELECT", "APPEND INBOX (\\Seen)", "UID FETCH x FLAGS"] {
        assert!(peer.imap(nonsense).await.starts_with("t BAD"), "{nonsense}");
    }
    assert!(peer.imap("NOOP").await.starts_with("t OK"));
    assert!(peer.imap("LOGOUT").await.contains("* BYE"));
    assert_eq!(peer.line().await, "");
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let options = || Options { home: Some(home.path().to_owned()), letters: Letters::None, ..Options::default() };
    let office = PostOffice::start(options()).await.unwrap();
    office.post(LETTER.as_bytes());
    office.post(LETTER.as_bytes());
    let mut peer = logged_in(&office).await;
    peer.imap("SELECT INBOX").await;
    peer.imap("UID STORE 2 +FLAGS (\\Flagged)").await;
    peer.imap("UID MOVE 1 Archive").await;
    let status = "STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)";
    let before = peer.imap(status).await;
    let (mut host, _) = Peer::call(office.info(), 3).await;
    let greylisted =
        [("EHLO c.test", "250"), ("MAIL FROM:<you@practice.test>", "250"), ("RCPT TO:<a@greylist.test>", "451")];
    host.dialogue(&greylisted).await;
    let ca = std::fs::read(&office.info().ca).unwrap();
    let password = office.info().password.clone();
    office.stop().await;

    let office = PostOffice::start(options()).await.unwrap();
    assert_eq!(std::fs::read(&office.info().ca).unwrap(), ca);
    assert_eq!(office.info().password, password);
    let mut peer = logged_in(&office).await;
    assert_eq!(peer.imap(status).await, before);
    peer.imap("SELECT INBOX").await;
    assert!(peer.imap("FETCH 1 (UID FLAGS)").await.contains("* 1 FETCH (UID 2 FLAGS (\\Flagged))"));
    office.advance(Duration::from_secs(31));
    let (mut host, _) = Peer::call(office.info(), 3).await;
    let mut passes = greylisted;
    passes[2].1 = "250";
    host.dialogue(&passes).await;
}

#[tokio::test]
async fn a_stopped_office_answers_nobody_and_leaves_no_folder() {
    let office = empty_office().await;
    let info = office.info().clone();
    let mut peer = logged_in(&office).await;
    office.stop().await;
    assert_eq!(peer.line().await, "");
    assert!(TcpStream::connect(&info.imap).await.is_err());
    assert!(!info.ca.exists());
}
