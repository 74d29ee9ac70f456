//! Senders that are not who they seem to be, told in plain words.
//!
//! | trick | example | told when |
//! |---|---|---|
//! | an address as the name | `"anna@bank.example" <x@evil.test>` | the address in the name is another one |
//! | the name of somebody the reader knows | `"Anna Miller" <x@evil.test>` | the reader writes to a person of this name at another address, and never to this one |
//! | the reader's own name or address, nearly | `robin@examp1e.org` | it reads like one of the reader's, or of those the reader writes to |
//! | a domain like another | `service@paypa1.com` | [`lookalike`](crate::lookalike) says so |
//! | answers that go elsewhere | `Reply-To: x@evil.test` | it is another site than the sender's, and no list |
//!
//! Nothing here says that a letter is false: many are not. It says what an honest reader would want to see.

use crate::lookalike::{self, Lookalike, bones, site};
use model::Address;
use serde::{Deserialize, Serialize};
use std::fmt;
use ts_rs::TS;

/// What is known to the reader, to compare with.
#[derive(Clone, Debug, Default)]
pub struct Known<'a> {
    /// The reader's own addresses.
    pub own: &'a [Address],
    /// People whom the reader writes to.
    pub people: &'a [Address],
}

/// What of a letter's head is judged.
#[derive(Clone, Debug, Default)]
pub struct Head<'a> {
    /// From.
    pub from: &'a [Address],
    /// Reply-To.
    pub reply_to: &'a [Address],
    /// Whether it came by a mailing list, which may lead answers to itself.
    pub by_list: bool,
}

/// How much there is to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Worth knowing.
    Note,
    /// Worth a pause.
    Warning,
}

/// What is odd about a sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// The name is an address, and not the one it comes from.
    NameIsAnotherAddress {
        /// The address in the name.
        name: String,
        /// The address that it comes from.
        address: String,
    },
    /// The name of a person whom the reader knows at another address.
    NameOfSomebodyKnown {
        /// The name.
        name: String,
        /// The address that it comes from.
        address: String,
        /// The one that is known.
        known: String,
    },
    /// The reader's own name, from an address that is not the reader's.
    OwnName {
        /// The name.
        name: String,
        /// The address that it comes from.
        address: String,
    },
    /// An address that reads like one that is known.
    AddressLikeKnown {
        /// The address that it comes from.
        address: String,
        /// The one that is known.
        known: String,
    },
    /// The domain may be taken for another.
    Alike {
        /// The domain, as it is read.
        domain: String,
        /// For which, and how.
        lookalike: Lookalike,
    },
    /// Answers go to another site.
    AnswersElsewhere {
        /// Where they go.
        to: String,
        /// Where it comes from.
        from: String,
    },
}

impl Oddity {
    /// How much there is to it.
    pub fn weight(&self) -> Weight {
        match self {
            Self::AnswersElsewhere { .. } => Weight::Note,
            _ => Weight::Warning,
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameIsAnotherAddress { name, address } => {
                write!(f, "The sender’s name is the address {name}, but the letter comes from {address}.")
            }
            Self::NameOfSomebodyKnown { name, address, known } => {
                write!(f, "You know {name} as {known}. This letter comes from {address}.")
            }
            Self::OwnName { name, address } => {
                write!(f, "The sender has your name, {name}, but {address} is none of your addresses.")
            }
            Self::AddressLikeKnown { address, known } => {
                write!(f, "The sender’s address {address} looks like {known} but is another one.")
            }
            Self::Alike { domain, lookalike } => write!(f, "The sender’s domain {domain} {lookalike}."),
            Self::AnswersElsewhere { to, from } => {
                write!(f, "An answer would go to {to}, not to the sender at {from}.")
            }
        }
    }
}

/// What is odd about who wrote a letter, what matters most first.
pub fn oddities(head: &Head<'_>, known: &Known<'_>) -> Vec<Oddity> {
    let Some(sender) = head.from.first() else { return Vec::new() };
    let is_known = is_among(sender, known.own) || is_among(sender, known.people);
    let mut found = Vec::new();
    found.extend(address_in_name(sender));
    if !is_known {
        found.extend(like_known(sender, known).or_else(|| domain_alike(sender, known)));
        if found.is_empty() {
            found.extend(name_of_known(sender, known));
        }
    }
    found.extend(answers_elsewhere(head, sender));
    found
}

fn is_among(address: &Address, list: &[Address]) -> bool {
    list.iter().any(|known| same(&known.address, &address.address))
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn domain(address: &str) -> &str {
    address.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default()
}

fn address_in_name(sender: &Address) -> Option<Oddity> {
    let name = sender.name.as_deref()?;
    let is_address = |word: &&str| {
        let (local, domain) = word.split_once('@').unwrap_or_default();
        !local.is_empty() && domain.contains('.') && !domain.contains('@')
    };
    let apart = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '"' | '\'' | ',' | ';');
    let found = name.split(apart).find(is_address)?;
    let is_other = !same(site(domain(found)), site(domain(&sender.address)));
    is_other.then(|| Oddity::NameIsAnotherAddress { name: found.to_owned(), address: sender.address.clone() })
}

fn like_known(sender: &Address, known: &Known<'_>) -> Option<Oddity> {
    let shape = bones(&shown(&sender.address));
    let alike = known.own.iter().chain(known.people).find(|one| bones(&shown(&one.address)) == shape)?;
    Some(Oddity::AddressLikeKnown { address: shown(&sender.address), known: alike.address.clone() })
}

/// An address as it is read.
fn shown(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", lookalike::shown(domain)),
        None => address.to_owned(),
    }
}

fn domain_alike(sender: &Address, known: &Known<'_>) -> Option<Oddity> {
    let theirs = domain(&sender.address);
    let sites = known.own.iter().chain(known.people).map(|one| site(domain(&one.address)));
    let lookalike = lookalike::lookalike(theirs, sites)?;
    Some(Oddity::Alike { domain: lookalike::shown(theirs), lookalike })
}

/// Names of one word are shared by too many people.
fn name_of_known(sender: &Address, known: &Known<'_>) -> Option<Oddity> {
    let name = sender.name.as_deref()?.trim();
    let shape = name_shape(name);
    if shape.split(' ').count() < 2 {
        return None;
    }
    let has_name =
        |one: &&Address| one.name.as_deref().is_some_and(|theirs| name_shape(theirs) == shape && !same(theirs, ""));
    let at_same_site = |one: &Address| same(site(domain(&one.address)), site(domain(&sender.address)));
    if known.own.iter().any(|one| has_name(&one)) {
        let beside = known.own.iter().any(at_same_site);
        let odd = Oddity::OwnName { name: name.to_owned(), address: sender.address.clone() };
        return (!beside).then_some(odd);
    }
    let mut namesakes = known.people.iter().filter(has_name);
    let first = namesakes.next()?;
    let is_near = at_same_site(first) || namesakes.any(at_same_site);
    (!is_near).then(|| Oddity::NameOfSomebodyKnown {
        name: name.to_owned(),
        address: sender.address.clone(),
        known: first.address.clone(),
    })
}

/// The words of a name, in order: “Miller, Anna” is “Anna Miller”.
fn name_shape(name: &str) -> String {
    let mut words: Vec<String> =
        name.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()).map(bones).collect();
    words.sort();
    words.join(" ")
}

fn answers_elsewhere(head: &Head<'_>, sender: &Address) -> Option<Oddity> {
    if head.by_list {
        return None;
    }
    let from = site(domain(&sender.address));
    let away = head.reply_to.iter().find(|to| !same(site(domain(&to.address)), from))?;
    Some(Oddity::AnswersElsewhere { to: away.address.clone(), from: sender.address.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        match text.split_once('<') {
            Some((name, rest)) => Address::new(Some(name.trim().to_owned()), rest.trim_end_matches('>')),
            None => Address::new(None, text),
        }
    }

    fn told(from: &str, reply_to: &str, by_list: bool) -> String {
        let own = [address("Robin Hill <robin@example.org>")];
        let people = [
            address("Anna Miller <anna@club.example>"),
            address("Jo <jo@club.example>"),
            address("Lee Park <lee@a.example>"),
            address("Lee Park <lee@b.example>"),
        ];
        let from = [address(from)];
        let reply_to: Vec<Address> = reply_to.split(',').filter(|text| !text.is_empty()).map(address).collect();
        let head = Head { from: &from, reply_to: &reply_to, by_list };
        let told = oddities(&head, &Known { own: &own, people: &people });
        told.iter().map(Oddity::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn senders_that_pretend_are_pointed_out_and_honest_ones_are_not() {
        let table = [
            ("Anna Miller <anna@club.example>", "", ""),
            ("Someone Else <x@y.example>", "", ""),
            ("Jo <jo@private.example>", "", ""),
            ("Anna Miller <am@club.example>", "", ""),
            ("Lee Park <lee@b.example>", "", ""),
            (
                "Miller, Anna <x@evil.test>",
                "",
                "You know Miller, Anna as anna@club.example. This letter comes from x@evil.test.",
            ),
            (
                "Annа Miller <x@evil.test>",
                "",
                "You know Annа Miller as anna@club.example. This letter comes from x@evil.test.",
            ),
            (
                "Robin Hill <x@evil.test>",
                "",
                "The sender has your name, Robin Hill, but x@evil.test is none of your addresses.",
            ),
            (
                "anna@club.example <x@evil.test>",
                "",
                "The sender’s name is the address anna@club.example, but the letter comes from x@evil.test.",
            ),
            ("news@mail.shop.example <x@shop.example>", "", ""),
            (
                "x <anna@c1ub.example>",
                "",
                "The sender’s address anna@c1ub.example looks like anna@club.example but is another one.",
            ),
            (
                "x <service@c1ub.example>",
                "",
                "The sender’s domain c1ub.example looks like club.example but is another domain.",
            ),
            (
                "PayPal <service@paypa1.com>",
                "",
                "The sender’s domain paypa1.com looks like paypal.com but is another domain.",
            ),
            (
                "x <x@shop.example>",
                "x@evil.test",
                "An answer would go to x@evil.test, not to the sender at x@shop.example.",
            ),
            ("x <x@news.shop.example>", "help@shop.example", ""),
        ];
        for (from, reply_to, expected) in table {
            assert_eq!(told(from, reply_to, false), expected, "{from} {reply_to}");
        }
        assert_eq!(told("x <x@shop.example>", "list@lists.example", true), "");
    }
}
