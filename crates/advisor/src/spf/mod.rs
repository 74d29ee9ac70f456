//! SPF (RFC 7208): whether a domain lets an address send for it. Pure.
//!
//! [`check_host`] is handed all that is known of DNS and gives either the result or the one [`Question`] that it needs
//! answered next; whoever can ask puts the answer to the rest and calls again. So the whole of it is a function from values
//! to a value, and the records of a test are a list. Going over what was gone over costs nothing beside a lookup, and there
//! are a few dozen questions at most.
//!
//! | limit (§4.6.4) | |
//! |---|---|
//! | terms that ask DNS (`include`, `a`, `mx`, `ptr`, `exists`, `redirect`) | 10 |
//! | lookups that found nothing | 2 |
//! | hosts of one `mx` | 10, more is an error |
//! | names of one `ptr` | 10, more are passed over |
//!
//! The explanation of a refusal (`exp=`) is read and not fetched: nobody is shown it here.

mod macros;
mod record;
#[cfg(test)]
mod tests;

use macros::Setting;
pub(crate) use record::is_record;
use record::{Mechanism, Qualifier, Record};
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;

/// Terms that may ask DNS.
const MOST_LOOKUPS: u8 = 10;
/// Lookups that may find nothing.
const MOST_VOID: u8 = 2;
/// Hosts of an `mx`, and names of a `ptr`.
const MOST_NAMES: usize = 10;
/// Records within records: the limit of lookups ends it sooner.
const MOST_DEPTH: usize = 12;

/// Who sends, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The address that connects.
    pub ip: IpAddr,
    /// The envelope sender, `local@domain`; an empty local part is `postmaster` (§2.4).
    pub sender: String,
    /// The name given in EHLO.
    pub helo: String,
}

/// Something that DNS has to say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// The TXT records of a name.
    Texts(String),
    /// The addresses of a name, of the family of the sender's.
    Addresses(String),
    /// The hosts of a domain, by MX alone.
    Hosts(String),
    /// The names of the sender's address.
    Names,
    /// Whether a name has an IPv4 address, whatever the family of the sender's (`exists`, §5.7).
    Exists(String),
}

/// What DNS said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Text records, the strings of each put together.
    Texts(Vec<String>),
    /// Addresses.
    Addresses(Vec<IpAddr>),
    /// Names: of hosts, the one to try first first.
    Names(Vec<String>),
    /// The name or the record does not exist.
    Nothing,
    /// Nobody could say.
    Failed,
}

/// All that is known of DNS.
pub type Known = HashMap<Question, Answer>;

/// What a domain says of a sender (§2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpfResult {
    /// It says nothing at all.
    None,
    /// It says nothing of this one.
    Neutral,
    /// It may send.
    Pass,
    /// It may not.
    Fail,
    /// It probably may not.
    SoftFail,
    /// DNS could not be asked.
    TempError,
    /// The record can not be followed.
    PermError,
}

impl SpfResult {
    /// The word of RFC 7208.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Neutral => "neutral",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        }
    }
}

/// The result, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The result.
    pub result: SpfResult,
    /// The domain's own record, where there is one.
    pub record: Option<String>,
    /// The term that decided, and the domain in whose record it stands.
    pub decided_by: Option<(String, String)>,
    /// What is wrong, where something is.
    pub problem: Option<Problem>,
    /// Terms that asked DNS.
    pub lookups: u8,
    /// Lookups that found nothing.
    pub void: u8,
    /// Domains whose records were gone into, in order.
    pub included: Vec<String>,
}

/// Why a record can not be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A domain has two records.
    TwoRecords(String),
    /// A term that is no term.
    Term(String),
    /// A record that is pointed to and is not there.
    Missing(String),
    /// More terms ask DNS than may.
    TooManyLookups,
    /// More lookups find nothing than may.
    TooManyVoid,
    /// A domain has more hosts than may be gone through.
    TooManyHosts(String),
    /// Nobody could say anything about a name.
    Unanswered(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TwoRecords(domain) => write!(f, "{domain} has more than one SPF record"),
            Self::Term(term) => write!(f, "“{term}” is not something that an SPF record can say"),
            Self::Missing(domain) => write!(f, "it points to {domain}, which has no SPF record"),
            Self::TooManyLookups => write!(f, "it needs more than {MOST_LOOKUPS} lookups"),
            Self::TooManyVoid => write!(f, "more than {MOST_VOID} of its lookups find nothing"),
            Self::TooManyHosts(domain) => write!(f, "{domain} has more than {MOST_NAMES} mail hosts"),
            Self::Unanswered(name) => write!(f, "the name servers could not say anything about {name}"),
        }
    }
}

/// Evaluates SPF for a sender: the result, or what has to be asked for it.
pub fn check_host(query: &Query, known: &Known) -> Result<Evaluation, Question> {
    let (local, domain) = query.sender.rsplit_once('@').unwrap_or(("", &query.sender));
    let local = if local.is_empty() { "postmaster" } else { local };
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let mut run = Run { query, known, local, sender_domain: &domain, tally: Tally::default() };
    let outcome = match is_domain(&domain) {
        true => run.check(&domain, 0),
        false => Ok(SpfResult::None),
    };
    let tally = run.tally;
    let (result, problem) = match outcome {
        Ok(result) => (result, None),
        Err(Stop::Ask(question)) => return Err(question),
        Err(Stop::Wrong(problem @ Problem::Unanswered(_))) => (SpfResult::TempError, Some(problem)),
        Err(Stop::Wrong(problem)) => (SpfResult::PermError, Some(problem)),
    };
    Ok(Evaluation {
        result,
        problem,
        record: tally.record,
        decided_by: tally.decided_by,
        lookups: tally.lookups,
        void: tally.void,
        included: tally.included,
    })
}

/// Why the evaluation does not go on.
enum Stop {
    Ask(Question),
    Wrong(Problem),
}

#[derive(Default)]
struct Tally {
    lookups: u8,
    void: u8,
    record: Option<String>,
    included: Vec<String>,
    decided_by: Option<(String, String)>,
}

struct Run<'a> {
    query: &'a Query,
    known: &'a Known,
    local: &'a str,
    sender_domain: &'a str,
    tally: Tally,
}

impl Run<'_> {
    /// §4: the record of a domain, gone through from left to right.
    fn check(&mut self, domain: &str, depth: usize) -> Result<SpfResult, Stop> {
        if depth > MOST_DEPTH {
            return Err(Stop::Wrong(Problem::TooManyLookups));
        }
        let Some(text) = self.record(domain)? else { return Ok(SpfResult::None) };
        if depth == 0 {
            self.tally.record = Some(text.clone());
        } else {
            self.tally.included.push(domain.to_owned());
        }
        let record = Record::parse(&text).map_err(|term| Stop::Wrong(Problem::Term(term)))?;
        for directive in &record.directives {
            if self.matches(&directive.mechanism, domain, depth)? {
                self.tally.decided_by = Some((directive.text.clone(), domain.to_owned()));
                return Ok(result_of(directive.qualifier));
            }
        }
        match &record.redirect {
            Some(target) => self.redirect(target, domain, depth),
            None => Ok(SpfResult::Neutral),
        }
    }

    /// §4.4, §4.5: the one record among the texts of a domain.
    fn record(&mut self, domain: &str) -> Result<Option<String>, Stop> {
        let texts = match self.ask(Question::Texts(domain.to_owned()), domain)? {
            Answer::Texts(texts) => texts,
            _ => return Ok(None),
        };
        let mut records = texts.into_iter().filter(|text| is_record(text));
        match (records.next(), records.next()) {
            (Some(_), Some(_)) => Err(Stop::Wrong(Problem::TwoRecords(domain.to_owned()))),
            (record, _) => Ok(record),
        }
    }

    /// §6.1: another domain's record takes the place of this one. None at all is an error there.
    fn redirect(&mut self, target: &str, domain: &str, depth: usize) -> Result<SpfResult, Stop> {
        self.count_lookup()?;
        let target = self.expand(target, domain)?;
        match self.check(&target, depth + 1)? {
            SpfResult::None => Err(Stop::Wrong(Problem::Missing(target))),
            result => Ok(result),
        }
    }

    fn matches(&mut self, mechanism: &Mechanism, domain: &str, depth: usize) -> Result<bool, Stop> {
        match mechanism {
            Mechanism::All => Ok(true),
            Mechanism::Network(network) => Ok(network.contains(self.query.ip)),
            Mechanism::Include(target) => {
                self.count_lookup()?;
                let target = self.expand(target, domain)?;
                // §5.2: what the other record says counts only where it lets the sender in.
                let before = self.tally.decided_by.take();
                let result = self.check(&target, depth + 1)?;
                self.tally.decided_by = before;
                match result {
                    SpfResult::None => Err(Stop::Wrong(Problem::Missing(target))),
                    result => Ok(result == SpfResult::Pass),
                }
            }
            Mechanism::A { target, v4, v6 } => {
                self.count_lookup()?;
                let target = self.target(target.as_deref(), domain)?;
                let addresses = self.addresses(&target)?;
                Ok(addresses.into_iter().any(|ip| record::Network::around(ip, *v4, *v6).contains(self.query.ip)))
            }
            Mechanism::Mx { target, v4, v6 } => {
                self.count_lookup()?;
                let target = self.target(target.as_deref(), domain)?;
                self.mx_matches(&target, *v4, *v6)
            }
            Mechanism::Ptr(target) => {
                self.count_lookup()?;
                let target = self.target(target.as_deref(), domain)?;
                self.ptr_matches(&target)
            }
            Mechanism::Exists(target) => {
                self.count_lookup()?;
                let target = self.expand(target, domain)?;
                let answer = self.ask_counting_void(Question::Exists(target.clone()), &target)?;
                Ok(matches!(answer, Answer::Addresses(_)))
            }
        }
    }

    fn mx_matches(&mut self, target: &str, v4: u8, v6: u8) -> Result<bool, Stop> {
        let Answer::Names(hosts) = self.ask_counting_void(Question::Hosts(target.to_owned()), target)? else {
            return Ok(false);
        };
        if hosts.len() > MOST_NAMES {
            return Err(Stop::Wrong(Problem::TooManyHosts(target.to_owned())));
        }
        for host in hosts {
            // A null MX names no host.
            if host.is_empty() {
                continue;
            }
            let addresses = self.addresses(&host)?;
            if addresses.into_iter().any(|ip| record::Network::around(ip, v4, v6).contains(self.query.ip)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// §5.5: a failure to look anything up is no match, and no error.
    fn ptr_matches(&mut self, target: &str) -> Result<bool, Stop> {
        let names = match self.known.get(&Question::Names) {
            Some(Answer::Names(names)) => names.clone(),
            Some(_) => return Ok(false),
            None => return Err(Stop::Ask(Question::Names)),
        };
        let below = format!(".{target}");
        for name in names.into_iter().take(MOST_NAMES) {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            if name != target && !name.ends_with(&below) {
                continue;
            }
            match self.known.get(&Question::Addresses(name.clone())) {
                Some(Answer::Addresses(addresses)) if addresses.contains(&self.query.ip) => return Ok(true),
                Some(_) => {}
                None => return Err(Stop::Ask(Question::Addresses(name))),
            }
        }
        Ok(false)
    }

    fn addresses(&mut self, name: &str) -> Result<Vec<IpAddr>, Stop> {
        match self.ask_counting_void(Question::Addresses(name.to_owned()), name)? {
            Answer::Addresses(addresses) => Ok(addresses),
            _ => Ok(Vec::new()),
        }
    }

    fn ask(&self, question: Question, about: &str) -> Result<Answer, Stop> {
        match self.known.get(&question) {
            None => Err(Stop::Ask(question)),
            Some(Answer::Failed) => Err(Stop::Wrong(Problem::Unanswered(about.to_owned()))),
            Some(answer) => Ok(answer.clone()),
        }
    }

    fn ask_counting_void(&mut self, question: Question, about: &str) -> Result<Answer, Stop> {
        let answer = self.ask(question, about)?;
        if answer == Answer::Nothing {
            self.tally.void += 1;
            if self.tally.void > MOST_VOID {
                return Err(Stop::Wrong(Problem::TooManyVoid));
            }
        }
        Ok(answer)
    }

    fn count_lookup(&mut self) -> Result<(), Stop> {
        self.tally.lookups += 1;
        if self.tally.lookups > MOST_LOOKUPS { Err(Stop::Wrong(Problem::TooManyLookups)) } else { Ok(()) }
    }

    fn target(&mut self, target: Option<&str>, domain: &str) -> Result<String, Stop> {
        target.map_or_else(|| Ok(domain.to_owned()), |target| self.expand(target, domain))
    }

    /// A name with its macros filled in (§7).
    fn expand(&self, text: &str, domain: &str) -> Result<String, Stop> {
        let setting = Setting {
            ip: self.query.ip,
            local: self.local,
            sender_domain: self.sender_domain,
            domain,
            helo: &self.query.helo,
            confirmed: None,
        };
        let setting = match macros::needs_confirmed_name(text) {
            true => Setting { confirmed: self.confirmed_name(domain)?, ..setting },
            false => setting,
        };
        macros::expand(text, &setting).ok_or_else(|| Stop::Wrong(Problem::Term(text.to_owned())))
    }

    /// `%{p}` (§7.3): the domain itself, else a name below it, else any.
    fn confirmed_name(&self, domain: &str) -> Result<Option<String>, Stop> {
        let names = match self.known.get(&Question::Names) {
            Some(Answer::Names(names)) => names,
            Some(_) => return Ok(None),
            None => return Err(Stop::Ask(Question::Names)),
        };
        let mut confirmed = Vec::new();
        for name in names.iter().take(MOST_NAMES) {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            match self.known.get(&Question::Addresses(name.clone())) {
                Some(Answer::Addresses(addresses)) if addresses.contains(&self.query.ip) => confirmed.push(name),
                Some(_) => {}
                None => return Err(Stop::Ask(Question::Addresses(name))),
            }
        }
        let below = format!(".{domain}");
        let best = confirmed.iter().min_by_key(|name| (*name != domain, !name.ends_with(&below)));
        Ok(best.cloned())
    }
}

fn result_of(qualifier: Qualifier) -> SpfResult {
    match qualifier {
        Qualifier::Pass => SpfResult::Pass,
        Qualifier::Fail => SpfResult::Fail,
        Qualifier::SoftFail => SpfResult::SoftFail,
        Qualifier::Neutral => SpfResult::Neutral,
    }
}

/// §4.3: a name of at least two labels that DNS can hold.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| (1..=63).contains(&label.len());
    domain.len() <= 253 && domain.contains('.') && domain.split('.').all(is_label)
}
