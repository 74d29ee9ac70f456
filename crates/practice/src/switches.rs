//! What whoever practises can do to the way between this computer and the practice world, while the post office is open.
//!
//! | switch | positions, the first as it begins | what is played |
//! |---|---|---|
//! | `port-25` | open, blocked, intercepted | mail hosts are reached; refuse every connection, as a firewall that rejects does; are spoken for by a gateway that offers no encryption |
//! | `reverse-dns` | confirmed, missing, generic | what the name server says of [`YOUR_ADDRESS`] |
//! | `dns-list` | absent, listed, policy | what lists of addresses say of it: for spam, or as one that should not send mail itself |
//! | `portal` | off, on | a login page stands before everything: nothing is sent, direct or through the submission server |
//!
//! A firewall that drops silently cannot be played by a server on every system; one that rejects can, and differs from it
//! only in how soon one knows. Letters in the mailbox are read on behind a login page, since the switch is about sending.
//!
//! Nothing of this is kept: a post office opens with every switch as it begins.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The address that the hosts of the practice world see whoever practises at. It belongs to nobody (RFC 5737).
pub const YOUR_ADDRESS: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 25);

/// How long an ordered sleep lasts.
pub(crate) const SLEEP: Duration = Duration::from_secs(3600);

/// What becomes of connections to mail hosts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(rename = "PracticePort25")]
pub enum Port25 {
    /// They are made.
    #[default]
    Open,
    /// They are refused at once.
    Blocked,
    /// Something on the way answers in place of the host, and offers no encryption.
    Intercepted,
}

/// What the name server says of [`YOUR_ADDRESS`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(rename = "PracticeReverseDns")]
pub enum ReverseDns {
    /// A name of its own that leads back to it.
    #[default]
    Confirmed,
    /// That it has no name.
    Missing,
    /// A name like one of thousands.
    Generic,
}

/// What lists of addresses in DNS say of [`YOUR_ADDRESS`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(rename = "PracticeDnsList")]
pub enum DnsList {
    /// Nothing.
    #[default]
    Absent,
    /// That it sent spam.
    Listed,
    /// That it is not meant to send mail itself.
    Policy,
}

/// Whether a login page stands before everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(rename = "PracticePortal")]
pub enum Portal {
    /// It does not.
    #[default]
    Off,
    /// It does.
    On,
}

/// The positions of all switches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "PracticeSwitches")]
pub struct Switches {
    /// `port-25`.
    pub port_25: Port25,
    /// `reverse-dns`.
    pub reverse_dns: ReverseDns,
    /// `dns-list`.
    pub dns_list: DnsList,
    /// `portal`.
    pub portal: Portal,
    /// How many hours the world has slept since the post office opened. It is no switch, and is never taken back.
    pub hours_slept: u32,
}

/// One switch and where it is turned to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "switch", content = "to")]
#[ts(rename = "PracticeTurn")]
pub enum Turn {
    /// `port-25`.
    #[serde(rename = "port-25")]
    Port25(Port25),
    /// `reverse-dns`.
    ReverseDns(ReverseDns),
    /// `dns-list`.
    DnsList(DnsList),
    /// `portal`.
    Portal(Portal),
}

/// Every switch with its positions, the first as it begins.
pub const POSITIONS: [(&str, &[&str]); 4] = [
    ("port-25", &["open", "blocked", "intercepted"]),
    ("reverse-dns", &["confirmed", "missing", "generic"]),
    ("dns-list", &["absent", "listed", "policy"]),
    ("portal", &["off", "on"]),
];

/// What can be asked of a post office while it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// To say how the switches stand.
    Show,
    /// To say so now and after every change.
    Watch,
    /// To turn one.
    Turn(Turn),
    /// To turn every switch back to where it began.
    Reset,
    /// To sleep for an hour: its clock is an hour later at once.
    Sleep,
}

impl Switches {
    /// Whether every switch is where it began.
    pub fn are_off(&self) -> bool {
        *self == Self { hours_slept: self.hours_slept, ..Self::default() }
    }

    /// The switches after an order.
    #[must_use]
    pub fn after(self, order: Order) -> Self {
        match order {
            Order::Show | Order::Watch => self,
            Order::Turn(Turn::Port25(port_25)) => Self { port_25, ..self },
            Order::Turn(Turn::ReverseDns(reverse_dns)) => Self { reverse_dns, ..self },
            Order::Turn(Turn::DnsList(dns_list)) => Self { dns_list, ..self },
            Order::Turn(Turn::Portal(portal)) => Self { portal, ..self },
            Order::Reset => Self { hours_slept: self.hours_slept, ..Self::default() },
            Order::Sleep => Self { hours_slept: self.hours_slept.saturating_add(1), ..self },
        }
    }

    /// What becomes of a connection to a mail host.
    pub(crate) fn way_to_mail_hosts(&self) -> Port25 {
        if self.portal == Portal::On { Port25::Blocked } else { self.port_25 }
    }

    /// What becomes of a connection to the submission server.
    pub(crate) fn way_to_submission(&self) -> Port25 {
        if self.portal == Portal::On { Port25::Blocked } else { Port25::Open }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Show => f.write_str("show"),
            Self::Watch => f.write_str("watch"),
            Self::Reset => f.write_str("reset"),
            Self::Sleep => f.write_str("sleep"),
            Self::Turn(turn) => turn.fmt(f),
        }
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = serde_json::to_value(self).map_err(|_| fmt::Error)?;
        let word = |field| value.get(field).and_then(serde_json::Value::as_str).unwrap_or_default();
        write!(f, "{} {}", word("switch"), word("to"))
    }
}

/// An order that no post office knows. The message says which there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no such switch or position: {0}. There are {known}, and the orders reset, sleep and show", known = known())]
pub struct UnknownOrder(String);

fn known() -> String {
    POSITIONS.map(|(switch, positions)| format!("{switch} {}", positions.join("|"))).join(", ")
}

impl FromStr for Order {
    type Err = UnknownOrder;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        match words.as_slice() {
            ["show"] => Ok(Self::Show),
            ["watch"] => Ok(Self::Watch),
            ["reset"] => Ok(Self::Reset),
            ["sleep"] => Ok(Self::Sleep),
            [switch, to] => {
                let turn = serde_json::json!({ "switch": switch, "to": to });
                serde_json::from_value(turn).map(Self::Turn).map_err(|_| UnknownOrder(words.join(" ")))
            }
            _ => Err(UnknownOrder(words.join(" "))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_is_ordered_by_its_words_and_the_first_is_where_it_begins() {
        for (switch, positions) in POSITIONS {
            for (place, position) in positions.iter().enumerate() {
                let order: Order = format!("{switch} {position}").parse().unwrap();
                assert_eq!(order.to_string(), format!("{switch} {position}"));
                assert_eq!(Switches::default().after(order).are_off(), place == 0, "{order}");
            }
        }
        for order in [Order::Show, Order::Watch, Order::Reset, Order::Sleep] {
            assert_eq!(order.to_string().parse(), Ok(order));
        }
    }

    #[test]
    fn what_is_not_known_is_answered_with_what_is() {
        for text in ["", "port-25", "port-25 ajar", "door open", "GET / HTTP/1.1"] {
            let error = text.parse::<Order>().unwrap_err().to_string();
            assert!(error.contains("port-25 open|blocked|intercepted"), "{error}");
        }
    }

    #[test]
    fn a_reset_turns_every_switch_back_and_gives_no_time_back() {
        let orders = ["port-25 blocked", "reverse-dns generic", "dns-list policy", "portal on", "sleep", "reset"];
        let all = orders.iter().fold(Switches::default(), |all, order| all.after(order.parse().unwrap()));
        assert_eq!(all, Switches { hours_slept: 1, ..Switches::default() });
        assert!(all.are_off());
    }

    #[test]
    fn a_login_page_stands_before_every_server_that_mail_is_sent_to() {
        let table = [
            (Port25::Open, Portal::Off, (Port25::Open, Port25::Open)),
            (Port25::Blocked, Portal::Off, (Port25::Blocked, Port25::Open)),
            (Port25::Intercepted, Portal::Off, (Port25::Intercepted, Port25::Open)),
            (Port25::Intercepted, Portal::On, (Port25::Blocked, Port25::Blocked)),
        ];
        for (port_25, portal, expected) in table {
            let switches = Switches { port_25, portal, ..Switches::default() };
            assert_eq!((switches.way_to_mail_hosts(), switches.way_to_submission()), expected, "{switches:?}");
        }
    }

    #[test]
    fn the_switches_read_as_words_in_json() {
        let all = Switches { port_25: Port25::Blocked, ..Switches::default() };
        let expected = serde_json::json!({
            "port_25": "blocked", "reverse_dns": "confirmed", "dns_list": "absent", "portal": "off", "hours_slept": 0
        });
        assert_eq!(serde_json::to_value(all).unwrap(), expected);
    }
}
