//! A list of addresses as people write it: `Anna <anna@example.org>, "Doe, J." <j@example.org>, b@example.org`, the
//! mailbox-list of RFC 5322 §3.4 without comments and groups. Whatever is not understood is an error and never left out:
//! it is a recipient.

use super::{Address, AddressError, EmailAddress};

impl Address {
    /// Reads a list, parted by commas that stand neither in quotes nor in angle brackets. Empty places are passed over.
    ///
    /// ```
    /// let list = postrider_model::Address::parse_list(r#""Doe, J." <j@example.org>, b@example.org"#).unwrap();
    /// assert_eq!(list[0].name.as_deref(), Some("Doe, J."));
    /// assert_eq!(list[1].address, "b@example.org");
    /// ```
    pub fn parse_list(text: &str) -> Result<Vec<Self>, AddressError> {
        pieces(text).into_iter().map(str::trim).filter(|piece| !piece.is_empty()).map(one).collect()
    }
}

/// `Name <address>`, `<address>`, or the address alone.
fn one(piece: &str) -> Result<Address, AddressError> {
    let bracket = outside_quotes(piece).find(|(_, c)| *c == '<').map(|(at, _)| at);
    let angled = bracket.and_then(|at| piece.split_at_checked(at)).and_then(|(name, rest)| {
        let address = rest.strip_prefix('<')?.strip_suffix('>')?;
        Some((plain_name(name), address))
    });
    let (name, address) = angled.unwrap_or((String::new(), piece));
    Ok(Address::new(Some(name), EmailAddress::parse(address)?.to_string()))
}

fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut begin, mut in_brackets) = (0, false);
    for (at, c) in outside_quotes(text) {
        match c {
            '<' => in_brackets = true,
            '>' => in_brackets = false,
            ',' if !in_brackets => {
                pieces.extend(text.get(begin..at));
                begin = at + 1;
            }
            _ => {}
        }
    }
    pieces.extend(text.get(begin..));
    pieces
}

/// The characters that stand in no quotes, with where they are.
fn outside_quotes(text: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut quoted, mut escaped) = (false, false);
    text.char_indices().filter(move |(_, c)| {
        let was_quoted = quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        !was_quoted && *c != '"'
    })
}

/// The name without its quotes, on one line.
fn plain_name(name: &str) -> String {
    let name = name.trim();
    let plain = match name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => unescaped(quoted),
        None => name.to_owned(),
    };
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unescaped(quoted: &str) -> String {
    let mut escaped = false;
    quoted
        .chars()
        .filter(|c| {
            escaped = *c == '\\' && !escaped;
            !escaped
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Expected<'a> = &'a [(Option<&'a str>, &'a str)];

    #[test]
    fn a_list_is_read_with_its_names() {
        let anna = (Some("Anna Example"), "anna@example.org");
        let table: [(&str, Expected<'_>); 9] = [
            ("a@x.test", &[(None, "a@x.test")]),
            ("a@x.test, b@Y.test", &[(None, "a@x.test"), (None, "b@y.test")]),
            ("Anna Example <anna@example.org>", &[anna]),
            ("Anna\r\n Example <anna@example.org>,,<b@x.test>,", &[anna, (None, "b@x.test")]),
            ("\"Doe, J.\" <j@x.test>, b@x.test", &[(Some("Doe, J."), "j@x.test"), (None, "b@x.test")]),
            (r#""The \"Doe\", \\" <j@x.test>"#, &[(Some(r#"The "Doe", \"#), "j@x.test")]),
            (r#""a <b>, c" <j@x.test>"#, &[(Some("a <b>, c"), "j@x.test")]),
            (r#""odd, name"@x.test, <"q>r"@x.test>"#, &[(None, r#""odd, name"@x.test"#), (None, r#""q>r"@x.test"#)]),
            ("Jürgen <j@bücher.example>", &[(Some("Jürgen"), "j@xn--bcher-kva.example")]),
        ];
        for (text, expected) in table {
            let expected: Vec<Address> =
                expected.iter().map(|(name, address)| Address::new(name.map(str::to_owned), *address)).collect();
            assert_eq!(Address::parse_list(text), Ok(expected), "{text}");
        }
        assert_eq!(Address::parse_list(" , "), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_address_is_an_error_and_not_left_out() {
        let table = [
            "a@x.test, Ben",
            "Ben <>",
            "Anna <a@x.test",
            "Anna <a@x.test> of Example",
            "Anna <a@x.test> <b@x.test>",
            "\"Anna <a@x.test>",
            "Anna <a@x.test, b@x.test>",
            "Friends: a@x.test, b@x.test;",
            "Anna Example anna@x.test",
        ];
        for text in table {
            assert!(Address::parse_list(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_shown_is_read_back() {
        for name in ["Jane Doe", "Doe, \"J\"", "back\\slash", "a <b>"] {
            let address = Address::new(Some(name.to_owned()), "j@x.test");
            assert_eq!(Address::parse_list(&address.to_string()), Ok(vec![address.clone()]), "{address}");
        }
    }
}
