//! What NetworkManager says on the system bus, by its property `Connectivity`.
//!
//! The property is read at first and then whenever NetworkManager tells of a change of it, comes or goes; reading it
//! makes NetworkManager check nothing. Without a bus, or without NetworkManager on it, nothing is known, and nothing is
//! said about that: many computers have none.

use super::{Connectivity, Told, WayOut};
use crate::Watch;
use futures::StreamExt;
use futures::stream::select;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::timeout;
use zbus::connection::Builder;
use zbus::fdo::{NameOwnerChanged, PropertiesChanged, PropertiesProxy};
use zbus::message::Type;
use zbus::proxy::MethodFlags;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, MatchRule, Message, MessageStream};

/// The name of NetworkManager on the bus, and of the interface that has the property.
const NETWORK_MANAGER: &str = "org.freedesktop.NetworkManager";
const PATH: &str = "/org/freedesktop/NetworkManager";
const CONNECTIVITY: &str = "Connectivity";

/// How long NetworkManager may take for an answer. No letter waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The way out as the NetworkManager on the system bus knows it.
pub(crate) fn system() -> impl WayOut {
    NetworkManager { bus: None }
}

/// The way out as NetworkManager knows it.
#[derive(Clone, Debug)]
pub struct NetworkManager {
    bus: Option<String>,
}

impl NetworkManager {
    /// The one on the bus at this address, in the notation of D-Bus (`unix:path=/run/dbus/system_bus_socket`).
    pub fn on_bus(address: impl Into<String>) -> Self {
        Self { bus: Some(address.into()) }
    }
}

impl WayOut for NetworkManager {
    /// Outside of a runtime nobody could listen.
    fn watch(&self, told: Told) -> Option<Watch> {
        let runtime = Handle::try_current().ok()?;
        let mut tasks = JoinSet::new();
        tasks.spawn_on(follow(self.bus.clone(), told), &runtime);
        Some(Watch::new(tasks))
    }
}

/// Tells of the property for as long as there is a bus. What was known then is known no longer.
async fn follow(bus: Option<String>, mut told: Told) {
    if let Err(error) = listen(bus.as_deref(), &mut told).await {
        tracing::debug!(%error, "NetworkManager cannot be heard");
    }
    told(Connectivity::Unknown);
}

async fn listen(bus: Option<&str>, told: &mut Told) -> zbus::Result<()> {
    let bus = match bus {
        Some(address) => Builder::address(address)?,
        None => Builder::system()?,
    };
    let bus = bus.build().await?;
    // First the ear and then the question, so that no change falls between the two.
    let mut events = select(changes(&bus).await?, comings_and_goings(&bus).await?);
    told(ask(&bus).await);
    while let Some(event) = events.next().await {
        if is_about_connectivity(&event?) {
            told(ask(&bus).await);
        }
    }
    Ok(())
}

/// The property as it is now.
async fn ask(bus: &Connection) -> Connectivity {
    match timeout(PATIENCE, property(bus)).await {
        Ok(Ok(value)) => value.as_ref().map_or(Connectivity::Unknown, read),
        Ok(Err(error)) => {
            tracing::debug!(%error, "NetworkManager does not say how far this network leads");
            Connectivity::Unknown
        }
        Err(_) => Connectivity::Unknown,
    }
}

/// NetworkManager is not started for this: a computer that does without it has its reasons.
async fn property(bus: &Connection) -> zbus::Result<Option<OwnedValue>> {
    let properties = PropertiesProxy::new(bus, NETWORK_MANAGER, PATH).await?;
    properties.inner().call_with_flags("Get", MethodFlags::NoAutoStart.into(), &(NETWORK_MANAGER, CONNECTIVITY)).await
}

/// The property's value (`NMConnectivityState`).
fn read(value: &OwnedValue) -> Connectivity {
    match u32::try_from(value) {
        Ok(1) => Connectivity::None,
        Ok(2) => Connectivity::Portal,
        Ok(3) => Connectivity::Limited,
        Ok(4) => Connectivity::Full,
        _ => Connectivity::Unknown,
    }
}

async fn changes(bus: &Connection) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(NETWORK_MANAGER)?
        .path(PATH)?
        .interface("org.freedesktop.DBus.Properties")?
        .member("PropertiesChanged")?
        .add_arg(NETWORK_MANAGER)?
        .build();
    MessageStream::for_match_rule(rule, bus, None).await
}

async fn comings_and_goings(bus: &Connection) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.DBus")?
        .interface("org.freedesktop.DBus")?
        .member("NameOwnerChanged")?
        .add_arg(NETWORK_MANAGER)?
        .build();
    MessageStream::for_match_rule(rule, bus, None).await
}

/// Whether the property may be another one after this signal. Its value is asked for and not taken from here: signals
/// may come late.
fn is_about_connectivity(signal: &Message) -> bool {
    if NameOwnerChanged::from_message(signal.clone()).is_some() {
        return true;
    }
    let Some(signal) = PropertiesChanged::from_message(signal.clone()) else { return false };
    signal.args().is_ok_and(|changed| {
        changed.changed_properties.contains_key(CONNECTIVITY)
            || changed.invalidated_properties.contains(&CONNECTIVITY)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_network_manager_is_read_and_no_other_is_believed() {
        let table = [
            (OwnedValue::from(0u32), Connectivity::Unknown),
            (OwnedValue::from(1u32), Connectivity::None),
            (OwnedValue::from(2u32), Connectivity::Portal),
            (OwnedValue::from(3u32), Connectivity::Limited),
            (OwnedValue::from(4u32), Connectivity::Full),
            (OwnedValue::from(5u32), Connectivity::Unknown),
            (OwnedValue::from(2i64), Connectivity::Unknown),
            (OwnedValue::from(true), Connectivity::Unknown),
        ];
        for (value, expected) in table {
            assert_eq!(read(&value), expected, "{value:?}");
        }
    }
}
