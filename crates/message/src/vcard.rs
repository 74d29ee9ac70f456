//! vCards (RFC 6350, and the older 2.1 and 3.0 as address books still write them): people in and out of other programs.
//!
//! Read are names, addresses, organisation and note; everything else a card says is kept as it is and written again.
//! What is not a card in a file is passed over.

use calcard::vcard::{VCard, VCardEntry, VCardParameterName, VCardProperty, VCardValue, VCardVersion};
use calcard::{Entry, Parser};
use encoding_rs::WINDOWS_1252;
use model::EmailAddress;
use model::contact::ContactCard;

/// Every card of a file.
pub fn read(bytes: &[u8]) -> Vec<ContactCard> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode(bytes).0.into_owned(),
    };
    let text = text.trim_start_matches('\u{feff}');
    let mut parser = Parser::new(text);
    let mut cards = Vec::new();
    loop {
        match parser.entry() {
            Entry::VCard(card) => cards.extend(understood(&card)),
            Entry::Eof => return cards,
            _ => {}
        }
    }
}

/// Cards as one file, in version 4.0.
pub fn write(cards: &[ContactCard]) -> String {
    let mut text = String::new();
    for card in cards {
        // A String takes whatever is written.
        let _ = as_vcard(card).write_to(&mut text, VCardVersion::V4_0);
    }
    text
}

/// The rest of a card, without the parts of the name: they are wrong once the name was changed.
pub fn without_name(extra: &str) -> String {
    let mut entries = entries_of(extra);
    entries.retain(|entry| entry.name != VCardProperty::N);
    lines_of(entries)
}

/// The rest of two cards, what is in both once.
pub fn both(first: &str, second: &str) -> String {
    let mut entries = entries_of(first);
    for entry in entries_of(second) {
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    lines_of(entries)
}

/// `None`: it says nothing of anybody.
fn understood(card: &VCard) -> Option<ContactCard> {
    let first = |property: VCardProperty| card.property(&property).map(text_of).unwrap_or_default();
    let addresses = addresses_of(card);
    let name = Some(first(VCardProperty::Fn)).filter(|name| !name.is_empty()).unwrap_or_else(|| name_of_parts(card));
    let understood = ContactCard {
        name,
        organisation: first(VCardProperty::Org),
        note: first(VCardProperty::Note),
        extra: lines_of(card.entries.iter().filter(|entry| is_extra(card, entry)).cloned().collect()),
        addresses,
    };
    let says_something = !understood.name.is_empty() || !understood.addresses.is_empty();
    says_something.then_some(understood)
}

/// The preferred address first (PREF, or TYPE=PREF as 3.0 has it), each once, without those that are none.
fn addresses_of(card: &VCard) -> Vec<String> {
    let mut found: Vec<(u32, String)> = Vec::new();
    for entry in card.properties(&VCardProperty::Email) {
        let text = text_of(entry);
        let text = text.strip_prefix("mailto:").unwrap_or(&text);
        let Ok(address) = EmailAddress::parse(text) else { continue };
        let address = address.to_string();
        if !found.iter().any(|(_, other)| other.eq_ignore_ascii_case(&address)) {
            found.push((preference(entry), address));
        }
    }
    found.sort_by_key(|(preference, _)| *preference);
    found.into_iter().map(|(_, address)| address).collect()
}

/// 1 is most preferred, 100 least (RFC 6350 §5.3); 101 where nothing is said.
fn preference(entry: &VCardEntry) -> u32 {
    let stated = entry.parameters(&VCardParameterName::Pref).find_map(|value| match value {
        calcard::vcard::VCardParameterValue::Integer(n) => Some(*n),
        other => other.as_text().and_then(|text| text.parse().ok()),
    });
    let by_type = || {
        let mut types = entry.parameters(&VCardParameterName::Type).filter_map(|value| value.as_text());
        types.any(|word| word.eq_ignore_ascii_case("pref")).then_some(1)
    };
    stated.or_else(by_type).unwrap_or(101)
}

fn name_of_parts(card: &VCard) -> String {
    let Some(parts) = card.property(&VCardProperty::N) else { return String::new() };
    let part = |n: usize| parts.values.get(n).map(text_of_value).unwrap_or_default();
    let ordered = [part(3), part(1), part(2), part(0), part(4)];
    ordered.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What is kept beside the fields that are understood: also a second organisation, note or name.
fn is_extra(card: &VCard, entry: &VCardEntry) -> bool {
    let first = |property: &VCardProperty| card.property(property).is_some_and(|first| std::ptr::eq(first, entry));
    match &entry.name {
        VCardProperty::Begin | VCardProperty::End | VCardProperty::Version | VCardProperty::Email => false,
        VCardProperty::Fn | VCardProperty::Org | VCardProperty::Note => !first(&entry.name),
        _ => true,
    }
}

fn text_of(entry: &VCardEntry) -> String {
    let values: Vec<String> = entry.values.iter().map(text_of_value).filter(|text| !text.is_empty()).collect();
    values.join(", ").trim().to_owned()
}

fn text_of_value(value: &VCardValue) -> String {
    match value {
        VCardValue::Text(text) => text.trim().to_owned(),
        VCardValue::Component(parts) => parts.join(" ").trim().to_owned(),
        _ => String::new(),
    }
}

fn as_vcard(card: &ContactCard) -> VCard {
    let text = |property: VCardProperty, value: &str| VCardEntry::new(property).with_value(value.to_owned());
    let shown = if card.name.is_empty() { card.addresses.first().map_or("", String::as_str) } else { &card.name };
    let mut entries = vec![text(VCardProperty::Fn, shown)];
    for (n, address) in (1_u32..).zip(&card.addresses) {
        let mut entry = text(VCardProperty::Email, address);
        if card.addresses.len() > 1 {
            entry = entry.with_param(calcard::vcard::VCardParameter::pref(n.min(100)));
        }
        entries.push(entry);
    }
    for (property, value) in [(VCardProperty::Org, &card.organisation), (VCardProperty::Note, &card.note)] {
        if !value.is_empty() {
            entries.push(text(property, value));
        }
    }
    entries.extend(entries_of(&card.extra));
    VCard { entries }
}

fn entries_of(extra: &str) -> Vec<VCardEntry> {
    if extra.is_empty() {
        return Vec::new();
    }
    let card = format!("BEGIN:VCARD\r\nVERSION:4.0\r\n{extra}END:VCARD\r\n");
    let mut entries = match Parser::new(&card).entry() {
        Entry::VCard(card) => card.entries,
        _ => Vec::new(),
    };
    let framing = [VCardProperty::Begin, VCardProperty::End, VCardProperty::Version];
    entries.retain(|entry| !framing.contains(&entry.name));
    entries
}

fn lines_of(entries: Vec<VCardEntry>) -> String {
    let mut text = String::new();
    let _ = VCard { entries }.write_to(&mut text, VCardVersion::V4_0);
    let inner = text.strip_prefix("BEGIN:VCARD\r\nVERSION:4.0\r\n").unwrap_or(&text);
    inner.strip_suffix("END:VCARD\r\n").unwrap_or(inner).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_of_every_version_are_read() {
        let text = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Møller;Bo;;;\r\nFN:Bo Møller\r\n\
            EMAIL;TYPE=INTERNET,WORK:bo@firm.example\r\nEMAIL;TYPE=INTERNET,PREF:bo@home.example\r\n\
            EMAIL:not an address\r\nORG:Firm;Sales\r\nTEL;TYPE=CELL:+45 1234\r\nNOTE:met in\r\n  Aarhus\\, 2019\r\n\
            END:VCARD\r\n\
            BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Stra=C3=9Fe;Jan\r\n\
            EMAIL;INTERNET:jan@example.de\r\nEND:VCARD\r\n\
            BEGIN:VCARD\nVERSION:4.0\nFN:Only a name\nEND:VCARD\n\
            BEGIN:VCARD\nVERSION:4.0\nTEL:1\nEND:VCARD\n";
        let cards = read(text.as_bytes());
        let bo = &cards[0];
        assert_eq!(bo.name, "Bo Møller");
        assert_eq!(bo.addresses, ["bo@home.example", "bo@firm.example"]);
        assert_eq!((bo.organisation.as_str(), bo.note.as_str()), ("Firm, Sales", "met in Aarhus, 2019"));
        assert!(bo.extra.contains("+45 1234") && bo.extra.contains("Møller;Bo"), "{}", bo.extra);
        assert_eq!(
            (cards[1].name.as_str(), cards[1].addresses.as_slice()),
            ("Jan Straße", &["jan@example.de".into()][..])
        );
        assert_eq!(cards[2].name, "Only a name");
        assert_eq!(cards.len(), 3, "a card that names nobody is no person");
    }

    #[test]
    fn what_is_written_is_read_the_same() {
        let cards = vec![
            ContactCard {
                name: "Bo; Møller, the \"first\"\\".into(),
                organisation: "Firm, Sales".into(),
                note: "two\nlines, and a very long one that has to be folded somewhere because it goes on and on"
                    .into(),
                addresses: vec!["bo@firm.example".into(), "bo@home.example".into()],
                extra: "TEL:+45 1234\r\nBDAY:19700101\r\n".into(),
            },
            ContactCard { addresses: vec!["x@example.org".into()], ..ContactCard::default() },
        ];
        let text = write(&cards);
        let again = read(text.as_bytes());
        assert_eq!(again[0], cards[0]);
        assert_eq!(again[1].name, "x@example.org", "every card must have a name (RFC 6350 §6.2.1)");
        assert!(text.lines().all(|line| line.len() <= 77), "{text}");
    }

    #[test]
    fn a_changed_name_leaves_its_parts_behind() {
        let extra = "N:Møller;Bo;;;\r\nTEL:+45 1234\r\n";
        assert_eq!(without_name(extra), "TEL:+45 1234\r\n");
    }

    #[test]
    fn anything_else_is_no_card() {
        for bytes in
            [&b""[..], b"hello", b"BEGIN:VCARD", &[0xff, 0xfe, 0, 1], b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"]
        {
            assert_eq!(read(bytes), [], "{bytes:?}");
        }
        let latin = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:J\xf6rg\r\nEMAIL:j@example.de\r\nEND:VCARD\r\n";
        assert_eq!(read(latin)[0].name, "Jörg");
    }
}
