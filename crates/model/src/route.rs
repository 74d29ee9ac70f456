//! How a message leaves: direct to the recipient's MX, or through a smart host.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the sender asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(from = "String", into = "String")]
#[ts(type = "string")]
pub enum RoutePolicy {
    /// Postrider chooses for each recipient domain, at the time of the attempt.
    #[default]
    Auto,
    /// Always to the recipient's MX.
    Direct,
    /// Always through the smart host of this name.
    SmartHost(String),
}

/// The way one attempt went.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(from = "String", into = "String")]
#[ts(type = "string")]
pub enum Route {
    /// To the recipient's MX.
    Direct,
    /// Through the smart host of this name.
    SmartHost(String),
}

impl From<String> for RoutePolicy {
    fn from(text: String) -> Self {
        // No smart host has one of these names, however it is written.
        match text.to_ascii_lowercase().as_str() {
            "auto" => Self::Auto,
            "direct" => Self::Direct,
            _ => Self::SmartHost(text),
        }
    }
}

impl std::fmt::Display for RoutePolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Direct => "direct",
            Self::SmartHost(name) => name,
        })
    }
}

impl From<RoutePolicy> for String {
    fn from(policy: RoutePolicy) -> Self {
        policy.to_string()
    }
}

impl From<String> for Route {
    fn from(text: String) -> Self {
        if text.eq_ignore_ascii_case("direct") { Self::Direct } else { Self::SmartHost(text) }
    }
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Direct => "direct",
            Self::SmartHost(name) => name,
        })
    }
}

impl From<Route> for String {
    fn from(route: Route) -> Self {
        route.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_as_it_is_written_and_typed() {
        for policy in [RoutePolicy::Auto, RoutePolicy::Direct, RoutePolicy::SmartHost("Relay".into())] {
            assert_eq!(RoutePolicy::from(policy.to_string()), policy);
        }
        assert_eq!(RoutePolicy::from("Auto".to_owned()), RoutePolicy::Auto);
        assert_eq!(RoutePolicy::from("DIRECT".to_owned()), RoutePolicy::Direct);
        assert_eq!(Route::from("Direct".to_owned()), Route::Direct);
    }
}
