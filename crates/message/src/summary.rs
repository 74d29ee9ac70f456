//! The header of a message to what is known of it.

use crate::mime::{self, bare_id};
use crate::{Defect, ListUnsubscribe, Parsed};
use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use mail_parser::{Addr, HeaderName, HeaderValue, Message};
use model::Address;

/// Addresses of one field that are kept.
const MAX_ADDRESSES: usize = 2_000;
/// Message-IDs of one field that are kept: the last ones, which are the nearest.
const MAX_REFERENCES: usize = 200;
/// Octets of a Message-ID; RFC 5322 §2.1.1 lets no line be longer.
const MAX_ID: usize = 998;

/// Fills in what the header says.
pub(crate) fn summarise(block: &[u8], parsed: &mut Parsed) {
    let block = block.get(..mime::MAX_HEADER).unwrap_or(block);
    let Some(message) = mime::header_fields(block) else {
        parsed.defects.extend([Defect::NoHeaders, Defect::NoSender, Defect::NoDate]);
        return;
    };
    let header = Header(&message);
    parsed.message_id = header.ids(HeaderName::MessageId).into_iter().next();
    parsed.in_reply_to = header.ids(HeaderName::InReplyTo);
    parsed.references = header.ids(HeaderName::References);
    parsed.from = header.addresses(HeaderName::From);
    parsed.sender = header.addresses(HeaderName::Sender).into_iter().next();
    parsed.to = header.addresses(HeaderName::To);
    parsed.cc = header.addresses(HeaderName::Cc);
    parsed.bcc = header.addresses(HeaderName::Bcc);
    parsed.reply_to = header.addresses(HeaderName::ReplyTo);
    parsed.subject = header.text(HeaderName::Subject).map(|text| one_line(&text)).unwrap_or_default();
    parsed.date = header.date();
    parsed.list_id = header.text(HeaderName::ListId).and_then(|text| list_id(&text));
    parsed.list_unsubscribe = list_unsubscribe(&header);
    parsed.automatic = is_automatic(&header);
    if parsed.date.is_none() {
        parsed.date = lenient_date(block);
    }
    header.defects(parsed);
}

/// Dates without seconds, with a wrong day of the week, with an old name for the zone.
fn lenient_date(block: &[u8]) -> Option<Timestamp> {
    let fields = mime::fields_in(block);
    let text = fields.iter().find(|field| field.is("Date"))?.value();
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text.trim()).ok()
}

/// The fields of a header; where one that may come once comes several times, the first counts.
struct Header<'a>(&'a Message<'static>);

impl Header<'_> {
    fn first(&self, name: HeaderName<'static>) -> Option<&HeaderValue<'static>> {
        self.0.headers().iter().find(|header| header.name == name).map(|header| &header.value)
    }

    fn text(&self, name: HeaderName<'static>) -> Option<String> {
        match self.first(name)? {
            HeaderValue::Text(text) => Some(text.to_string()),
            HeaderValue::TextList(texts) => Some(texts.join(", ")),
            HeaderValue::Address(address) => {
                address.iter().find_map(|addr| addr.address().or(addr.name())).map(str::to_owned)
            }
            _ => None,
        }
    }

    fn ids(&self, name: HeaderName<'static>) -> Vec<String> {
        let ids: Vec<&str> = match self.first(name) {
            Some(HeaderValue::Text(id)) => vec![id],
            Some(HeaderValue::TextList(ids)) => ids.iter().map(AsRef::as_ref).collect(),
            _ => Vec::new(),
        };
        let skipped = ids.len().saturating_sub(MAX_REFERENCES);
        ids.into_iter()
            .skip(skipped)
            .map(|id| bare_id(id).chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect::<String>())
            .filter(|id| !id.is_empty() && id.len() <= MAX_ID)
            .collect()
    }

    fn addresses(&self, name: HeaderName<'static>) -> Vec<Address> {
        match self.first(name) {
            Some(HeaderValue::Address(addresses)) => {
                addresses.iter().filter_map(address).take(MAX_ADDRESSES).collect()
            }
            _ => Vec::new(),
        }
    }

    fn date(&self) -> Option<Timestamp> {
        match self.first(HeaderName::Date)? {
            HeaderValue::DateTime(date) if date.is_valid() => Timestamp::from_second(date.to_timestamp()).ok(),
            _ => None,
        }
    }

    fn defects(&self, parsed: &mut Parsed) {
        if !parsed.from.iter().any(|from| !from.address.is_empty()) {
            parsed.defects.push(Defect::NoSender);
        }
        if parsed.date.is_none() {
            parsed.defects.push(Defect::NoDate);
        }
        let once = [
            HeaderName::From,
            HeaderName::To,
            HeaderName::Cc,
            HeaderName::Subject,
            HeaderName::Date,
            HeaderName::MessageId,
            HeaderName::ReplyTo,
            HeaderName::ContentType,
        ];
        let times = |name: &HeaderName<'_>| self.0.headers().iter().filter(|header| &header.name == name).count();
        if once.iter().any(|name| times(name) > 1) {
            parsed.defects.push(Defect::RepeatedHeader);
        }
    }
}

fn address(addr: &Addr<'_>) -> Option<Address> {
    let name = addr.name().map(one_line).filter(|name| !name.is_empty());
    let address: String = addr.address().unwrap_or_default().chars().filter(|c| !c.is_control()).collect();
    let address = address.trim().to_owned();
    if address.is_empty() {
        return name.map(|name| within_name(&name).unwrap_or_else(|| Address::new(Some(name), "")));
    }
    // Some programs repeat the address as its name; a name that says nothing more is none.
    Some(Address::new(name.filter(|name| *name != address), address))
}

/// `"Anna <anna@example.org>`, with a quote that never ends: the address is in what was taken for the name.
fn within_name(text: &str) -> Option<Address> {
    let (name, rest) = text.rsplit_once('<')?;
    let address = rest.split('>').next().filter(|address| address.contains('@') && !address.contains(' '))?;
    Some(Address::new(Some(name.trim_matches(['"', ' ']).to_owned()), address))
}

/// On one line, without control characters and without those that turn the direction of what stands beside it.
fn one_line(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c })
        .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn list_id(text: &str) -> Option<String> {
    let id = match text.rsplit_once('<') {
        Some((_, id)) => id.split('>').next().unwrap_or_default(),
        None => text,
    };
    Some(one_line(id)).filter(|id| !id.is_empty())
}

/// RFC 2369: URLs in angle brackets. RFC 8058 §3.1: one POST, to an `https:` address alone.
fn list_unsubscribe(header: &Header<'_>) -> Option<ListUnsubscribe> {
    let urls: Vec<String> = match header.first(HeaderName::ListUnsubscribe)? {
        HeaderValue::Address(urls) => urls.iter().filter_map(|url| url.address()).map(url_of).collect(),
        HeaderValue::Text(text) => bracketed(text),
        _ => Vec::new(),
    };
    let with = |scheme: &str| {
        urls.iter().find(|url| url.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme))).cloned()
    };
    let found = ListUnsubscribe { https: with("https://"), mailto: with("mailto:"), one_click: false };
    let post = header.text(HeaderName::ListUnsubscribePost).unwrap_or_default();
    let one_click = found.https.is_some() && post.replace(' ', "").eq_ignore_ascii_case("List-Unsubscribe=One-Click");
    (found.https.is_some() || found.mailto.is_some()).then_some(ListUnsubscribe { one_click, ..found })
}

fn bracketed(text: &str) -> Vec<String> {
    text.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(url, _)| url_of(url)).collect()
}

/// A folded URL is one URL.
fn url_of(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
}

/// RFC 3834 §5, and the older Precedence.
fn is_automatic(header: &Header<'_>) -> bool {
    let submitted = header.text(HeaderName::AutoSubmitted).map(|text| text.trim().to_ascii_lowercase());
    let precedence = header.text(HeaderName::Other("Precedence".into())).map(|text| text.trim().to_ascii_lowercase());
    submitted.is_some_and(|text| !text.is_empty() && text != "no")
        || precedence.is_some_and(|text| matches!(text.as_str(), "bulk" | "list" | "junk" | "auto_reply"))
}
