//! ENVELOPE, BODY and BODYSTRUCTURE (RFC 3501 §7.4.2).

use super::text::{nstring, string};
use crate::mime::{ContentType, Entity, Inside, parse_content_type, slice, split_outside_quotes, unquote};

/// Whether the extension data of BODYSTRUCTURE is wanted, or BODY.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    Body,
    BodyStructure,
}

/// The envelope of a letter.
pub(crate) fn envelope(bytes: &[u8], letter: &Entity) -> Vec<u8> {
    let field = |name| letter.field(bytes, name);
    let addresses = |name| field(name).map(|value| address_list(&value)).filter(|list| list != b"NIL");
    let from = addresses("From");
    let list = |list: Option<Vec<u8>>| list.unwrap_or_else(|| b"NIL".to_vec());
    in_brackets(&[
        nstring(field("Date").as_deref()),
        nstring(field("Subject").as_deref()),
        list(from.clone()),
        list(addresses("Sender").or_else(|| from.clone())),
        list(addresses("Reply-To").or(from)),
        list(addresses("To")),
        list(addresses("Cc")),
        list(addresses("Bcc")),
        nstring(field("In-Reply-To").as_deref()),
        nstring(field("Message-ID").as_deref()),
    ])
}

/// The structure of a letter or part.
pub(crate) fn body(bytes: &[u8], entity: &Entity, detail: Detail) -> Vec<u8> {
    match &entity.inside {
        Inside::Parts(parts) => multipart(bytes, entity, parts, detail),
        Inside::Message(message) => single(bytes, entity, Some(message), detail),
        Inside::Leaf => single(bytes, entity, None, detail),
    }
}

fn multipart(bytes: &[u8], entity: &Entity, parts: &[Entity], detail: Detail) -> Vec<u8> {
    let parts: Vec<u8> = parts.iter().flat_map(|part| body(bytes, part, detail)).collect();
    let mut items = vec![parts, upper(&entity.content_type.subtype)];
    if detail == Detail::BodyStructure {
        items.push(parameters(&entity.content_type.parameters));
        items.extend(extension(bytes, entity));
    }
    in_brackets(&items)
}

fn single(bytes: &[u8], entity: &Entity, message: Option<&Entity>, detail: Detail) -> Vec<u8> {
    let ContentType { kind, subtype, parameters: given } = &entity.content_type;
    // A part that claims to be multipart and has no parts must not be shown as a multipart that ends at once.
    let (kind, subtype) = if kind == "multipart" { ("text", "plain") } else { (kind.as_str(), subtype.as_str()) };
    let octets = slice(bytes, &entity.body);
    let lines = octets.iter().filter(|octet| **octet == b'\n').count();
    let encoding = entity.field(bytes, "Content-Transfer-Encoding").unwrap_or_else(|| "7bit".to_owned());
    let mut items = vec![
        upper(kind),
        upper(subtype),
        parameters(given),
        nstring(entity.field(bytes, "Content-ID").as_deref()),
        nstring(entity.field(bytes, "Content-Description").as_deref()),
        upper(&encoding),
        octets.len().to_string().into_bytes(),
    ];
    if let Some(message) = message {
        items.push(envelope(bytes, message));
        items.push(body(bytes, message, detail));
    }
    if kind == "text" || message.is_some() {
        items.push(lines.to_string().into_bytes());
    }
    if detail == Detail::BodyStructure {
        items.push(b"NIL".to_vec());
        items.extend(extension(bytes, entity));
    }
    in_brackets(&items)
}

/// Disposition, language and location.
fn extension(bytes: &[u8], entity: &Entity) -> [Vec<u8>; 3] {
    let disposition = entity.field(bytes, "Content-Disposition").map(|value| {
        let parsed = parse_content_type(&value);
        in_brackets(&[upper(&parsed.kind), parameters(&parsed.parameters)])
    });
    let nil = || b"NIL".to_vec();
    [disposition.unwrap_or_else(nil), nil(), nil()]
}

fn parameters(parameters: &[(String, String)]) -> Vec<u8> {
    if parameters.is_empty() {
        return b"NIL".to_vec();
    }
    let items: Vec<Vec<u8>> =
        parameters.iter().flat_map(|(name, value)| [upper(name), string(value.as_bytes())]).collect();
    in_brackets(&items)
}

fn upper(text: &str) -> Vec<u8> {
    string(text.to_ascii_uppercase().as_bytes())
}

fn in_brackets(items: &[Vec<u8>]) -> Vec<u8> {
    [b"(".as_slice(), &items.join(b" ".as_slice()), b")"].concat()
}

/// An address list as the envelope shows it; a group is its name, its members, and an end (RFC 3501 §7.4.2).
fn address_list(value: &str) -> Vec<u8> {
    let mut list = Vec::new();
    for piece in split_outside_quotes(value, ',') {
        let mut piece = piece.trim();
        if let Some((group, first)) = group_start(piece) {
            list.extend(in_brackets(&[nstring(None), nstring(None), string(group.as_bytes()), nstring(None)]));
            piece = first.trim();
        }
        let ends_group = piece.ends_with(';');
        let member = piece.trim_end_matches(';').trim();
        if !member.is_empty() {
            list.extend(address(member));
        }
        if ends_group {
            list.extend(b"(NIL NIL NIL NIL)");
        }
    }
    if list.is_empty() { b"NIL".to_vec() } else { in_brackets(&[list]) }
}

fn group_start(piece: &str) -> Option<(&str, &str)> {
    let (name, rest) = piece.split_once(':')?;
    (!name.contains(['"', '<', '@'])).then_some((name.trim(), rest))
}

fn address(text: &str) -> Vec<u8> {
    let (name, address) = match text.rsplit_once('<') {
        Some((name, address)) => (unquote(name.trim()), address.split('>').next().unwrap_or_default()),
        None => (String::new(), text),
    };
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let name = Some(name.as_str()).filter(|name| !name.is_empty());
    in_brackets(&[nstring(name), nstring(None), string(local.trim().as_bytes()), string(domain.trim().as_bytes())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_in_four_pieces() {
        let table = [
            ("you@practice.test", r#"((NIL NIL "you" "practice.test"))"#),
            (
                r#""Lind, M." <m@a.test>, =?utf-8?Q?J=C3=B6rg?= <j@b.test>"#,
                r#"(("Lind, M." NIL "m" "a.test")("=?utf-8?Q?J=C3=B6rg?=" NIL "j" "b.test"))"#,
            ),
            ("undisclosed-recipients:;", r#"((NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL))"#),
            ("", "NIL"),
        ];
        for (value, expected) in table {
            assert_eq!(String::from_utf8_lossy(&address_list(value)), expected);
        }
    }

    #[test]
    fn a_multipart_shows_its_parts_and_their_disposition() {
        let letter = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
            hi\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\
            Content-Disposition: attachment; filename=a.pdf\r\n\r\nAAAA\r\n--b--\r\n";
        let parsed = Entity::parse(letter.as_bytes());
        let show = |detail| String::from_utf8_lossy(&body(letter.as_bytes(), &parsed, detail)).into_owned();
        assert_eq!(
            show(Detail::Body),
            r#"(("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 2 0)("APPLICATION" "PDF" ("NAME" "a.pdf") NIL NIL "BASE64" 4) "MIXED")"#
        );
        assert!(
            show(Detail::BodyStructure).contains(
                r#"4 NIL ("ATTACHMENT" ("FILENAME" "a.pdf")) NIL NIL) "MIXED" ("BOUNDARY" "b") NIL NIL NIL)"#
            )
        );
    }
}
