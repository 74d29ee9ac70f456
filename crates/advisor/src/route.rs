//! The route of one delivery, at attempt time.
//!
//! Who decides, the first that says more than "auto":
//!
//! 1. an order: the recipient's own route (from the timeline), else the letter's (from the composer);
//! 2. the account's rule that names most of the recipient's domain;
//! 3. the default of the sender's identity;
//! 4. what is known of this network and the domain:
//!
//! | standing of this network | smart host | route |
//! |---|---|---|
//! | any, but the domain refused our address before | yes | smart host |
//! | any, but From belongs to a provider that lets nobody else send for it | yes | smart host |
//! | loopback | any | direct |
//! | not proven to be good for direct sending | yes | smart host |
//! | any | none | direct |
//!
//! A rule that says "auto" ends the search: the default does not count for its domain. Direct sending that is not proven
//! is never chosen silently over a smart host that works: a letter that is taken and put among the junk is worse than one
//! that goes the long way.

use crate::provider_of;
use model::{Class, Route, RoutePolicy, RouteRule, SmartHost, shown_domain};

/// How the address that we would send from looks to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The recipient's server is on this computer.
    Loopback,
    /// Nobody has looked yet.
    Unproven,
}

/// What the choice is made of.
#[derive(Clone, Copy, Debug)]
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
    /// How this network looks.
    pub standing: Standing,
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
}

/// The route for one recipient: see above. `ordered` is the recipient's own route, else the letter's.
pub fn choose_route(ordered: &RoutePolicy, facts: &RouteFacts<'_>) -> Choice {
    if let Some(route) = named(ordered) {
        return choice(Basis::Order, route, "you chose it.");
    }
    if let Some(rule) = RouteRule::for_domain(facts.rules, facts.recipient_domain) {
        return match named(&rule.route) {
            Some(route) => choice(Basis::Rule, route, &your_rule(&rule.domain)),
            None => choose(facts),
        };
    }
    match named(facts.default) {
        Some(route) => choice(Basis::Default, route, "the default of this sender."),
        None => choose(facts),
    }
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
    let Some(smart_host) = facts.smart_hosts.first() else {
        return direct(match facts.standing {
            Standing::Loopback => "the server is on this computer.",
            Standing::Unproven => "there is no smart host for this account.",
        });
    };
    let through = |because: &str| choice(Basis::Auto, Route::SmartHost(smart_host.name.clone()), because);
    if let Some(class) = facts.refused_us {
        return through(&format!("{} {} when it was tried direct.", facts.recipient_domain, refusal(class)));
    }
    if let Some(provider) = provider_of(facts.sender_domain).filter(|provider| provider.only_its_own) {
        return through(&format!("{} lets only its own servers send for {}.", provider.name, facts.sender_domain));
    }
    match facts.standing {
        Standing::Loopback => direct("the server is on this computer."),
        Standing::Unproven => through("this network is not known to be good for direct sending."),
    }
}

fn direct(because: &str) -> Choice {
    choice(Basis::Auto, Route::Direct, because)
}

fn choice(basis: Basis, route: Route, because: &str) -> Choice {
    let reason = match &route {
        Route::Direct => format!("Direct: {because}"),
        Route::SmartHost(name) => format!("Through {name}: {because}"),
    };
    Choice { route, reason: Some(reason), basis }
}

fn refusal(class: Class) -> &'static str {
    match class {
        Class::SenderDynamicIp => "refused this network's address as a dynamic one",
        Class::SenderNoRdns => "refused this network's address because it has no name",
        Class::SenderBlocklisted => "refused this network's address because it is on a block list",
        Class::SenderUnauthenticated => "asked for proof that this computer may send for you",
        Class::Port25Blocked | Class::HostUnreachable => "could not be reached",
        _ => "refused this computer",
    }
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
    fn auto_goes_direct_only_where_nothing_speaks_against_it() {
        let hosts = [smart_host("post.example")];
        let facts = facts(&hosts, &[], &RoutePolicy::Auto);
        let smart = Route::SmartHost("post.example".into());
        let loopback = RouteFacts { standing: Standing::Loopback, ..facts };
        let table = [
            (facts, smart.clone()),
            (loopback, Route::Direct),
            (RouteFacts { smart_hosts: &[], ..facts }, Route::Direct),
            (RouteFacts { refused_us: Some(Class::SenderDynamicIp), ..loopback }, smart.clone()),
            (RouteFacts { sender_domain: "gmail.com", ..loopback }, smart),
        ];
        for (facts, route) in table {
            let choice = choose_route(&RoutePolicy::Auto, &facts);
            assert_eq!((choice.route, choice.basis), (route, Basis::Auto), "{facts:?}");
        }
    }

    #[test]
    fn the_reason_reads_as_a_sentence() {
        let hosts = [smart_host("post.example")];
        let facts = facts(&hosts, &[], &RoutePolicy::Auto);
        let refused = RouteFacts { refused_us: Some(Class::SenderNoRdns), ..facts };
        assert_eq!(
            choose_route(&RoutePolicy::Auto, &refused).reason.as_deref(),
            Some(
                "Through post.example: example.net refused this network's address because it has no name when it \
                 was tried direct."
            )
        );
    }
}
