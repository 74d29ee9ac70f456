//! A response as a type (RFC 9051 §7).
//!
//! What is not known is [`Data::Other`] and passed over; what is known and malformed is an error, because from there on
//! nothing that the connection says can be trusted. Text for people is taken in any encoding.

use super::value::{Reader, Value};
use crate::uidset::UidSet;
use jiff::Timestamp;
use model::Flags;

/// One response.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// The end of the command with this tag.
    Tagged(String, Answer),
    /// `+`: the server waits for more; what it said with it.
    Continue(String),
    /// Everything that begins with `*`.
    Data(Data),
}

/// A status with its code and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// OK, NO, BAD, BYE or PREAUTH.
    pub status: Status,
    /// What stands in square brackets.
    pub code: Option<Code>,
    /// The server's words.
    pub text: String,
}

/// How a status is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Ok,
    /// Not done.
    No,
    /// Not understood.
    Bad,
    /// The server ends the connection.
    Bye,
    /// A greeting: logged in already.
    Preauth,
}

/// Response codes (RFC 9051 §7.1, RFC 7162, RFC 5530).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// What the server can do.
    Capability(Vec<String>),
    /// The mailbox's UIDVALIDITY.
    UidValidity(u32),
    /// The UID that the next letter gets, at least.
    UidNext(u32),
    /// The mailbox's highest modification sequence.
    HighestModseq(u64),
    /// UIDVALIDITY of the target, UIDs there were copied from, UIDs that the copies got, in the same order.
    CopyUid(u32, UidSet, UidSet),
    /// The target mailbox does not exist, and may be created.
    TryCreate,
    /// Another code, in upper case, with what follows it.
    Other(String),
}

impl Code {
    /// Whether it is a code without data of this name.
    pub fn is(&self, name: &str) -> bool {
        matches!(self, Self::Other(word) if word.split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case(name)))
    }
}

/// Data that a server sends, asked or unasked.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// An untagged status.
    Status(Answer),
    /// CAPABILITY.
    Capability(Vec<String>),
    /// ENABLED.
    Enabled(Vec<String>),
    /// ID, as pairs.
    Id(Vec<(String, String)>),
    /// LIST, or LSUB.
    List(Listed),
    /// STATUS: the name as it is on the wire, and its numbers by their names in upper case.
    MailboxStatus(Vec<u8>, Vec<(String, u64)>),
    /// NAMESPACE (RFC 2342): what mailboxes begin with, the user's own, those of other users, and those of everybody.
    Namespaces([Vec<Vec<u8>>; 3]),
    /// SEARCH.
    Search(Vec<u32>),
    /// ESEARCH with ALL (RFC 4731): what was found, as ranges; nothing where nothing was.
    Found(UidSet),
    /// EXISTS.
    Exists(u32),
    /// EXPUNGE: a sequence number.
    Expunge(u32),
    /// VANISHED: UIDs; whether they are told as EARLIER (RFC 7162 §3.2.10).
    Vanished {
        /// Told as the answer to what happened before, not as happening now.
        earlier: bool,
        /// The UIDs.
        uids: UidSet,
    },
    /// FETCH.
    Fetch(Fetched),
    /// Anything else.
    Other,
}

/// A line of LIST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Attributes as written, `\HasNoChildren` and the like.
    pub attributes: Vec<String>,
    /// The separator of the hierarchy.
    pub separator: Option<char>,
    /// The name as it is on the wire.
    pub name: Vec<u8>,
}

/// What a FETCH says about one letter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fetched {
    /// UID.
    pub uid: Option<u32>,
    /// The flags that the window knows.
    pub flags: Option<Flags>,
    /// RFC822.SIZE.
    pub size: Option<u64>,
    /// INTERNALDATE.
    pub internal_date: Option<Timestamp>,
    /// What names the message in whatever mailbox it lies: EMAILID (RFC 8474), or X-GM-MSGID.
    pub email_id: Option<String>,
    /// X-GM-LABELS as they are on the wire.
    pub labels: Option<Vec<String>>,
    /// `BODY[]`, or a range of it.
    pub body: Option<Vec<u8>>,
    /// `BODY[HEADER.FIELDS (…)]`.
    pub fields: Option<Vec<u8>>,
}

/// Octets that are no response; the beginning of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an IMAP response: “{0}”")]
pub struct NotAResponse(pub String);

/// Reads one whole response, as the scanner cut it out.
pub fn parse(octets: &[u8]) -> Result<Response, NotAResponse> {
    let mut reader = Reader::new(octets);
    read(&mut reader).ok_or_else(|| NotAResponse(beginning(octets)))
}

/// The beginning of octets as text for a person, short and without control characters.
fn beginning(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets.get(..80).unwrap_or(octets)).into_owned();
    text.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn read(reader: &mut Reader<'_>) -> Option<Response> {
    match reader.word() {
        b"" => None,
        b"+" => Some(Response::Continue(words(reader.rest()))),
        b"*" => Some(Response::Data(data(reader)?)),
        tag => {
            let answer = answer(status(reader.word())?, reader);
            Some(Response::Tagged(String::from_utf8_lossy(tag).into_owned(), answer))
        }
    }
}

fn data(reader: &mut Reader<'_>) -> Option<Data> {
    let word = reader.word();
    if let Some(status) = status(word) {
        return Some(Data::Status(answer(status, reader)));
    }
    if let Some(number) = std::str::from_utf8(word).ok().and_then(|word| word.parse::<u32>().ok()) {
        return numbered(number, reader);
    }
    match word.to_ascii_uppercase().as_slice() {
        b"CAPABILITY" => Some(Data::Capability(upper_words(reader.rest()))),
        b"ENABLED" => Some(Data::Enabled(upper_words(reader.rest()))),
        b"ID" => Some(Data::Id(pairs(reader.value()?.list()))),
        b"LIST" | b"LSUB" => listed(&reader.values()?),
        b"STATUS" => mailbox_status(&reader.values()?),
        b"NAMESPACE" => Some(namespaces(reader).unwrap_or(Data::Other)),
        b"SEARCH" => Some(Data::Search(search(reader)?)),
        b"ESEARCH" => Some(Data::Found(found(&reader.values()?)?)),
        b"VANISHED" => vanished(reader),
        _ => Some(Data::Other),
    }
}

fn numbered(number: u32, reader: &mut Reader<'_>) -> Option<Data> {
    match reader.word().to_ascii_uppercase().as_slice() {
        b"EXISTS" => Some(Data::Exists(number)),
        b"EXPUNGE" => Some(Data::Expunge(number)),
        b"FETCH" => match reader.value()? {
            Value::List(items) => Some(Data::Fetch(fetched(&items)?)),
            _ => None,
        },
        _ => Some(Data::Other),
    }
}

fn status(word: &[u8]) -> Option<Status> {
    match word.to_ascii_uppercase().as_slice() {
        b"OK" => Some(Status::Ok),
        b"NO" => Some(Status::No),
        b"BAD" => Some(Status::Bad),
        b"BYE" => Some(Status::Bye),
        b"PREAUTH" => Some(Status::Preauth),
        _ => None,
    }
}

fn answer(status: Status, reader: &Reader<'_>) -> Answer {
    let text = words(reader.rest());
    match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((code, text)) => Answer { status, code: Some(response_code(code)), text: text.trim().to_owned() },
        None => Answer { status, code: None, text },
    }
}

fn response_code(text: &str) -> Code {
    let mut words = text.split_ascii_whitespace();
    let name = words.next().unwrap_or_default().to_ascii_uppercase();
    let known = match name.as_str() {
        "CAPABILITY" => Some(Code::Capability(words.map(str::to_ascii_uppercase).collect())),
        "UIDVALIDITY" => words.next().and_then(|n| n.parse().ok()).map(Code::UidValidity),
        "UIDNEXT" => words.next().and_then(|n| n.parse().ok()).map(Code::UidNext),
        "HIGHESTMODSEQ" => words.next().and_then(|n| n.parse().ok()).map(Code::HighestModseq),
        "COPYUID" => copy_uid(words),
        "TRYCREATE" => Some(Code::TryCreate),
        _ => None,
    };
    known.unwrap_or_else(|| Code::Other(text.to_ascii_uppercase()))
}

fn copy_uid<'a>(mut words: impl Iterator<Item = &'a str>) -> Option<Code> {
    let validity = words.next()?.parse().ok()?;
    Some(Code::CopyUid(validity, UidSet::parse(words.next()?)?, UidSet::parse(words.next()?)?))
}

fn listed(values: &[Value<'_>]) -> Option<Data> {
    let [attributes, separator, name, ..] = values else { return None };
    let attributes =
        attributes.list().iter().filter_map(|value| value.text().map(|text| text.into_owned())).collect();
    let separator = separator.text().and_then(|text| text.chars().next());
    Some(Data::List(Listed { attributes, separator, name: mailbox_name(name)? }))
}

/// A mailbox may be called NIL when it is written as an atom by a careless server.
fn mailbox_name(value: &Value<'_>) -> Option<Vec<u8>> {
    match value {
        Value::Atom(atom) => Some(atom.to_vec()),
        Value::Text(text) => Some(text.to_vec()),
        Value::List(_) => None,
    }
}

fn mailbox_status(values: &[Value<'_>]) -> Option<Data> {
    let [name, numbers, ..] = values else { return None };
    let numbers = numbers.list().chunks_exact(2).filter_map(|pair| match pair {
        [name, number] => Some((name.text()?.to_ascii_uppercase(), number.number()?)),
        _ => None,
    });
    Some(Data::MailboxStatus(mailbox_name(name)?, numbers.collect()))
}

/// Three lists of prefixes with their separators, or `NIL`.
fn namespaces(reader: &mut Reader<'_>) -> Option<Data> {
    let values = reader.values()?;
    let [personal, others, shared, ..] = values.as_slice() else { return None };
    let prefixes = |value: &Value<'_>| -> Vec<Vec<u8>> {
        value.list().iter().filter_map(|one| Some(one.list().first()?.octets()?.to_vec())).collect()
    };
    Some(Data::Namespaces([prefixes(personal), prefixes(others), prefixes(shared)]))
}

/// Numbers up to the end or to `(MODSEQ n)`.
fn search(reader: &mut Reader<'_>) -> Option<Vec<u32>> {
    let numbers = reader.rest().split(|b| *b == b'(').next().unwrap_or_default();
    let numbers = std::str::from_utf8(numbers).ok()?;
    numbers.split_ascii_whitespace().map(|number| number.parse().ok()).collect()
}

/// `(TAG "A1") UID ALL 1:4`; counts and the like are passed over.
fn found(values: &[Value<'_>]) -> Option<UidSet> {
    let all = values.iter().position(|value| value.octets().is_some_and(|word| word.eq_ignore_ascii_case(b"ALL")));
    let Some(set) = all.and_then(|at| values.get(at + 1)) else { return Some(UidSet::default()) };
    UidSet::parse(std::str::from_utf8(set.octets()?).ok()?)
}

fn vanished(reader: &mut Reader<'_>) -> Option<Data> {
    let first = reader.word();
    let earlier = first.eq_ignore_ascii_case(b"(EARLIER)");
    let set = if earlier { reader.word() } else { first };
    Some(Data::Vanished { earlier, uids: UidSet::parse(std::str::from_utf8(set).ok()?)? })
}

fn fetched(items: &[Value<'_>]) -> Option<Fetched> {
    let mut fetched = Fetched::default();
    for pair in items.chunks(2) {
        let [name, value] = pair else { return None };
        let name = name.text()?.to_ascii_uppercase();
        match name.as_str() {
            "UID" => fetched.uid = Some(u32::try_from(value.number()?).ok().filter(|uid| *uid > 0)?),
            "FLAGS" => fetched.flags = Some(flags(value)),
            "RFC822.SIZE" => fetched.size = Some(value.number()?),
            "INTERNALDATE" => fetched.internal_date = value.text().and_then(|text| internal_date(&text)),
            // An EMAILID stands in parentheses, X-GM-MSGID does not.
            "EMAILID" => fetched.email_id = value.list().first().and_then(Value::text).map(|id| id.into_owned()),
            "X-GM-MSGID" => fetched.email_id = value.text().map(|id| id.into_owned()),
            "X-GM-LABELS" => {
                let names = value.list().iter().filter_map(Value::text);
                fetched.labels = Some(names.map(|name| name.into_owned()).collect());
            }
            _ if name.starts_with("BODY[HEADER") => {
                fetched.fields = Some(value.octets().unwrap_or_default().to_vec());
            }
            _ if name.starts_with("BODY[]") => fetched.body = Some(value.octets().unwrap_or_default().to_vec()),
            _ => {}
        }
    }
    Some(fetched)
}

fn flags(value: &Value<'_>) -> Flags {
    let names: Vec<_> = value.list().iter().filter_map(Value::text).collect();
    Flags::from_imap(names.iter().map(AsRef::as_ref))
}

/// `17-Jul-1996 02:44:25 -0700`, the day with a space or a zero before it (RFC 9051 §9, `date-time`). A date that can
/// not be read is no reason to lose the letter.
pub fn internal_date(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()
}

fn pairs(values: &[Value<'_>]) -> Vec<(String, String)> {
    let pairs = values.chunks_exact(2).filter_map(|pair| match pair {
        [name, value] => Some((name.text()?.to_ascii_lowercase(), value.text()?.into_owned())),
        _ => None,
    });
    pairs.collect()
}

fn upper_words(octets: &[u8]) -> Vec<String> {
    words(octets).split_ascii_whitespace().map(str::to_ascii_uppercase).collect()
}

fn words(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(text: &str) -> Response {
        parse(format!("{text}\r\n").as_bytes()).unwrap()
    }

    fn code(text: &str) -> Option<Code> {
        match one(text) {
            Response::Tagged(_, answer) | Response::Data(Data::Status(answer)) => answer.code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn namespaces_are_read_and_odd_ones_passed_over() {
        let told = one(r##"* NAMESPACE (("INBOX." ".")("#mh/" "/" "X-PARAM" ("FLAG1"))) NIL (("" "."))"##);
        let expected = [vec![b"INBOX.".to_vec(), b"#mh/".to_vec()], vec![], vec![b"".to_vec()]];
        assert_eq!(told, Response::Data(Data::Namespaces(expected)));
        assert_eq!(one("* NAMESPACE NIL"), Response::Data(Data::Other));
    }

    #[test]
    fn statuses_carry_their_code_and_the_servers_words() {
        let set = |text| UidSet::parse(text).unwrap();
        let table = [
            ("* OK [UIDVALIDITY 3857529045] ok", Some(Code::UidValidity(3857529045))),
            ("* OK [UIDNEXT 4392] next", Some(Code::UidNext(4392))),
            ("* OK [HIGHESTMODSEQ 715194045007] x", Some(Code::HighestModseq(715194045007))),
            ("* OK [capability imap4rev1 idle]", Some(Code::Capability(vec!["IMAP4REV1".into(), "IDLE".into()]))),
            (
                "A1 OK [COPYUID 38505 304,319:320 3956:3958] done",
                Some(Code::CopyUid(38505, set("304,319:320"), set("3956:3958"))),
            ),
            ("A1 NO [TRYCREATE] no such mailbox", Some(Code::TryCreate)),
            ("A1 OK [READ-WRITE] selected", Some(Code::Other("READ-WRITE".into()))),
            ("A1 OK [UIDNEXT many] x", Some(Code::Other("UIDNEXT MANY".into()))),
            ("A1 OK plain words {5}", None),
        ];
        for (text, expected) in table {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    #[test]
    fn text_in_any_encoding_is_shown_and_harms_nothing() {
        let refused = parse(b"A1 NO [AUTHENTICATIONFAILED] Zugang gesperrt f\xfcr M\xc3\xbcller\r\n").unwrap();
        let Response::Tagged(tag, answer) = refused else { panic!() };
        assert_eq!((tag.as_str(), answer.status), ("A1", Status::No));
        assert_eq!(answer.text, "Zugang gesperrt f\u{fffd}r Müller");
        assert!(answer.code.unwrap().is("authenticationfailed"));
    }

    #[test]
    fn data_is_read_with_all_its_variants() {
        let vanished = |earlier, set| Data::Vanished { earlier, uids: UidSet::parse(set).unwrap() };
        let listed = |attributes: &[&str], separator, name: &str| {
            let attributes = attributes.iter().map(|word| (*word).to_owned()).collect();
            Data::List(Listed { attributes, separator, name: name.into() })
        };
        let table = [
            ("* 23 EXISTS", Data::Exists(23)),
            ("* 44 expunge", Data::Expunge(44)),
            ("* SEARCH 2 84 882", Data::Search(vec![2, 84, 882])),
            ("* SEARCH", Data::Search(Vec::new())),
            ("* SEARCH 2 5 (MODSEQ 917162500)", Data::Search(vec![2, 5])),
            ("* VANISHED (EARLIER) 41,43:116", vanished(true, "41,43:116")),
            ("* VANISHED 9", vanished(false, "9")),
            (
                "* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent Items\"",
                listed(&["\\HasNoChildren", "\\Sent"], Some('/'), "Sent Items"),
            ),
            ("* LIST () NIL INBOX", listed(&[], None, "INBOX")),
            ("* LIST () \"\\\\\" a (\"CHILDINFO\" (\"SUBSCRIBED\"))", listed(&[], Some('\\'), "a")),
            (
                "* STATUS blurdybloop (MESSAGES 231 uidnext 44292)",
                Data::MailboxStatus(
                    b"blurdybloop".to_vec(),
                    vec![("MESSAGES".into(), 231), ("UIDNEXT".into(), 44292)],
                ),
            ),
            ("* ID (\"name\" \"Dovecot\" \"version\" NIL)", Data::Id(vec![("name".into(), "Dovecot".into())])),
            ("* ID NIL", Data::Id(Vec::new())),
            ("* ESEARCH (TAG \"A1\") UID ALL 1:4", Data::Found(UidSet::parse("1:4").unwrap())),
            ("* ESEARCH (TAG \"A1\") UID COUNT 0", Data::Found(UidSet::default())),
            ("* 3 RECENT", Data::Other),
        ];
        for (text, expected) in table {
            assert_eq!(one(text), Response::Data(expected), "{text}");
        }
    }

    #[test]
    fn a_fetch_is_read_whatever_else_it_carries() {
        let text = "* 12 FETCH (FLAGS (\\Seen $Forwarded odd) UID 7 X-GM-LABELS (\"\\\\Sent\" a) MODSEQ (624) \
                    EMAILID (M6d99ac3275bb4e) INTERNALDATE \" 7-Jul-1996 02:44:25 -0700\" RFC822.SIZE 4286 ENVELOPE (NIL NIL) BODY[]<0> {6}\r\nab\r\n)\n)";
        let Response::Data(Data::Fetch(fetched)) = one(text) else { panic!() };
        assert_eq!((fetched.uid, fetched.size), (Some(7), Some(4286)));
        assert_eq!(fetched.flags.unwrap(), Flags::from_imap(["\\Seen", "$forwarded"]));
        assert_eq!(fetched.email_id.as_deref(), Some("M6d99ac3275bb4e"));
        assert_eq!(fetched.internal_date.unwrap().to_string(), "1996-07-07T09:44:25Z");
        assert_eq!(fetched.body.as_deref(), Some(&b"ab\r\n)\n"[..]));
    }

    #[test]
    fn a_date_nobody_can_read_does_not_lose_the_letter() {
        let Response::Data(Data::Fetch(fetched)) = one("* 1 FETCH (UID 3 INTERNALDATE \"99-Foo-0000 x\")") else {
            panic!()
        };
        assert_eq!((fetched.uid, fetched.internal_date), (Some(3), None));
    }

    #[test]
    fn what_is_no_response_ends_the_trust() {
        for text in [
            "",
            "A1",
            "A1 HELLO",
            "* 1 FETCH (UID",
            "* 1 FETCH UID 3",
            "* 1 FETCH (UID 0)",
            "* SEARCH a",
            "* LIST",
            "HTTP/1.1 400 no",
        ] {
            assert!(parse(format!("{text}\r\n").as_bytes()).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_comes_over_the_wire_panics(start in "(\\* |A1 |\\+ )?(OK|NO|[0-9]{1,3} FETCH|LIST|SEARCH|VANISHED|STATUS|ID)? ?", octets in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = parse(&[start.as_bytes(), &octets].concat());
        }
    }
}
