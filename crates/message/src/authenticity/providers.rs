//! Results of the large providers whose fields do not say whose word they are: Microsoft's and iCloud's.
//!
//! What makes such a field the provider's is where it stands. The provider's own Received fields are followed from the
//! top, each of which only it can have written, to the one by which the letter came in from outside, and only what
//! stands right beside that one is heard. A chain that looks in any other way is nobody's, and nothing is heard.
//!
//! - **Microsoft** (Exchange Online, outlook.com) names no authserv-id at all. Each step inside names its peer with one
//!   of Microsoft's own names and an address from the nets between its servers, in which no customer is. Its results
//!   stand right above the entry, which is at the host that the step above came from.
//! - **iCloud** writes one field per method, each under an id of its own, in one order, right below the entry. So a field
//!   that the sender brought comes after all of them: after SPF, the last, nothing more is heard, and nothing at all
//!   where one of the three that matter is missing.
//!
//! The forms are those of delivered letters.

use super::domains::organisation;
use super::results::{MAX_FIELDS, Method, ServerWord, methods, parse, without_comments};
use crate::mime::RawField;
use std::net::{IpAddr, Ipv6Addr};

/// A provider that is known to write in this way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Provider {
    Microsoft,
    ICloud,
}

impl Provider {
    /// The provider that keeps the mailboxes of this IMAP server.
    pub fn of(imap_host: &str) -> Option<Self> {
        match organisation(imap_host).as_str() {
            "outlook.com" | "office365.com" | "hotmail.com" | "live.com" => Some(Self::Microsoft),
            "me.com" | "icloud.com" | "mac.com" => Some(Self::ICloud),
            _ => None,
        }
    }

    /// What it says of the letter with this header.
    pub fn word(self, fields: &[RawField<'_>]) -> Option<ServerWord> {
        match self {
            Self::Microsoft => microsoft(fields),
            Self::ICloud => icloud(fields),
        }
    }
}

/// One Received field, as far as it is of use here.
struct Hop {
    /// Its place among the fields.
    at: usize,
    from: String,
    /// The address in the parentheses after `from`.
    peer: Option<IpAddr>,
    by: String,
}

fn hops<'a>(fields: &'a [RawField<'_>]) -> impl Iterator<Item = Hop> + 'a {
    let received = fields.iter().enumerate().filter(|(_, field)| field.is("Received"));
    received.map(|(at, field)| {
        let value = field.value();
        let plain = without_comments(&value);
        let words: Vec<&str> = plain.split_whitespace().collect();
        let word = |at: usize| words.get(at).copied().unwrap_or_default().to_ascii_lowercase();
        let from = if word(0) == "from" { word(1) } else { String::new() };
        // Only in its place: whatever else could say `by` was handed in by the peer.
        let by = if word(2) == "by" { word(3) } else { String::new() };
        Hop { at, from, peer: peer(&value), by }
    })
}

/// `(2603:10b6::1)`, `(name [192.0.2.1])`, `([fe80::1%4])`: before `by`.
fn peer(received: &str) -> Option<IpAddr> {
    let from = received.split(" by ").next()?;
    let (_, inside) = from.split_once('(')?;
    let inside = inside.split(')').next()?;
    let address = inside.rsplit_once('[').map_or(inside, |(_, address)| address).trim_end_matches(']');
    let address = address.trim().trim_start_matches("IPv6:");
    address.split('%').next()?.parse().ok()
}

fn microsoft(fields: &[RawField<'_>]) -> Option<ServerWord> {
    let mut above: Option<Hop> = None;
    for hop in hops(fields) {
        if is_between_microsofts(&hop) {
            above = Some(hop);
            continue;
        }
        let above = above?;
        let entry = hop.by.strip_suffix(".mail.protection.outlook.com")?;
        if first_label(&above.from) != entry {
            return None;
        }
        let block = fields.get(above.at + 1..hop.at)?;
        let value = block.iter().find(|field| field.is("Authentication-Results"))?.value();
        let plain = without_comments(&value);
        let is_theirs = plain.trim_start().to_ascii_lowercase().starts_with("spf=");
        return is_theirs
            .then(|| ServerWord { authserv_id: "protection.outlook.com".to_owned(), methods: methods(&plain) });
    }
    None
}

/// Whether one server of Microsoft's gave it to another.
fn is_between_microsofts(hop: &Hop) -> bool {
    let named = [&hop.from, &hop.by].iter().all(|name| {
        [".prod.outlook.com", ".outlook.office365.com", ".prod.protection.outlook.com"]
            .iter()
            .any(|house| name.ends_with(house))
    });
    named && hop.peer.is_some_and(is_microsofts_own)
}

/// The nets between the servers of Exchange Online, one for each part of the world. Its customers, who send through it as
/// well, come from others.
fn is_microsofts_own(peer: IpAddr) -> bool {
    let IpAddr::V6(peer) = peer else { return false };
    let [first, second, ..] = peer.segments();
    let between = first == 0x2603 && matches!(second, 0x1096 | 0x10a6 | 0x10b6 | 0x10c6 | 0x10d6);
    between || peer == Ipv6Addr::LOCALHOST || peer.is_unicast_link_local()
}

fn first_label(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// The ids of iCloud and the method that each speaks of, in the order in which they are written.
const ICLOUD: [(&str, &str); 5] = [
    ("bimi.icloud.com", "bimi"),
    ("arc.icloud.com", "arc"),
    ("dmarc.icloud.com", "dmarc"),
    ("dkim-verifier.icloud.com", "dkim"),
    ("spf.icloud.com", "spf"),
];

fn icloud(fields: &[RawField<'_>]) -> Option<ServerWord> {
    let mut hops = hops(fields);
    let (gateway, entry) = (hops.next()?, hops.next()?);
    let is_gateway = !gateway.by.contains('.') && gateway.by.contains("-mailgateway-") && gateway.peer.is_none();
    if !is_gateway || gateway.from.is_empty() || gateway.from != entry.by || !entry.peer.is_some_and(is_outside) {
        return None;
    }
    let below = fields.iter().skip(entry.at + 1).take_while(|field| !field.is("Received"));
    let results = below.filter(|field| field.is("Authentication-Results")).take(MAX_FIELDS);
    let mut heard: Vec<(&str, Vec<Method>)> = Vec::new();
    let mut left = ICLOUD.iter();
    for field in results {
        let Some(word) = parse(&field.value()) else { break };
        // Whatever comes before the last that was heard is not iCloud's any more.
        let Some((_, name)) = left.find(|(id, _)| *id == word.authserv_id) else { break };
        heard.push((name, word.methods.into_iter().filter(|method| method.name == *name).collect()));
    }
    let is_whole = ["dmarc", "dkim", "spf"].iter().all(|needed| heard.iter().any(|(name, _)| name == needed));
    let methods = heard.into_iter().flat_map(|(_, methods)| methods).collect();
    is_whole.then(|| ServerWord { authserv_id: "icloud.com".to_owned(), methods })
}

/// Letters between users of iCloud come from its own outbound servers by addresses like 127.0.0.2, and are not looked at.
fn is_outside(peer: IpAddr) -> bool {
    match peer.to_canonical() {
        IpAddr::V4(peer) => !(peer.is_loopback() || peer.is_private() || peer.is_link_local()),
        IpAddr::V6(peer) => !(peer.is_loopback() || peer.is_unique_local() || peer.is_unicast_link_local()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::results::{OwnServer, of_own_server};

    fn heard_by(host: &str, header: &str) -> Option<String> {
        let own = OwnServer { host: Some(host.to_owned()), names: vec![host.to_owned(), "example.org".to_owned()] };
        let word = of_own_server(format!("{header}From: a@b.test\r\n\r\nHello\r\n").as_bytes(), &own)?;
        let methods = word
            .methods
            .iter()
            .map(|method| format!(" {}={}:{}", method.name, method.result, method.domain.as_deref().unwrap_or("-")));
        Some(word.authserv_id.clone() + &methods.collect::<String>())
    }

    const TO_STORE: &str = "Received: from AM6PR02MB3921.eurprd02.prod.outlook.com (2603:10a6:202:1f::14)\r\n by \
        DB7PR02MB4113.eurprd02.prod.outlook.com with HTTPS; Sat, 21 Nov 2026\r\n 08:17:59 +0000\r\nReceived: from \
        AM6PR06CA0006.eurprd06.prod.outlook.com (2603:10a6:202:2e::18)\r\n by AM6PR02MB3921.eurprd02.prod.outlook.com \
        (2603:10a6:202:1f::14) with\r\n Microsoft SMTP Server (version=TLS1_3) id 15.20.9745.20; Sat, 21 Nov\r\n 2026 \
        08:17:57 +0000\r\n";
    const TO_FRONT: &str = "Received: from AM1PEPF000252E0.eurprd07.prod.outlook.com\r\n \
        (2603:10a6:202:2e:cafe::4c) by AM6PR06CA0006.outlook.office365.com\r\n (2603:10a6:202:2e::18) with Microsoft SMTP \
        Server (version=TLS1_3)\r\n id 15.20.9745.21 via Frontend Transport; Sat, 21 Nov 2026 08:17:57 +0000\r\n";
    const SAYS: &str = "Authentication-Results: spf=pass (sender IP is 192.0.2.7)\r\n smtp.mailfrom=b.test; \
        dkim=pass (signature was verified)\r\n header.d=b.test;dkim=none (message not signed) header.d=none;dmarc=pass \
        action=none\r\n header.from=b.test;compauth=pass reason=100\r\nReceived-SPF: Pass (protection.outlook.com: domain \
        of b.test designates\r\n 192.0.2.7 as permitted sender) receiver=protection.outlook.com;\r\n";
    const ENTRY: &str = "Received: from mail.b.test (192.0.2.7) by\r\n AM1PEPF000252E0.mail.protection.outlook.com \
        (10.167.16.58) with Microsoft\r\n SMTP Server id 15.20.9745.20 via Frontend Transport; Sat, 21 Nov 2026\r\n \
        08:17:56 +0000\r\n";
    const MICROSOFT: &str = "outlook.office365.com";

    #[test]
    fn what_microsoft_found_is_heard_without_an_id() {
        let word = "protection.outlook.com spf=pass:b.test dkim=pass:b.test dkim=none:none dmarc=pass:b.test \
            compauth=pass:-";
        let header = format!("{TO_STORE}{TO_FRONT}{SAYS}{ENTRY}");
        for host in [MICROSOFT, "imap-mail.outlook.com"] {
            assert_eq!(heard_by(host, &header).as_deref(), Some(word), "{host}");
        }
        // As it was written some years ago: the receiving domain between the methods, another name of the first server.
        let older = header
            .replace("b.test;dkim=pass", "b.test; example.org; dkim=pass")
            .replace("AM1PEPF000252E0.eurprd07.prod", "AM1PEPF000252E0.eop-EUR01.prod.protection");
        assert_eq!(heard_by(MICROSOFT, &older).as_deref(), Some(word));
    }

    #[test]
    fn a_field_without_an_id_counts_only_in_an_account_of_microsoft() {
        let header = format!("{TO_STORE}{TO_FRONT}{SAYS}{ENTRY}");
        for host in ["imap.example.org", "imap.gmail.com", "imap.mail.me.com", "outlook.com.evil.test"] {
            assert_eq!(heard_by(host, &header), None, "{host}");
        }
    }

    #[test]
    fn what_a_sender_makes_up_is_not_taken_for_the_word_of_microsoft() {
        let inside = format!("{TO_STORE}{TO_FRONT}");
        let none = SAYS.replace("=pass", "=none");
        let by_customer = ENTRY
            .replace("192.0.2.7", "2a01:111:f403:7e88::61b")
            .replace("mail.b.test", "mail-am6eur05on2061b.outbound.protection.outlook.com");
        let submitted = "Received: from [192.168.1.2] (192.0.2.7) by AM6PR02MB3921.eurprd02.prod.outlook.com \
            (2603:10a6:202:1f::14) with Microsoft SMTP Server id 1; Sat, 21 Nov 2026 08:17:50 +0000\r\n";
        let helo = TO_FRONT.replace("2603:10a6:202:2e:cafe::4c", "192.0.2.7");
        let azure = TO_FRONT.replace("2603:10a6:202:2e:cafe::4c", "2603:1030:7::4c");
        let made_up = format!("{TO_FRONT}{SAYS}{ENTRY}");
        let table = [
            ("below the entry", format!("{inside}{ENTRY}{SAYS}")),
            ("below the entry, above a chain of its own", format!("{inside}{ENTRY}{TO_STORE}{made_up}")),
            ("of a customer, below the entry", format!("{inside}{by_customer}{made_up}")),
            ("of a customer, below the way in of his program", format!("{TO_STORE}{submitted}{made_up}")),
            ("under a name of the house, from elsewhere", format!("{TO_STORE}{helo}{SAYS}{ENTRY}")),
            ("from a computer rented there", format!("{TO_STORE}{azure}{SAYS}{ENTRY}")),
            ("above another entry than that of the host", {
                format!("{inside}{SAYS}{}", ENTRY.replace("AM1PEPF000252E0", "AM1PEPF00029999"))
            }),
            ("above everything", format!("{SAYS}{inside}{ENTRY}")),
            ("without any step", SAYS.to_owned()),
            ("without an entry", format!("{inside}{SAYS}")),
            ("with an id", format!("{inside}{}{ENTRY}", SAYS.replace("spf=pass (", "mx.b.test; spf=pass ("))),
        ];
        for (what, header) in table {
            assert_eq!(heard_by(MICROSOFT, &header), None, "{what}");
        }
        let word = heard_by(MICROSOFT, &format!("{inside}{none}{ENTRY}{SAYS}")).unwrap();
        assert!(!word.contains("pass"), "the sender’s own adds nothing: {word}");
    }

    const GATEWAY: &str = "Received: from p00-icloudmta-smtpin-us-central-1k-60-percent-0 by \
        p129-mailgateway-smtp-5bb6c5bb4b-4744b (mailgateway 2634B97)\r\n\twith SMTP id 4f24e911-87c4-4315-8f0b-f8245274ec19 \
        \r\n\tfor <you@icloud.com>; Sat, 21 Nov 2026 18:52:56 GMT\r\nX-Apple-UUID: 4f24e911\r\n";
    const CAME_IN: &str = "Received: from mail.b.test (mail.b.test [192.0.2.7])\r\n\tby \
        p00-icloudmta-smtpin-us-central-1k-60-percent-0 (Postfix) with ESMTPS id 11C766C0012C\r\n\tfor <you@icloud.com>; \
        Sat, 21 Nov 2026 18:52:53 +0000 (UTC)\r\nX-ICL-Score: 3.332033030043\r\n";
    const BIMI: &str =
        "Authentication-Results: bimi.icloud.com; bimi=pass header.d=b.test header.selector=default\r\n";
    const ARC: &str = "X-ARC-Info: policy=fail; arc=none\r\nAuthentication-Results: arc.icloud.com; arc=none\r\n";
    const DMARC: &str =
        "Authentication-Results: dmarc.icloud.com; dmarc=pass header.from=b.test\r\nX-DMARC-Info: pass=pass\r\n";
    const DKIM: &str = "Authentication-Results: dkim-verifier.icloud.com;\r\n\tdkim=pass (2048-bit key) header.d=b.test \
        header.i=@b.test header.b=I77INjus\r\n";
    const SPF: &str = "Authentication-Results: spf.icloud.com; spf=pass (spf.icloud.com: domain of a@b.test designates \
        192.0.2.7 as permitted sender) smtp.mailfrom=a@b.test\r\nReceived-SPF: pass (spf.icloud.com: domain of a@b.test)\r\n";
    const ICLOUD: &str = "imap.mail.me.com";

    #[test]
    fn what_icloud_found_is_heard_from_all_its_fields() {
        let all = format!("{GATEWAY}{CAME_IN}{BIMI}{ARC}{DMARC}{DKIM}{SPF}");
        let word = "icloud.com bimi=pass:- arc=none:- dmarc=pass:b.test dkim=pass:b.test spf=pass:b.test";
        assert_eq!(heard_by(ICLOUD, &all).as_deref(), Some(word));
        let older = all.replace("p00-icloudmta-smtpin-us-central-1k-60-percent-0", "ci74p00im-qukt09072702.me.com");
        assert_eq!(heard_by(ICLOUD, &older).as_deref(), Some(word));
        for host in ["imap.example.org", MICROSOFT, "imap.gmail.com", "me.com.evil.test"] {
            assert_eq!(heard_by(host, &all), None, "{host}");
        }
    }

    #[test]
    fn what_a_sender_makes_up_is_not_taken_for_the_word_of_icloud() {
        let forged = format!("{BIMI}{ARC}{DMARC}{DKIM}{SPF}");
        let between_users = CAME_IN.replace("mail.b.test [192.0.2.7]", "unknown [127.0.0.2]");
        let elsewhere = CAME_IN.replace("by p00-icloudmta", "by p01-icloudmta").replace("by \r\n", "by ");
        let table = [
            ("above everything", format!("{forged}{GATEWAY}{CAME_IN}")),
            ("between the steps", format!("{GATEWAY}{forged}{CAME_IN}")),
            ("below a further step", format!("{GATEWAY}{CAME_IN}{CAME_IN}{forged}")),
            ("of another user", format!("{GATEWAY}{between_users}{forged}")),
            (
                "below a step at another server",
                format!("{GATEWAY}{}{forged}", elsewhere.replace("\tby p00-", "\tby p01-")),
            ),
            ("without the gateway", format!("{CAME_IN}{forged}")),
            ("without any step", forged.clone()),
            ("under the names of others", format!("{GATEWAY}{CAME_IN}{}", forged.replace("icloud.com;", "b.test;"))),
        ];
        for (what, header) in table {
            assert_eq!(heard_by(ICLOUD, &header), None, "{what}");
        }
        let failed = [BIMI, ARC, DMARC, DKIM, SPF].concat().replace("=pass", "=fail");
        let word = heard_by(ICLOUD, &format!("{GATEWAY}{CAME_IN}{failed}{forged}")).unwrap();
        assert!(!word.contains("pass"), "the sender’s own adds nothing: {word}");
        let partly = DMARC.replace("=pass", "=fail");
        assert_eq!(heard_by(ICLOUD, &format!("{GATEWAY}{CAME_IN}{partly}{SPF}{forged}")), None);
    }

    #[test]
    fn a_method_counts_only_under_the_id_that_speaks_of_it() {
        let mixed = BIMI.replace("bimi=pass", "dmarc=pass header.from=b.test; bimi=pass");
        let none = DMARC.replace("=pass", "=none");
        let word = heard_by(ICLOUD, &format!("{GATEWAY}{CAME_IN}{mixed}{none}{DKIM}{SPF}")).unwrap();
        assert!(!word.contains("dmarc=pass"), "{word}");
    }
}
