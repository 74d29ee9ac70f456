//! What a server offers in its reply to EHLO (RFC 5321 §4.1.1.1): pure.
//!
//! Keywords are compared without regard to case; what is not known is left out; what contradicts itself is read so
//! that less is relied upon.

use model::Reply;

/// The SIZE extension (RFC 1870).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SizeLimit {
    /// Not offered: nothing is declared.
    #[default]
    NotOffered,
    /// Offered without a limit, or with one that says 0.
    Unlimited,
    /// The largest message that the server takes, in octets.
    Octets(u64),
}

/// The ways to log in that are spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// RFC 7677, bound to the encryption (RFC 9266).
    ScramSha256Plus,
    /// RFC 7677.
    ScramSha256,
    /// RFC 4616.
    Plain,
    /// Never a standard, and the only one of some servers.
    Login,
    /// RFC 7628.
    OauthBearer,
    /// Google's, before there was a standard.
    Xoauth2,
}

impl Mechanism {
    /// Its name in EHLO and AUTH.
    pub fn name(self) -> &'static str {
        match self {
            Self::ScramSha256Plus => "SCRAM-SHA-256-PLUS",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::OauthBearer => "OAUTHBEARER",
            Self::Xoauth2 => "XOAUTH2",
        }
    }

    fn named(word: &str) -> Option<Self> {
        use Mechanism::*;
        let all = [ScramSha256Plus, ScramSha256, Plain, Login, OauthBearer, Xoauth2];
        all.into_iter().find(|mechanism| mechanism.name() == word)
    }
}

/// The limits of one session and of one transaction (RFC 9422); `None` where none is stated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// MAILMAX: transactions in a session.
    pub mails: Option<usize>,
    /// RCPTMAX: recipients in a transaction.
    pub recipients: Option<usize>,
    /// RCPTDOMAINMAX: domains of the recipients in a transaction.
    pub domains: Option<usize>,
}

/// What a server offers. The default is a server that knows HELO only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Several commands may be sent without waiting (RFC 2920).
    pub pipelining: bool,
    /// A limit of size, and its declaration (RFC 1870).
    pub size: SizeLimit,
    /// Content with octets above 127 (RFC 6152).
    pub eight_bit_mime: bool,
    /// Addresses and headers in UTF-8 (RFC 6531).
    pub smtp_utf8: bool,
    /// Content in chunks instead of after DATA (RFC 3030).
    pub chunking: bool,
    /// Delivery status notifications on request (RFC 3461).
    pub dsn: bool,
    /// An upgrade to TLS (RFC 3207).
    pub starttls: bool,
    /// A promise to pass on over verified encryption only what asks for it (RFC 8689).
    pub require_tls: bool,
    /// Ways to log in (RFC 4954), of those that are spoken here.
    pub auth: Vec<Mechanism>,
    /// How much it takes at a time (RFC 9422).
    pub limits: Limits,
}

impl Capabilities {
    /// Reads the reply to EHLO. Its first line names the server and is not a keyword.
    pub fn of_ehlo(reply: &Reply) -> Self {
        let mut capabilities = Self::default();
        for line in reply.lines.iter().skip(1) {
            capabilities.read(line);
        }
        capabilities
    }

    fn read(&mut self, line: &str) {
        // Old servers write `AUTH=LOGIN PLAIN`, for clients older still.
        let line = line.to_ascii_uppercase().replacen("AUTH=", "AUTH ", 1);
        let mut words = line.split_ascii_whitespace();
        match words.next().unwrap_or_default() {
            "PIPELINING" => self.pipelining = true,
            "SIZE" => self.size = size_limit(words.next()),
            "8BITMIME" => self.eight_bit_mime = true,
            "SMTPUTF8" => self.smtp_utf8 = true,
            "CHUNKING" => self.chunking = true,
            "DSN" => self.dsn = true,
            "STARTTLS" => self.starttls = true,
            "REQUIRETLS" => self.require_tls = true,
            "LIMITS" => words.for_each(|limit| self.limits.read(limit)),
            "AUTH" => words.filter_map(Mechanism::named).for_each(|mechanism| self.add(mechanism)),
            _ => {}
        }
    }

    fn add(&mut self, mechanism: Mechanism) {
        if !self.auth.contains(&mechanism) {
            self.auth.push(mechanism);
        }
    }

    /// The limit that a message of `size` octets breaks, if there is one.
    pub fn limit_broken_by(&self, size: u64) -> Option<u64> {
        match self.size {
            SizeLimit::Octets(limit) if size > limit => Some(limit),
            _ => None,
        }
    }
}

impl Limits {
    /// Reads `NAME=value`; a limit of nothing, or of what is not a number, is none.
    fn read(&mut self, limit: &str) {
        let Some((name, value)) = limit.split_once('=') else { return };
        let value = value.parse().ok().filter(|value| *value > 0);
        match name {
            "MAILMAX" => self.mails = value,
            "RCPTMAX" => self.recipients = value,
            "RCPTDOMAINMAX" => self.domains = value,
            _ => {}
        }
    }
}

fn size_limit(parameter: Option<&str>) -> SizeLimit {
    match parameter.map(str::parse::<u64>) {
        Some(Ok(limit)) if limit > 0 => SizeLimit::Octets(limit),
        _ => SizeLimit::Unlimited,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(lines: &[&str]) -> Capabilities {
        let mut all = vec!["mx.example.test greets you".to_owned()];
        all.extend(lines.iter().map(|line| (*line).to_owned()));
        Capabilities::of_ehlo(&Reply { code: 250, enhanced: None, lines: all })
    }

    #[test]
    fn the_keywords_of_a_server_are_read_without_regard_to_case() {
        let read = offered(&[
            "pipelining",
            "SIZE 10240000",
            "8BitMime",
            "SMTPUTF8",
            "CHUNKING",
            "DSN",
            "StartTLS",
            "REQUIRETLS",
        ]);
        let expected = Capabilities {
            pipelining: true,
            size: SizeLimit::Octets(10_240_000),
            eight_bit_mime: true,
            smtp_utf8: true,
            chunking: true,
            dsn: true,
            starttls: true,
            require_tls: true,
            auth: vec![],
            limits: Limits::default(),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn the_server_name_is_not_a_keyword() {
        let reply = Reply { code: 250, enhanced: None, lines: vec!["PIPELINING".to_owned()] };
        assert_eq!(Capabilities::of_ehlo(&reply), Capabilities::default());
    }

    #[test]
    fn ways_to_log_in_are_read_in_both_spellings_and_once_each() {
        use Mechanism::*;
        let table: [(&[&str], &[Mechanism]); 8] = [
            (&["AUTH PLAIN LOGIN"], &[Plain, Login]),
            (&["AUTH LOGIN PLAIN"], &[Login, Plain]),
            (&["AUTH=LOGIN PLAIN", "AUTH LOGIN PLAIN"], &[Login, Plain]),
            (&["AUTH CRAM-MD5 SCRAM-SHA-1 NTLM"], &[]),
            (&["AUTH SCRAM-SHA-256 XOAUTH2"], &[ScramSha256, Xoauth2]),
            (&["AUTH scram-sha-256-plus OAuthBearer"], &[ScramSha256Plus, OauthBearer]),
            (&["AUTH"], &[]),
            (&["AUTHORITY PLAIN"], &[]),
        ];
        for (lines, expected) in table {
            assert_eq!(offered(lines).auth, expected, "{lines:?}");
        }
    }

    #[test]
    fn a_size_limit_is_what_it_says_and_no_limit_where_it_says_nothing() {
        let table = [
            ("SIZE", SizeLimit::Unlimited),
            ("SIZE 0", SizeLimit::Unlimited),
            ("SIZE lots", SizeLimit::Unlimited),
            ("SIZE 1000", SizeLimit::Octets(1000)),
            ("SIZES 1000", SizeLimit::NotOffered),
        ];
        for (line, expected) in table {
            assert_eq!(offered(&[line]).size, expected, "{line}");
        }
        assert_eq!(offered(&["SIZE 1000"]).limit_broken_by(1000), None);
        assert_eq!(offered(&["SIZE 1000"]).limit_broken_by(1001), Some(1000));
        assert_eq!(offered(&["SIZE"]).limit_broken_by(u64::MAX), None);
    }

    #[test]
    fn limits_are_read_where_they_make_sense() {
        let limits = |mails, recipients, domains| Limits { mails, recipients, domains };
        let table = [
            ("LIMITS MAILMAX=5 RCPTMAX=100 RCPTDOMAINMAX=1", limits(Some(5), Some(100), Some(1))),
            ("limits rcptmax=7", limits(None, Some(7), None)),
            ("LIMITS", limits(None, None, None)),
            ("LIMITS RCPTMAX=0 MAILMAX=many NEWMAX=3 RCPTDOMAINMAX", limits(None, None, None)),
        ];
        for (line, expected) in table {
            assert_eq!(offered(&[line]).limits, expected, "{line}");
        }
    }
}
