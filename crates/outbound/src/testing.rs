//! What the tests in this crate share: a world, a network to be on, and a letter.

use crate::World;
use jiff::Timestamp;
use model::{AccountId, Address, NetworkKind, RoutePolicy};
use net::{Interfaces, Net, NetworkMark, SeenNetwork, Watch, Whereabouts};
use std::net::IpAddr;
use store::{NewOutgoing, Secrets};

/// A world with one network, for every account.
pub(crate) struct Here(pub Net);

impl World for Here {
    fn net(&self, _: Option<AccountId>) -> Net {
        self.0.clone()
    }

    fn secrets(&self, _: Option<AccountId>) -> Secrets {
        Secrets::in_memory()
    }
}

/// A computer on the network of this name, which stays on it.
#[derive(Debug)]
pub(crate) struct On(pub &'static str);

impl Interfaces for On {
    fn addresses(&self) -> Option<Vec<IpAddr>> {
        None
    }

    fn network(&self, _: &[(IpAddr, String)]) -> Whereabouts {
        Whereabouts::On(SeenNetwork { mark: NetworkMark::new(self.0), kind: NetworkKind::WiFi })
    }

    fn watch(&self, _: Box<dyn FnMut() + Send>) -> Option<Watch> {
        None
    }
}

/// A letter that goes direct to these recipients.
pub(crate) fn letter(recipients: &[&str], created_at: Timestamp) -> NewOutgoing {
    NewOutgoing {
        account: None,
        message_id: "1@here.test".to_owned(),
        sender: "you@here.test".parse().ok(),
        from: Address::new(None, "you@here.test"),
        to: Vec::new(),
        subject: "Test".to_owned(),
        snippet: String::new(),
        attachments: 0,
        bytes: b"Subject: Test\r\n\r\nText\r\n".to_vec(),
        route: RoutePolicy::Direct,
        recipients: recipients.iter().map(|address| address.parse().unwrap()).collect(),
        bcc: Vec::new(),
        hold: None,
        draft: None,
        created_at,
        answers: None,
        require_tls: false,
    }
}
