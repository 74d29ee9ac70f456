//! The settings: their names, what they may be, and what is made of them.

use crate::error::Error;
use crate::view::SettingView;
use model::{CallError, Schedule, parse_duration};
use net::{Net, NetConfig};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use store::{SecretsKind, Store};

/// A setting and what it is for, as `postrider config` and the window list them.
#[derive(Debug)]
pub struct SettingInfo {
    /// Its name.
    pub key: &'static str,
    /// What it is for, its form, and its default.
    pub what: &'static str,
}

/// Every setting there is.
pub const SETTINGS: &[SettingInfo] = &[
    SettingInfo { key: "net.dns", what: "name servers as ip:port, separated by commas (default: the system's)" },
    SettingInfo { key: "net.smtp_port", what: "the port on which an MX is spoken to (default: 25)" },
    SettingInfo { key: "net.extra_ca", what: "a PEM file of authorities to trust besides the system's" },
    SettingInfo { key: "net.source_ip", what: "the address from which connections are made" },
    SettingInfo { key: "net.helo", what: "the name given in EHLO (default: our name in DNS, else our address)" },
    SettingInfo { key: "net.https_port", what: "the port from which MTA-STS policies are fetched (default: 443)" },
    SettingInfo {
        key: "net.trust_anchor",
        what: "a file of DNSKEY records to begin DNSSEC with (default: the root's)",
    },
    SettingInfo { key: "secrets.store", what: "where passwords are kept: keyring or file (default: keyring)" },
    SettingInfo {
        key: "accounts.ask_mozilla",
        what: "whether Mozilla is asked where an address has its servers, which tells it the domain: true or false (default: false)",
    },
    SettingInfo {
        key: "checks.by_itself",
        what: "whether networks are checked without an order, which asks your router, your smart host, name servers and lists, and the mail hosts of your own domains: true or false (default: true)",
    },
    SettingInfo { key: "oauth.google.client_id", what: "the client ID that you registered with Google" },
    SettingInfo { key: "oauth.microsoft.client_id", what: "the client ID that you registered with Microsoft" },
    SettingInfo { key: "oauth.yahoo.client_id", what: "the client ID that you registered with Yahoo" },
    SettingInfo { key: "outbound.schedule", what: "pauses between tries (default: 5m,10m,20m,40m,80m,2h)" },
    SettingInfo {
        key: "outbound.greylist_schedule",
        what: "pauses for greylisting that names none, each once, then outbound.schedule (default: 1m,5m,10m,20m)",
    },
    SettingInfo { key: "outbound.max_age", what: "the age at which a letter is given up (default: 5d)" },
    SettingInfo {
        key: "outbound.delay_notice",
        what: "the age at which the window says that a letter is late (default: 1h)",
    },
    SettingInfo {
        key: "outbound.delay_report",
        what: "the age at which you are notified that a letter is late (default: 4h)",
    },
    SettingInfo { key: "outbound.undo_seconds", what: "how long a letter can be taken back, 0 to 120 (default: 10)" },
    SettingInfo {
        key: "sync.bodies_days",
        what: "for how many days back whole letters are fetched, older ones are listed; 0 for all (default: 0)",
    },
    SettingInfo {
        key: "sync.connections",
        what: "how many connections an account has, more of them wait for mail in other mailboxes: 2 to 20, one account by its address, as in 2, anna@example.org 5 (default: 2)",
    },
    SettingInfo { key: "outbound.paused", what: "whether the queue waits: true or false (default: false)" },
    SettingInfo {
        key: "outbound.dane",
        what: "what TLSA records count for: off, when-proven or strict (default: when-proven)",
    },
    SettingInfo {
        key: "outbound.downgrade",
        what: "what follows when a host that encrypted does not any more: show or refuse (default: show)",
    },
    SettingInfo {
        key: "window.threads",
        what: "whether lists group letters into conversations: true or false (default: true)",
    },
    SettingInfo {
        key: "window.compact",
        what: "whether a letter takes one line in a list: true or false (default: false)",
    },
    SettingInfo {
        key: "window.on_closing",
        what: "what happens when the window closes while letters wait: ask, stay, hand-over or quit (default: ask)",
    },
];

/// The longest undo window, in seconds.
const MAX_UNDO: u32 = 120;
/// The undo window where it is not set, in seconds.
const DEFAULT_UNDO: u32 = 10;

/// Whether this value may be stored under this name.
pub(crate) fn check(key: &str, value: &str) -> Result<(), Error> {
    let wrong =
        |why: String| -> Error { CallError::new("invalid-setting", format!("{key}: {why}"), hint(key)).into() };
    match key {
        "net.dns" => match dns(value).map_err(wrong)?.as_slice() {
            [] => Err(wrong("no server is named".to_owned())),
            _ => Ok(()),
        },
        "net.smtp_port" | "net.https_port" => parse::<NonZero<u16>>(value, "a port").map(drop).map_err(wrong),
        "net.extra_ca" | "net.trust_anchor" if !Path::new(value).is_file() => {
            Err(wrong(format!("there is no file “{value}”")))
        }
        "net.extra_ca" => can_be_used(NetConfig { extra_ca: Some(value.into()), ..NetConfig::default() }),
        "net.trust_anchor" => can_be_used(NetConfig { trust_anchor: Some(value.into()), ..NetConfig::default() }),
        "net.source_ip" => parse::<std::net::IpAddr>(value, "an IP address").map(drop).map_err(wrong),
        "net.helo" if is_greeting_name(value) => Ok(()),
        "net.helo" => Err(wrong(format!("“{value}” is not a host name"))),
        "secrets.store" => secrets_kind(value).map(drop).map_err(wrong),
        "outbound.schedule" | "outbound.greylist_schedule" => {
            value.parse::<model::Pauses>().map(drop).map_err(|error| wrong(error.to_string()))
        }
        "outbound.max_age" | "outbound.delay_notice" | "outbound.delay_report" => {
            parse_duration(value).map(drop).map_err(|error| wrong(error.to_string()))
        }
        "outbound.undo_seconds" => undo(value).map(drop).map_err(wrong),
        "sync.bodies_days" => parse::<u32>(value, "a number of days").map(drop).map_err(wrong),
        "sync.connections" => match imap::connections::fault(value) {
            Some(form) => Err(wrong(format!("“{value}” is not {form}"))),
            None => Ok(()),
        },
        "outbound.paused" | "window.threads" | "window.compact" => one_of(value, &["true", "false"]).map_err(wrong),
        "oauth.google.client_id" | "oauth.microsoft.client_id" | "oauth.yahoo.client_id" => {
            let fits = !value.is_empty() && value.len() <= 500 && value.bytes().all(|octet| octet.is_ascii_graphic());
            if fits { Ok(()) } else { Err(wrong("it is no client ID".to_owned())) }
        }
        "accounts.ask_mozilla" | "checks.by_itself" => one_of(value, &["true", "false"]).map_err(wrong),
        "outbound.dane" => one_of(value, &["off", "when-proven", "strict"]).map_err(wrong),
        "outbound.downgrade" => one_of(value, &["show", "refuse"]).map_err(wrong),
        "window.on_closing" => one_of(value, &["ask", "stay", "hand-over", "quit"]).map_err(wrong),
        _ => Err(Error::invalid(format!("there is no setting “{key}”"), "postrider config get lists them.")),
    }
}

/// What may follow EHLO (RFC 5321 §4.1.1.1): a domain, or an address in brackets.
fn is_greeting_name(value: &str) -> bool {
    if let Some(address) = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.strip_prefix("IPv6:").unwrap_or(address).parse::<IpAddr>().is_ok();
    }
    let is_label = |label: &str| {
        let fits = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_';
        !label.is_empty() && !label.starts_with('-') && label.bytes().all(fits)
    };
    value.len() <= 255 && value.split('.').all(is_label)
}

/// A file that cannot be used is refused where it is named: later, nothing could be sent for it.
fn can_be_used(config: NetConfig) -> Result<(), Error> {
    Ok(Net::new(config).map(drop)?)
}

fn hint(key: &str) -> String {
    let info = SETTINGS.iter().find(|info| info.key == key);
    info.map(|info| format!("{key} is {}.", info.what)).unwrap_or_default()
}

fn parse<T: FromStr>(value: &str, what: &str) -> Result<T, String> {
    value.trim().parse().map_err(|_| format!("“{value}” is not {what}"))
}

fn one_of(value: &str, words: &[&str]) -> Result<(), String> {
    if words.contains(&value) { Ok(()) } else { Err(format!("“{value}” is none of {}", words.join(", "))) }
}

fn dns(value: &str) -> Result<Vec<SocketAddr>, String> {
    value.split(',').filter(|part| !part.trim().is_empty()).map(|part| parse(part, "ip:port")).collect()
}

fn undo(value: &str) -> Result<u32, String> {
    parse::<u32>(value, "a number of seconds")
        .and_then(|seconds| if seconds <= MAX_UNDO { Ok(seconds) } else { Err(format!("at most {MAX_UNDO}")) })
}

fn secrets_kind(value: &str) -> Result<SecretsKind, String> {
    match value {
        "keyring" => Ok(SecretsKind::Keyring),
        "file" => Ok(SecretsKind::File),
        _ => Err(format!("“{value}” is neither keyring nor file")),
    }
}

/// Every setting, with what it is set to.
pub(crate) async fn list(store: &Store) -> Result<Vec<SettingView>, Error> {
    let mut set: BTreeMap<String, String> = store.settings().await?.into_iter().collect();
    let view = |info: &SettingInfo| SettingView {
        key: info.key.to_owned(),
        what: info.what.to_owned(),
        value: set.remove(info.key),
        default: default_of(info.key),
    };
    Ok(SETTINGS.iter().map(view).collect())
}

/// The network's settings.
pub(crate) async fn net_config(store: &Store) -> Result<NetConfig, Error> {
    let mut config = NetConfig::default();
    let told = |key: &str, why: String| -> Error {
        CallError::new("invalid-setting", format!("{key}: {why}"), hint(key)).into()
    };
    for (key, value) in store.settings().await? {
        match key.as_str() {
            "net.dns" => config.dns = dns(&value).map_err(|why| told(&key, why))?,
            "net.smtp_port" => config.smtp_port = parse(&value, "a port").map_err(|why| told(&key, why))?,
            "net.extra_ca" => config.extra_ca = Some(PathBuf::from(&value)),
            "net.trust_anchor" => config.trust_anchor = Some(PathBuf::from(&value)),
            "net.https_port" => config.https_port = parse(&value, "a port").map_err(|why| told(&key, why))?,
            "net.source_ip" => {
                config.source_ip = Some(parse(&value, "an IP address").map_err(|why| told(&key, why))?);
            }
            "net.helo" => config.helo = Some(value),
            _ => {}
        }
    }
    Ok(config)
}

/// Where passwords are kept.
pub(crate) async fn secrets_store(store: &Store) -> Result<SecretsKind, Error> {
    let value = store.setting("secrets.store").await?;
    Ok(value.and_then(|value| secrets_kind(&value).ok()).unwrap_or_default())
}

/// Whether networks are checked without an order.
pub(crate) async fn checks_by_itself(store: &Store) -> Result<bool, Error> {
    Ok(store.setting("checks.by_itself").await?.as_deref() != Some("false"))
}

/// Whether the user has paused the queue.
pub(crate) async fn is_paused(store: &Store) -> Result<bool, Error> {
    Ok(store.setting("outbound.paused").await?.as_deref() == Some("true"))
}

/// The undo window, in seconds.
pub(crate) async fn undo_seconds(store: &Store) -> Result<u32, Error> {
    let value = store.setting("outbound.undo_seconds").await?;
    Ok(value.and_then(|value| undo(&value).ok()).unwrap_or(DEFAULT_UNDO))
}

/// What `config get` shows for a setting that is not set.
pub(crate) fn default_of(key: &str) -> Option<String> {
    Some(match key {
        "net.smtp_port" => "25".to_owned(),
        "secrets.store" => "keyring".to_owned(),
        "outbound.schedule" => Schedule::default().pauses.to_string(),
        "outbound.max_age" => model::duration_text(Schedule::default().max_age),
        "net.https_port" => NetConfig::default().https_port.to_string(),
        "outbound.greylist_schedule" => "1m,5m,10m,20m".to_owned(),
        "outbound.delay_notice" => "1h".to_owned(),
        "outbound.delay_report" => "4h".to_owned(),
        "outbound.undo_seconds" => DEFAULT_UNDO.to_string(),
        "sync.bodies_days" => "0".to_owned(),
        "sync.connections" => imap::connections::USUAL.to_string(),
        "outbound.paused" | "window.compact" => "false".to_owned(),
        "window.threads" | "checks.by_itself" => "true".to_owned(),
        "accounts.ask_mozilla" => "false".to_owned(),
        "outbound.dane" => "when-proven".to_owned(),
        "outbound.downgrade" => "show".to_owned(),
        "window.on_closing" => "ask".to_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_cannot_work_is_refused_with_its_form() {
        let table = [
            ("net.dns", "127.0.0.1"),
            ("net.dns", ","),
            ("net.smtp_port", "70000"),
            ("net.smtp_port", "0"),
            ("net.https_port", "-1"),
            ("net.extra_ca", "/does/not/exist"),
            ("net.trust_anchor", "/does/not/exist"),
            ("net.extra_ca", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")),
            ("net.trust_anchor", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")),
            ("net.source_ip", "here"),
            ("net.helo", "my host"),
            ("net.helo", "<host>"),
            ("net.helo", "[10.0.0]"),
            ("net.helo", "host..example"),
            ("secrets.store", "paper"),
            ("outbound.schedule", "5 parsecs"),
            ("outbound.max_age", "0d"),
            ("outbound.greylist_schedule", ""),
            ("outbound.delay_notice", "soon"),
            ("outbound.delay_report", "0s"),
            ("outbound.undo_seconds", "500"),
            ("sync.bodies_days", "a week"),
            ("sync.connections", "1"),
            ("outbound.paused", "yes"),
            ("outbound.dane", "on"),
            ("outbound.downgrade", "hide"),
            ("checks.by_itself", "rarely"),
            ("window.on_closing", "leave"),
            ("net.colour", "blue"),
        ];
        for (key, value) in table {
            let error = CallError::from(check(key, value).expect_err(key));
            assert!(error.message.contains(key) && !error.hint.is_empty(), "{error:?}");
        }
    }

    #[tokio::test]
    async fn a_setting_is_listed_with_its_value_and_with_the_default_that_its_words_name() {
        let home = tempfile::TempDir::new().unwrap();
        let store = Store::open(home.path()).await.unwrap();
        store.set_setting("outbound.dane", Some("strict")).await.unwrap();
        let listed = list(&store).await.unwrap();
        assert_eq!(listed.len(), SETTINGS.len());
        for SettingView { key, what, value, default } in listed {
            assert_eq!(value.as_deref(), (key == "outbound.dane").then_some("strict"), "{key}");
            if let Some(default) = default {
                assert!(what.contains(&format!("(default: {default})")), "{key}: {what}, and it is {default}");
                check(&key, &default).expect(&key);
            }
        }
    }

    #[test]
    fn a_name_to_greet_with_is_a_domain_or_an_address() {
        for value in ["laptop", "mail.example.org", "[192.0.2.1]", "[IPv6:2001:db8::1]", "my_pc.lan"] {
            assert!(check("net.helo", value).is_ok(), "{value}");
        }
    }

    #[test]
    fn every_listed_setting_is_known_to_the_check() {
        for info in SETTINGS {
            let message = check(info.key, "…").err().map(|error| error.to_string()).unwrap_or_default();
            assert!(!message.contains("there is no setting"), "{}: {message}", info.key);
        }
    }
}
