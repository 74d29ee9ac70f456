//! How an address that direct mail would leave from looks to others: pure.
//!
//! [`judge`] says whether it is good, what speaks against it, or what is still to be asked. It asks no more than it must, and
//! what a stranger would hear of, last:
//!
//! | address | name | block list | |
//! |---|---|---|---|
//! | translated on the way | | | against: what others see is not known |
//! | public | not asked | | ask for the name |
//! | public | no answer | | not found out |
//! | public | none that leads back | | against |
//! | public | generic | | against |
//! | public | a name of its own | not asked | ask the list |
//! | public | a name of its own | dynamic, blocked | against |
//! | public | a name of its own | no answer, or an error | against: not proven |
//! | public | a name of its own | absent | good |
//!
//! That nobody can say whether an address is listed counts against it: no list is the best sign that an address is meant to
//! send mail, and where there is a smart host a detour costs less than a letter among the junk.

use crate::checks::lists::{Listed, judge_answers};
use crate::reverse::is_generic;
use std::net::{IpAddr, Ipv4Addr};

/// The list that is asked: known spammers, infected computers, and addresses that are not meant to send mail themselves.
pub const BLOCK_LIST: &str = "zen.spamhaus.org";

/// How the address that we would send from looks to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The recipient's server is on this computer.
    Loopback,
    /// It was not found out, or not in time.
    Unproven,
    /// As mail servers should look.
    Good,
    /// Something speaks against it.
    Bad(Against),
}

impl Standing {
    /// What the verdicts on each address that mail may leave from make together (`None`: it was not found out). One that is
    /// not good is enough, since it is not known before which one a host will be reached from. No address at all means that
    /// there is no network.
    pub fn of(verdicts: impl IntoIterator<Item = Option<Result<(), Against>>>) -> Self {
        let verdicts: Vec<_> = verdicts.into_iter().collect();
        if verdicts.is_empty() {
            return Self::Bad(Against::NoNetwork);
        }
        let is_unproven = verdicts.contains(&None);
        match verdicts.into_iter().flatten().find_map(Result::err) {
            Some(against) => Self::Bad(against),
            None if is_unproven => Self::Unproven,
            None => Self::Good,
        }
    }
}

/// What speaks against sending direct from an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    /// There is no way out at all.
    NoNetwork,
    /// Others see another address.
    Translated(IpAddr),
    /// It has no name that leads back to it.
    Nameless(IpAddr),
    /// Its name looks like one of many.
    Generic(String),
    /// It is not meant to send mail itself.
    Dynamic(IpAddr),
    /// It is on the block list for what it did.
    Blocked(IpAddr),
    /// Whether it is on the block list is not known.
    ListSilent(IpAddr),
}

impl Against {
    /// In words, as a clause.
    pub fn clause(&self) -> String {
        match self {
            Self::NoNetwork => "this computer is not on line now".to_owned(),
            Self::Translated(ip) => {
                format!("this computer's address ({ip}) is translated on the way, and what others see is not known")
            }
            Self::Nameless(ip) => format!("this network's address ({ip}) has no name that leads back to it"),
            Self::Generic(name) => {
                format!("this network's address is called {name}, like one of many that a provider hands out")
            }
            Self::Dynamic(ip) => {
                format!("Spamhaus lists this network's address ({ip}) as one that should not send mail itself")
            }
            Self::Blocked(ip) => format!("this network's address ({ip}) is on the block list of Spamhaus"),
            Self::ListSilent(ip) => {
                format!("it could not be found out whether this network's address ({ip}) is on a block list")
            }
        }
    }
}

/// What is known of one address that mail would leave from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The address, as this computer has it.
    pub ip: IpAddr,
    /// Whether it means the same to everybody.
    pub public: bool,
    /// The name that it has.
    pub name: ReverseName,
    /// What the block list says.
    pub listing: Listing,
}

/// What reverse DNS says of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReverseName {
    /// Nobody has asked.
    NotAsked,
    /// There was no answer.
    Unknown,
    /// There is none, or it leads elsewhere.
    None,
    /// A name that leads back to the address.
    Confirmed(String),
}

/// What the block list says of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Nobody has asked.
    NotAsked,
    /// It is not on the list.
    Absent,
    /// It is not meant to send mail itself: its own network says so, or the list's keeper.
    Dynamic,
    /// It sent spam, is infected, or belongs to those who do.
    Blocked,
    /// There was no answer, or an error in the form of one.
    Unknown,
}

impl Listing {
    /// Reads the answers of [`BLOCK_LIST`]. Those in 127.255.255.0/24 are its errors (a public resolver asked, or too
    /// often), and what is not in 127.0.0.0/24 comes from a resolver that makes answers up; neither is ever a listing.
    pub fn read(answers: &[Ipv4Addr]) -> Self {
        match judge_answers(BLOCK_LIST, Some(answers)) {
            Listed::Absent => Self::Absent,
            Listed::Policy { .. } => Self::Dynamic,
            Listed::For(_) => Self::Blocked,
            Listed::Error(_) | Listed::MadeUp(_) | Listed::NoAnswer => Self::Unknown,
        }
    }
}

/// What to make of an address, or what to ask next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is settled.
    Settled(Result<(), Against>),
    /// It can not be found out now.
    NotFoundOut,
    /// The name has to be looked up.
    AskName,
    /// The block list has to be asked.
    AskList,
}

/// Judges an address: see above.
pub fn judge(source: &Source) -> Judgement {
    let ip = source.ip;
    if !source.public {
        return against(Against::Translated(ip));
    }
    match &source.name {
        ReverseName::NotAsked => return Judgement::AskName,
        ReverseName::Unknown => return Judgement::NotFoundOut,
        ReverseName::None => return against(Against::Nameless(ip)),
        ReverseName::Confirmed(name) if is_generic(name, ip) => return against(Against::Generic(name.clone())),
        ReverseName::Confirmed(_) => {}
    }
    match source.listing {
        Listing::NotAsked => Judgement::AskList,
        Listing::Absent => Judgement::Settled(Ok(())),
        Listing::Dynamic => against(Against::Dynamic(ip)),
        Listing::Blocked => against(Against::Blocked(ip)),
        Listing::Unknown => against(Against::ListSilent(ip)),
    }
}

fn against(what: Against) -> Judgement {
    Judgement::Settled(Err(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip() -> IpAddr {
        IpAddr::from([203, 0, 113, 9])
    }

    fn confirmed(name: &str) -> ReverseName {
        ReverseName::Confirmed(name.to_owned())
    }

    #[test]
    fn an_address_is_judged_by_as_few_questions_as_can_be() {
        let good = || confirmed("mail.example.org");
        let generic = "dsl-203-0-113-9.example.net";
        let table = [
            (false, ReverseName::NotAsked, Listing::NotAsked, against(Against::Translated(ip()))),
            (true, ReverseName::NotAsked, Listing::NotAsked, Judgement::AskName),
            (true, ReverseName::Unknown, Listing::NotAsked, Judgement::NotFoundOut),
            (true, ReverseName::None, Listing::NotAsked, against(Against::Nameless(ip()))),
            (true, confirmed(generic), Listing::NotAsked, against(Against::Generic(generic.into()))),
            (true, good(), Listing::NotAsked, Judgement::AskList),
            (true, good(), Listing::Absent, Judgement::Settled(Ok(()))),
            (true, good(), Listing::Dynamic, against(Against::Dynamic(ip()))),
            (true, good(), Listing::Blocked, against(Against::Blocked(ip()))),
            (true, good(), Listing::Unknown, against(Against::ListSilent(ip()))),
        ];
        for (public, name, listing, expected) in table {
            let source = Source { ip: ip(), public, name, listing };
            assert_eq!(judge(&source), expected, "{source:?}");
        }
    }

    #[test]
    fn an_error_of_the_list_is_no_listing() {
        let table: [(&[[u8; 4]], Listing); 12] = [
            (&[], Listing::Absent),
            (&[[127, 0, 0, 10]], Listing::Dynamic),
            (&[[127, 0, 0, 11]], Listing::Dynamic),
            (&[[127, 0, 0, 2]], Listing::Blocked),
            (&[[127, 0, 0, 3]], Listing::Blocked),
            (&[[127, 0, 0, 4], [127, 0, 0, 11]], Listing::Blocked),
            (&[[127, 0, 0, 30]], Listing::Blocked),
            (&[[127, 255, 255, 252]], Listing::Unknown),
            (&[[127, 255, 255, 254]], Listing::Unknown),
            (&[[127, 255, 255, 255], [127, 0, 0, 2]], Listing::Unknown),
            (&[[127, 0, 0, 1]], Listing::Unknown),
            (&[[203, 0, 113, 80]], Listing::Unknown),
        ];
        for (answers, expected) in table {
            let addresses: Vec<Ipv4Addr> = answers.iter().copied().map(Ipv4Addr::from).collect();
            assert_eq!(Listing::read(&addresses), expected, "{answers:?}");
        }
    }

    #[test]
    fn one_address_that_is_not_good_is_enough() {
        let good = || Some(Ok(()));
        let bad = || Some(Err(Against::Nameless(ip())));
        let table = [
            (vec![], Standing::Bad(Against::NoNetwork)),
            (vec![good()], Standing::Good),
            (vec![good(), good()], Standing::Good),
            (vec![good(), None], Standing::Unproven),
            (vec![good(), bad()], Standing::Bad(Against::Nameless(ip()))),
            (vec![None, bad()], Standing::Bad(Against::Nameless(ip()))),
            (vec![bad(), Some(Err(Against::Blocked(ip())))], Standing::Bad(Against::Nameless(ip()))),
        ];
        for (verdicts, expected) in table {
            assert_eq!(Standing::of(verdicts.clone()), expected, "{verdicts:?}");
        }
    }
}
