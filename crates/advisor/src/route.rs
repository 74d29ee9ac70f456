//! The route of one delivery, at attempt time.
//!
//! Who decides, the first that says more than "auto":
//!
//! 1. an order: the recipient's own route (from the timeline), else the letter's (from the composer);
//! 2. the account's rule that names most of the recipient's domain;
//! 3. the default of the sender's identity;
//! 4. what is known of this network and the domain:
//!
//! | what speaks against direct | smart host | route |
//! |---|---|---|
//! | nothing | any | direct |
//! | something | yes | smart host, for the first of these reasons; that of From's provider first where only it may send |
//! | something | none | direct, with that named |
//!
//! What can speak against it, in this order:
//! - the domain refused us for what we are within a day;
//! - From belongs to a provider of which everybody knows where its letters come from;
//! - what was found of this network: see [`crate::FoundHere`];
//! - several mail hosts in a row could not be reached from here;
//! - no signature proves who wrote it;
//! - the address that it would leave from: see [`crate::standing`]. Where it is translated on the way, or was not looked up
//!   in time, it is good if all that was found of this network is.
//!
//! On loopback the last three do not matter. A rule that says "auto" ends the search: the default does not count for its
//! domain. Direct sending that is not proven is never chosen silently over a smart host that works: a letter that is taken
//! and put among the junk is worse than one that goes the long way.

use crate::found::FoundHere;
use crate::standing::{Against, Standing};
use crate::texts::refusal;
use crate::{provider_of, smart_hosts_for};
use model::{Class, Route, RoutePolicy, RouteRule, SmartHost, shown_domain};

/// What the choice is made of.
#[derive(Clone, Debug)]
pub struct RouteFacts<'a> {
    /// The smart hosts of the account, in the order in which they are tried.
    pub smart_hosts: &'a [SmartHost],
    /// The account's rules for recipient domains.
    pub rules: &'a [RouteRule],
    /// The default of the identity that sends.
    pub default: &'a RoutePolicy,
    /// Domain of the envelope sender; empty for the null sender.
    pub sender_domain: &'a str,
    /// Domain of the recipient.
    pub recipient_domain: &'a str,
    /// How this network looks; it is worth finding out only where [`hangs_on_standing`].
    pub standing: Standing,
    /// What was found of this network before, and what mail servers said since.
    pub found: FoundHere,
    /// Whether a signature that DNS confirms proves that the letter is from its From domain (DKIM).
    pub signed: bool,
    /// Whether nobody could be reached direct from this network of late: it may block port 25.
    pub shut_in: bool,
    /// How this domain last refused us for what we are, not for the letter or the recipient.
    pub refused_us: Option<Class>,
}

/// Who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// The user, for this letter or recipient.
    Order,
    /// A rule of the user's for the recipient's domain.
    Rule,
    /// The default of the identity.
    Default,
    /// Postrider.
    Auto,
}

impl Basis {
    /// Whether a smart host that is not reached may be replaced by the next one.
    pub fn may_take_the_next(self) -> bool {
        matches!(self, Self::Default | Self::Auto)
    }

    /// Whether what was refused direct for what we are may go on to a smart host.
    pub fn may_leave_direct(self) -> bool {
        self == Self::Auto
    }
}

/// A route, who decided for it, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The way.
    pub route: Route,
    /// Why, as a sentence for the timeline.
    pub reason: Option<String>,
    /// Who decided.
    pub basis: Basis,
    /// What speaks against a direct way that is taken for want of a smart host, as a clause.
    pub despite: Option<String>,
}

/// The route for one recipient: see above. `ordered` is the recipient's own route, else the letter's.
pub fn choose_route(ordered: &RoutePolicy, facts: &RouteFacts<'_>) -> Choice {
    asked_for(ordered, facts).unwrap_or_else(|| choose(facts))
}

/// Whether the choice hangs on how this network looks, which costs lookups: nobody said anything else, and nothing that is
/// known here speaks against sending direct.
pub fn hangs_on_standing(ordered: &RoutePolicy, facts: &RouteFacts<'_>) -> bool {
    facts.standing != Standing::Loopback && asked_for(ordered, facts).is_none() && known_against(facts).is_none()
}

/// Whether the user said which way, for this letter or for all of its kind: then nothing has to be found out.
pub fn is_asked_for(ordered: &RoutePolicy, facts: &RouteFacts<'_>) -> bool {
    asked_for(ordered, facts).is_some()
}

/// What the user said, for this letter or for all of its kind.
fn asked_for(ordered: &RoutePolicy, facts: &RouteFacts<'_>) -> Option<Choice> {
    if let Some(route) = named(ordered) {
        return Some(choice(Basis::Order, route, "you chose it."));
    }
    if let Some(rule) = RouteRule::for_domain(facts.rules, facts.recipient_domain) {
        return named(&rule.route).map(|route| choice(Basis::Rule, route, &your_rule(&rule.domain)));
    }
    named(facts.default).map(|route| choice(Basis::Default, route, "the default of this sender."))
}

fn named(policy: &RoutePolicy) -> Option<Route> {
    match policy {
        RoutePolicy::Auto => None,
        RoutePolicy::Direct => Some(Route::Direct),
        RoutePolicy::SmartHost(name) => Some(Route::SmartHost(name.clone())),
    }
}

fn your_rule(domain: &str) -> String {
    match domain {
        "*" => "your rule for all other domains.".to_owned(),
        _ => format!("your rule for {}.", shown_domain(domain)),
    }
}

fn choose(facts: &RouteFacts<'_>) -> Choice {
    match (against(facts), smart_hosts_for(facts.sender_domain, facts.smart_hosts).first()) {
        (None, _) if facts.standing == Standing::Loopback => direct("the server is on this computer."),
        (None, _) if facts.standing != Standing::Good => {
            direct("the last check of this network found nothing against it, and the letter is signed.")
        }
        (None, _) => direct("this network's address has a name, is on no block list, and the letter is signed."),
        (Some(against), Some(smart_host)) => {
            choice(Basis::Auto, Route::SmartHost(smart_host.name.clone()), &format!("{against}."))
        }
        (Some(against), None) => Choice {
            despite: Some(against.clone()),
            ..direct(&format!("there is no smart host for this account, though {against}."))
        },
    }
}

/// The first thing that speaks against sending direct, as a clause.
fn against(facts: &RouteFacts<'_>) -> Option<String> {
    known_against(facts).or_else(|| match &facts.standing {
        Standing::Loopback | Standing::Good => None,
        Standing::Unproven | Standing::Bad(Against::Translated(_)) if facts.found == FoundHere::Good => None,
        Standing::Unproven => Some("this network is not known to be good for direct sending".to_owned()),
        Standing::Bad(against) => Some(against.clause()),
    })
}

/// What speaks against it without a look at the network.
fn known_against(facts: &RouteFacts<'_>) -> Option<String> {
    if let Some(class) = facts.refused_us {
        return Some(format!("{} {} when it was tried direct", facts.recipient_domain, refusal(class)));
    }
    if let Some(provider) = provider_of(facts.sender_domain).filter(|provider| provider.only_its_own) {
        let (domain, name) = (facts.sender_domain, provider.name);
        return Some(format!("receivers expect letters from {domain} from the servers of {name} alone"));
    }
    if let FoundHere::Against(clause) = &facts.found {
        return Some(clause.clone());
    }
    if facts.standing == Standing::Loopback {
        return None;
    }
    if facts.shut_in {
        return Some("nobody could be reached direct from this network of late, which may block port 25".to_owned());
    }
    (!facts.signed).then(|| match facts.sender_domain {
        "" => "no signature (DKIM) proves who sends it".to_owned(),
        domain => format!("no signature (DKIM) proves that it is from {}", shown_domain(domain)),
    })
}

fn direct(because: &str) -> Choice {
    choice(Basis::Auto, Route::Direct, because)
}

fn choice(basis: Basis, route: Route, because: &str) -> Choice {
    let reason = match &route {
        Route::Direct => format!("Direct: {because}"),
        Route::SmartHost(name) => format!("Through {name}: {because}"),
    };
    Choice { route, reason: Some(reason), basis, despite: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{LoginForm, Security, Server, SmartHostId};

    fn smart_host(name: &str) -> SmartHost {
        let server = Server {
            host: format!("{name}.example"),
            port: 465,
            security: Security::Tls,
            user: "you".into(),
            login: LoginForm::Password,
            trusted: None,
        };
        SmartHost { id: SmartHostId(1), name: name.into(), server }
    }

    fn facts<'a>(smart_hosts: &'a [SmartHost], rules: &'a [RouteRule], default: &'a RoutePolicy) -> RouteFacts<'a> {
        RouteFacts {
            smart_hosts,
            rules,
            default,
            sender_domain: "example.org",
            recipient_domain: "example.net",
            standing: Standing::Unproven,
            found: FoundHere::Nothing,
            signed: true,
            shut_in: false,
            refused_us: None,
        }
    }

    fn policy(text: &str) -> RoutePolicy {
        text.to_owned().into()
    }

    #[test]
    fn an_order_beats_a_rule_and_a_rule_beats_the_default() {
        let hosts = [smart_host("first"), smart_host("second")];
        let rules: [(&str, &[(&str, &str)]); 4] = [
            ("none", &[]),
            ("exact", &[("example.net", "direct"), ("*", "second")]),
            ("all", &[("*", "second")]),
            ("auto", &[("example.net", "auto")]),
        ];
        // Ordered, rules, default: who decides, and the sentence.
        let table = [
            ("direct", "exact", "second", Basis::Order, "Direct: you chose it."),
            ("second", "exact", "direct", Basis::Order, "Through second: you chose it."),
            ("auto", "exact", "second", Basis::Rule, "Direct: your rule for example.net."),
            ("auto", "all", "direct", Basis::Rule, "Through second: your rule for all other domains."),
            ("auto", "none", "second", Basis::Default, "Through second: the default of this sender."),
            ("auto", "none", "direct", Basis::Default, "Direct: the default of this sender."),
            (
                "auto",
                "auto",
                "direct",
                Basis::Auto,
                "Through first: this network is not known to be good for direct sending.",
            ),
            (
                "auto",
                "none",
                "auto",
                Basis::Auto,
                "Through first: this network is not known to be good for direct sending.",
            ),
        ];
        for (ordered, which, default, basis, reason) in table {
            let rules: Vec<RouteRule> = rules
                .iter()
                .filter(|(name, _)| *name == which)
                .flat_map(|(_, rules)| rules.iter())
                .map(|(domain, route)| RouteRule::new(domain, policy(route)).expect(domain))
                .collect();
            let default = policy(default);
            let choice = choose_route(&policy(ordered), &facts(&hosts, &rules, &default));
            assert_eq!((choice.basis, choice.reason.as_deref()), (basis, Some(reason)));
            let direct = reason.starts_with("Direct");
            assert_eq!(choice.route == Route::Direct, direct, "the sentence says what is done");
        }
    }

    #[test]
    fn letters_of_a_provider_go_through_its_own_server_where_it_is_set_up() {
        let own = |host: &str| SmartHost {
            server: Server { host: host.into(), ..smart_host("x").server },
            ..smart_host("own")
        };
        let table = [
            ("gmail.com", "smtp.gmail.com", "own"),
            ("gmail.com", "smtp-relay.gmail.com", "own"),
            ("gmail.com", "SMTP.googlemail.com", "own"),
            ("outlook.com", "smtp.office365.com", "own"),
            ("gmail.com", "smtp.gmail.com.evil.test", "post"),
            ("example.org", "smtp.gmail.com", "post"),
        ];
        for (sender_domain, host, expected) in table {
            let hosts = [smart_host("post"), own(host)];
            let facts = RouteFacts { sender_domain, signed: false, ..facts(&hosts, &[], &RoutePolicy::Auto) };
            let route = choose_route(&RoutePolicy::Auto, &facts).route;
            assert_eq!(route, Route::SmartHost(expected.into()), "{sender_domain} {host}");
        }
    }

    #[test]
    fn auto_goes_direct_only_where_nothing_speaks_against_it() {
        let ours: std::net::IpAddr = "203.0.113.9".parse().unwrap();
        let hosts = [smart_host("post.example")];
        let unproven = facts(&hosts, &[], &RoutePolicy::Auto);
        let good = RouteFacts { standing: Standing::Good, ..unproven.clone() };
        let loopback = RouteFacts { standing: Standing::Loopback, ..unproven.clone() };
        let nameless = RouteFacts { standing: Standing::Bad(Against::Nameless(ours)), ..unproven.clone() };
        let no_name = "this network's address (203.0.113.9) has no name that leads back to it.";
        let refused = "example.net refused this network's address as a dynamic one when it was tried direct.";
        let gmail = "receivers expect letters from gmail.com from the servers of Gmail alone.";
        let unsigned = "no signature (DKIM) proves that it is from example.org.";
        let shut_in = "nobody could be reached direct from this network of late, which may block port 25.";
        let here = "the server is on this computer.";
        let found = |clause: &str| FoundHere::Against(clause.to_owned());
        let blocked = || found("this network blocks port 25, so no mail server can be reached from here");
        let why_blocked = "this network blocks port 25, so no mail server can be reached from here.";
        let translated = Standing::Bad(Against::Translated([192, 168, 1, 7].into()));
        let looked_into = "the last check of this network found nothing against it, and the letter is signed.";
        let all_good = "this network's address has a name, is on no block list, and the letter is signed.";
        // Direct with which reason, or else why through the smart host.
        let table = [
            (unproven.clone(), Err("this network is not known to be good for direct sending.")),
            (nameless.clone(), Err(no_name)),
            (good.clone(), Ok(all_good)),
            (RouteFacts { signed: false, ..good.clone() }, Err(unsigned)),
            (RouteFacts { shut_in: true, signed: false, ..good.clone() }, Err(shut_in)),
            (RouteFacts { sender_domain: "gmail.com", shut_in: true, ..good.clone() }, Err(gmail)),
            (
                RouteFacts { refused_us: Some(Class::SenderDynamicIp), signed: false, ..nameless.clone() },
                Err(refused),
            ),
            // What was found of the network before.
            (RouteFacts { found: blocked(), ..good.clone() }, Err(why_blocked)),
            (RouteFacts { found: blocked(), signed: false, shut_in: true, ..good.clone() }, Err(why_blocked)),
            (RouteFacts { found: blocked(), sender_domain: "gmail.com", ..good.clone() }, Err(gmail)),
            (RouteFacts { found: blocked(), ..loopback.clone() }, Err(why_blocked)),
            (RouteFacts { found: FoundHere::Good, ..good.clone() }, Ok(all_good)),
            (RouteFacts { found: FoundHere::Good, standing: translated.clone(), ..good.clone() }, Ok(looked_into)),
            (RouteFacts { found: FoundHere::Good, ..unproven.clone() }, Ok(looked_into)),
            (
                RouteFacts { found: FoundHere::Good, signed: false, standing: translated, ..good.clone() },
                Err(unsigned),
            ),
            (RouteFacts { found: FoundHere::Good, shut_in: true, ..good.clone() }, Err(shut_in)),
            (RouteFacts { found: FoundHere::Good, ..nameless.clone() }, Err(no_name)),
            (loopback.clone(), Ok(here)),
            (RouteFacts { signed: false, shut_in: true, ..loopback.clone() }, Ok(here)),
            (RouteFacts { refused_us: Some(Class::SenderDynamicIp), ..loopback.clone() }, Err(refused)),
            (RouteFacts { sender_domain: "gmail.com", ..loopback }, Err(gmail)),
        ];
        for (facts, expected) in table {
            let choice = choose_route(&RoutePolicy::Auto, &facts);
            let (route, reason) = match expected {
                Ok(why) => (Route::Direct, format!("Direct: {why}")),
                Err(why) => (Route::SmartHost("post.example".into()), format!("Through post.example: {why}")),
            };
            assert_eq!(
                choice,
                Choice { route, reason: Some(reason), basis: Basis::Auto, despite: None },
                "{facts:?}"
            );
            let alone = choose_route(&RoutePolicy::Auto, &RouteFacts { smart_hosts: &[], ..facts });
            let reason = match expected {
                Ok(why) => format!("Direct: {why}"),
                Err(why) => format!("Direct: there is no smart host for this account, though {why}"),
            };
            let despite = expected.err().map(|why| why.trim_end_matches('.').to_owned());
            assert_eq!(alone, Choice { route: Route::Direct, reason: Some(reason), basis: Basis::Auto, despite });
        }
    }

    #[test]
    fn the_network_is_looked_at_only_where_the_choice_hangs_on_it() {
        let hosts = [smart_host("post.example")];
        let undecided = facts(&hosts, &[], &RoutePolicy::Auto);
        let rules = [RouteRule::new("example.net", RoutePolicy::Direct).unwrap()];
        let table = [
            ("auto", undecided.clone(), true),
            ("auto", RouteFacts { smart_hosts: &[], ..undecided.clone() }, true),
            ("direct", undecided.clone(), false),
            ("post.example", undecided.clone(), false),
            ("auto", RouteFacts { rules: &rules, ..undecided.clone() }, false),
            ("auto", RouteFacts { default: &RoutePolicy::Direct, ..undecided.clone() }, false),
            ("auto", RouteFacts { standing: Standing::Loopback, ..undecided.clone() }, false),
            ("auto", RouteFacts { signed: false, ..undecided.clone() }, false),
            ("auto", RouteFacts { shut_in: true, ..undecided.clone() }, false),
            ("auto", RouteFacts { found: FoundHere::Against("x".into()), ..undecided.clone() }, false),
            ("auto", RouteFacts { found: FoundHere::Good, ..undecided.clone() }, true),
            ("auto", RouteFacts { sender_domain: "gmail.com", ..undecided.clone() }, false),
            ("auto", RouteFacts { refused_us: Some(Class::SenderNoRdns), ..undecided }, false),
        ];
        for (ordered, facts, expected) in table {
            assert_eq!(hangs_on_standing(&policy(ordered), &facts), expected, "{ordered} {facts:?}");
        }
    }

    #[test]
    fn the_reason_reads_as_a_sentence() {
        let ours: std::net::IpAddr = "203.0.113.9".parse().unwrap();
        let hosts = [smart_host("post.example")];
        let table = [
            (Against::NoNetwork, "this computer is not on line now."),
            (
                Against::Translated([192, 168, 1, 7].into()),
                "this computer's address (192.168.1.7) is translated on the way, and what others see is not known.",
            ),
            (
                Against::Generic("dsl-9.example.net".into()),
                "this network's address is called dsl-9.example.net, like one of many that a provider hands out.",
            ),
            (
                Against::Dynamic(ours),
                "Spamhaus lists this network's address (203.0.113.9) as one that should not send mail itself.",
            ),
            (Against::Blocked(ours), "this network's address (203.0.113.9) is on the block list of Spamhaus."),
            (
                Against::ListSilent(ours),
                "it could not be found out whether this network's address (203.0.113.9) is on a block list.",
            ),
        ];
        for (against, why) in table {
            let facts = RouteFacts { standing: Standing::Bad(against), ..facts(&hosts, &[], &RoutePolicy::Auto) };
            let reason = choose_route(&RoutePolicy::Auto, &facts).reason;
            assert_eq!(reason, Some(format!("Through post.example: {why}")));
        }
    }
}
