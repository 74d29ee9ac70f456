use super::*;

fn card(name: &str, addresses: &[&str]) -> ContactCard {
    let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
    ContactCard { name: name.into(), addresses, ..ContactCard::default() }
}

fn kept(id: i64, card: ContactCard) -> StoredContact {
    StoredContact { id: ContactId(id), card, changed_at: Timestamp::UNIX_EPOCH }
}

#[test]
fn a_file_of_cards_adds_and_completes_and_takes_nothing_away() {
    let here = vec![kept(1, card("Anna", &["anna@a.example"])), kept(2, card("Bo", &["bo@a.example"]))];
    let file = vec![
        card("Anna Berg", &["ANNA@a.example", "anna@b.example", "bo@a.example"]),
        card("Bo", &["bo@a.example"]),
        card("Bo", &[]),
        card("Cid", &["cid@a.example"]),
        ContactCard { organisation: "Firm".into(), ..card("Cid", &["cid@a.example"]) },
    ];
    let (import, changes) = brought_in(here.clone(), file);
    assert_eq!(import, ContactImport { added: 1, completed: 2, unchanged: 2 });
    let cid = ContactCard { organisation: "Firm".into(), ..card("Cid", &["cid@a.example"]) };
    let anna = card("Anna", &["anna@a.example", "anna@b.example"]);
    assert_eq!(changes, [(Some(ContactId(1)), anna), (None, cid)]);
    let (again, changes) = brought_in(here, vec![card("Anna", &["anna@a.example"])]);
    assert_eq!((again.unchanged, changes.len()), (1, 0));
}

#[test]
fn what_two_cards_say_is_kept_of_both() {
    let first = ContactCard { note: "met in Aarhus".into(), extra: "TEL:1\r\n".into(), ..card("", &["a@x.example"]) };
    let second = ContactCard {
        note: "likes tea".into(),
        extra: "TEL:1\r\nTEL:2\r\n".into(),
        ..card("Anna", &["A@x.example", "b@x.example"])
    };
    let both = merged(first, second);
    assert_eq!(both.name, "Anna");
    assert_eq!(both.addresses, ["a@x.example", "b@x.example"]);
    assert_eq!(both.note, "met in Aarhus\nlikes tea");
    assert_eq!(both.extra, "TEL:1\r\nTEL:2\r\n");
}

#[test]
fn what_is_kept_is_tidy() {
    let typed = card("  Anna \n Berg ", &[" Anna@Example.org ", "anna@example.org", ""]);
    assert_eq!(tidy(typed).unwrap(), card("Anna Berg", &["Anna@example.org"]));
    assert!(tidy(card(" ", &[])).is_err());
    assert!(tidy(card("Anna", &["anna"])).unwrap_err().to_string().contains("no @"));
}
