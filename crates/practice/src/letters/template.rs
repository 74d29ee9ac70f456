//! The form in which the practice letters are written down.
//!
//! ```text
//! @ walk-2
//! from: Mette Lindqvist <mette@fjordpost.test>
//! to: you@practice.test
//! subject: Re: Sunday
//! ago: 3d 4h
//! re: walk-1
//!
//! The text, up to the next line that starts with "@ ".
//! ```
//!
//! | field | meaning | where it is missing |
//! |---|---|---|
//! | from, to, cc | mailboxes, separated by commas | to: you@practice.test |
//! | ago | age: days, hours and minutes | must be there |
//! | in | mailbox | INBOX |
//! | flags | seen, flagged, answered, draft, or a keyword | unread |
//! | re | the letter that this one answers | starts a thread |
//! | form | plain, flowed, both (text and HTML), page (a firm's), html, raw | plain |
//! | charset, zone | charset of the text; hours east of Greenwich | utf-8, 0 |
//! | attach, inline, invite | see `enclosure` | none |
//! | header | a further header field | none |
//! | repeat | `10 every 30d`: so many letters, each that much older | one letter |
//!
//! In a repeated letter `{month}`, `{year}`, `{n}` and `{one / two / three}` stand for what differs.

use std::time::Duration;

/// A letter as it is written down.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) from: Person,
    pub(super) to: Vec<Person>,
    pub(super) cc: Vec<Person>,
    pub(super) subject: String,
    pub(super) age: Duration,
    pub(super) mailbox: String,
    pub(super) flags: Vec<String>,
    pub(super) answers: Option<String>,
    pub(super) form: Form,
    pub(super) charset: String,
    pub(super) zone: i8,
    pub(super) enclosures: Vec<(Place, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    /// How many letters, how far apart.
    repeat: Option<(usize, Duration)>,
}

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) address: String,
}

/// How the text becomes a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Flowed,
    Both,
    Page,
    Html,
    /// The text is the whole letter, header and all; `\xNN` is an octet.
    Raw,
}

/// Where an enclosure goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Attached,
    Inline,
    Invitation,
}

/// What is wrong with a text file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("letter {letter}: {problem}")]
pub(super) struct TemplateError {
    letter: String,
    problem: String,
}

/// Reads a text file.
pub(super) fn parse(source: &str) -> Result<Vec<Draft>, TemplateError> {
    let source = format!("\n{source}");
    let mut drafts = Vec::new();
    for text in source.split("\n@ ").skip(1) {
        drafts.extend(repeated(&parse_one(text)?));
    }
    Ok(drafts)
}

fn parse_one(text: &str) -> Result<Draft, TemplateError> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let (id, fields) = head.split_once('\n').unwrap_or((head, ""));
    let fault = |problem: &str| TemplateError { letter: id.trim().to_owned(), problem: problem.to_owned() };
    let mut draft = empty(id.trim(), body.trim_end());
    let mut age = None;
    for line in fields.lines() {
        let (key, value) = line.split_once(':').ok_or_else(|| fault(line))?;
        let value = value.trim();
        match key.trim() {
            "from" => draft.from = person(value),
            "to" => draft.to = people(value),
            "cc" => draft.cc = people(value),
            "subject" => draft.subject = value.to_owned(),
            "ago" => age = duration(value),
            "in" => draft.mailbox = value.to_owned(),
            "flags" => draft.flags = value.split_whitespace().map(flag).collect(),
            "re" => draft.answers = Some(value.to_owned()),
            "form" => draft.form = form(value).ok_or_else(|| fault(line))?,
            "charset" => draft.charset = value.to_owned(),
            "zone" => draft.zone = value.parse().map_err(|_| fault(line))?,
            "attach" => draft.enclosures.push((Place::Attached, value.to_owned())),
            "inline" => draft.enclosures.push((Place::Inline, value.to_owned())),
            "invite" => draft.enclosures.push((Place::Invitation, value.to_owned())),
            "header" => {
                let (name, value) = value.split_once(':').ok_or_else(|| fault(line))?;
                draft.headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            "repeat" => draft.repeat = Some(repetition(value).ok_or_else(|| fault(line))?),
            _ => return Err(fault(line)),
        }
    }
    draft.age = age.ok_or_else(|| fault("it has no age"))?;
    Ok(draft)
}

fn empty(id: &str, body: &str) -> Draft {
    Draft {
        id: id.to_owned(),
        from: person("you@practice.test"),
        to: people("you@practice.test"),
        cc: Vec::new(),
        subject: String::new(),
        age: Duration::ZERO,
        mailbox: "INBOX".to_owned(),
        flags: Vec::new(),
        answers: None,
        form: Form::Plain,
        charset: "utf-8".to_owned(),
        zone: 0,
        enclosures: Vec::new(),
        headers: Vec::new(),
        body: body.to_owned(),
        repeat: None,
    }
}

fn form(word: &str) -> Option<Form> {
    Some(match word {
        "plain" => Form::Plain,
        "flowed" => Form::Flowed,
        "both" => Form::Both,
        "page" => Form::Page,
        "html" => Form::Html,
        "raw" => Form::Raw,
        _ => return None,
    })
}

fn flag(word: &str) -> String {
    match word {
        "seen" => "\\Seen".to_owned(),
        "flagged" => "\\Flagged".to_owned(),
        "answered" => "\\Answered".to_owned(),
        "draft" => "\\Draft".to_owned(),
        keyword => keyword.to_owned(),
    }
}

fn people(text: &str) -> Vec<Person> {
    text.split(',').map(person).filter(|person| !person.address.is_empty()).collect()
}

fn person(text: &str) -> Person {
    let (name, address) = text.split_once('<').unwrap_or(("", text));
    Person { name: name.trim().to_owned(), address: address.trim().trim_end_matches('>').to_owned() }
}

/// `3d 4h 30m`.
fn duration(text: &str) -> Option<Duration> {
    let mut seconds = 0;
    for word in text.split_whitespace() {
        let unit = word.chars().last()?;
        let count: u64 = word.strip_suffix(unit)?.parse().ok()?;
        seconds += count
            * match unit {
                'd' => 86_400,
                'h' => 3_600,
                'm' => 60,
                _ => return None,
            };
    }
    Some(Duration::from_secs(seconds))
}

fn repetition(text: &str) -> Option<(usize, Duration)> {
    let (count, pause) = text.split_once(" every ")?;
    Some((count.trim().parse().ok()?, duration(pause)?))
}

/// The letters of a series, newest first; a letter that is not repeated as it is.
fn repeated(draft: &Draft) -> Vec<Draft> {
    let Some((count, pause)) = draft.repeat else { return vec![draft.clone()] };
    (0..count)
        .map(|index| {
            let age = draft.age + pause * u32::try_from(index).unwrap_or(u32::MAX);
            // Of a series the newest is new, and the others have been read.
            let flags = if index == 0 { draft.flags.clone() } else { vec!["\\Seen".to_owned()] };
            let vary = |text: &str| alternatives(text, index);
            Draft {
                id: format!("{}-{index}", draft.id),
                age,
                flags,
                subject: vary(&draft.subject),
                body: vary(&draft.body),
                enclosures: draft.enclosures.iter().map(|(place, text)| (*place, vary(text))).collect(),
                ..draft.clone()
            }
        })
        .collect()
}

/// Replaces `{one / two / three}` by the alternative of this index, and `{n}` by its number.
fn alternatives(text: &str, index: usize) -> String {
    let mut varied = String::new();
    let mut rest = text;
    while let Some((before, inner, after)) = braces(rest) {
        varied.push_str(before);
        let choices: Vec<&str> = inner.split(" / ").collect();
        match (inner, choices.get(index % choices.len())) {
            ("n", _) => varied.push_str(&(index + 1).to_string()),
            (_, Some(choice)) if choices.len() > 1 => varied.push_str(choice.trim()),
            _ => varied.push_str(&format!("{{{inner}}}")),
        }
        rest = after;
    }
    varied + rest
}

fn braces(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (inner, after) = rest.split_once('}')?;
    Some((before, inner, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_read_field_by_field() {
        let text = "@ a\nfrom: Ann <ann@a.test>\nsubject: Hi: you\nago: 1d 2h\nflags: seen work\nre: b\n\nLine\n\nMore\n\n@ c\nago: 0m\n";
        let drafts = parse(text).unwrap();
        assert_eq!(drafts.len(), 2);
        assert_eq!((drafts[0].id.as_str(), drafts[0].body.as_str()), ("a", "Line\n\nMore"));
        assert_eq!((drafts[0].subject.as_str(), drafts[0].age.as_secs()), ("Hi: you", 93_600));
        assert_eq!(drafts[0].flags, ["\\Seen", "work"]);
        assert_eq!(drafts[1].to[0].address, "you@practice.test");
    }

    #[test]
    fn a_repeated_letter_varies_and_grows_older() {
        let text = "@ a\nsubject: {month} no. {n}\nago: 1d\nrepeat: 3 every 30d\n\n{red / green} apples";
        let drafts = parse(text).unwrap();
        let bodies: Vec<_> = drafts.iter().map(|draft| draft.body.as_str()).collect();
        assert_eq!(bodies, ["red apples", "green apples", "red apples"]);
        assert_eq!(drafts[2].subject, "{month} no. 3");
        assert_eq!(drafts[2].age.as_secs(), 61 * 86_400);
    }

    #[test]
    fn a_fault_is_named_with_its_letter() {
        for text in ["@ a\ncolour: red\nago: 1d", "@ a\nsubject: x", "@ a\nago: 1d\nform: round"] {
            assert_eq!(parse(text).unwrap_err().letter, "a");
        }
    }
}
