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
        match text.as_str() {
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
        if text == "direct" { Self::Direct } else { Self::SmartHost(text) }
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
