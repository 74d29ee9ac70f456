//! The route of one delivery, at attempt time.
//!
//! | policy | standing of this network | smart host | route |
//! |---|---|---|---|
//! | direct, or a name | any | any | as ordered |
//! | auto | any, but the domain refused our address before | yes | smart host |
//! | auto | any, but From belongs to a provider that lets nobody else send for it | yes | smart host |
//! | auto | loopback | any | direct |
//! | auto | not proven to be good for direct sending | yes | smart host |
//! | auto | any | none | direct |
//!
//! Direct sending that is not proven is never chosen silently over a smart host that works: a letter that is taken and
//! put among the junk is worse than one that goes the long way.

use crate::provider_of;
use model::{Class, Route, RoutePolicy};

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
    /// The first smart host of the account.
    pub smart_host: Option<&'a str>,
    /// Domain of the envelope sender; empty for the null sender.
    pub sender_domain: &'a str,
    /// Domain of the recipient.
    pub recipient_domain: &'a str,
    /// How this network looks.
    pub standing: Standing,
    /// How this domain last refused us for what we are, not for the letter or the recipient.
    pub refused_us: Option<Class>,
}

/// A route and the reason for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The way.
    pub route: Route,
    /// Why; `None` where the user ordered it.
    pub reason: Option<String>,
}

/// The route for one recipient domain: see the table above.
pub fn choose_route(policy: &RoutePolicy, facts: &RouteFacts<'_>) -> Choice {
    match policy {
        RoutePolicy::Direct => Choice { route: Route::Direct, reason: None },
        RoutePolicy::SmartHost(name) => Choice { route: Route::SmartHost(name.clone()), reason: None },
        RoutePolicy::Auto => choose(facts),
    }
}

fn choose(facts: &RouteFacts<'_>) -> Choice {
    let Some(smart_host) = facts.smart_host else {
        return direct(match facts.standing {
            Standing::Loopback => "Direct: the server is on this computer.".to_owned(),
            Standing::Unproven => "Direct: there is no smart host for this account.".to_owned(),
        });
    };
    if let Some(class) = facts.refused_us {
        return through(
            smart_host,
            format!("{} {} when it was tried direct.", facts.recipient_domain, refusal(class)),
        );
    }
    if let Some(provider) = provider_of(facts.sender_domain).filter(|provider| provider.only_its_own) {
        let name = provider.name;
        return through(smart_host, format!("{name} lets only its own servers send for {}.", facts.sender_domain));
    }
    match facts.standing {
        Standing::Loopback => direct("Direct: the server is on this computer.".to_owned()),
        Standing::Unproven => {
            through(smart_host, "this network is not known to be good for direct sending.".to_owned())
        }
    }
}

fn direct(reason: String) -> Choice {
    Choice { route: Route::Direct, reason: Some(reason) }
}

fn through(smart_host: &str, because: String) -> Choice {
    Choice {
        route: Route::SmartHost(smart_host.to_owned()),
        reason: Some(format!("Through {smart_host}: {because}")),
    }
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

    const FACTS: RouteFacts<'static> = RouteFacts {
        smart_host: Some("post.example"),
        sender_domain: "example.org",
        recipient_domain: "example.net",
        standing: Standing::Unproven,
        refused_us: None,
    };

    #[test]
    fn what_the_user_orders_is_done() {
        let named = RoutePolicy::SmartHost("other".into());
        assert_eq!(choose_route(&RoutePolicy::Direct, &FACTS).route, Route::Direct);
        assert_eq!(choose_route(&named, &FACTS).route, Route::SmartHost("other".into()));
    }

    #[test]
    fn auto_goes_direct_only_where_nothing_speaks_against_it() {
        let smart = Route::SmartHost("post.example".into());
        let loopback = RouteFacts { standing: Standing::Loopback, ..FACTS };
        let table = [
            (FACTS, smart.clone()),
            (loopback, Route::Direct),
            (RouteFacts { smart_host: None, ..FACTS }, Route::Direct),
            (RouteFacts { refused_us: Some(Class::SenderDynamicIp), ..loopback }, smart.clone()),
            (RouteFacts { sender_domain: "gmail.com", ..loopback }, smart),
        ];
        for (facts, route) in table {
            let choice = choose_route(&RoutePolicy::Auto, &facts);
            assert_eq!(choice.route, route, "{facts:?}");
            assert!(choice.reason.is_some(), "an automatic choice has a reason");
        }
    }

    #[test]
    fn the_reason_reads_as_a_sentence() {
        let refused = RouteFacts { refused_us: Some(Class::SenderNoRdns), ..FACTS };
        assert_eq!(
            choose_route(&RoutePolicy::Auto, &refused).reason.as_deref(),
            Some(
                "Through post.example: example.net refused this network's address because it has no name when it \
                 was tried direct."
            )
        );
    }
}
