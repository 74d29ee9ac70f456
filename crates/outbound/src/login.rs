//! Whether a smart host takes our login: tried before it is believed.

use crate::targets::addresses_of;
use model::{Diagnosis, Fault, Known, Phase, Route, Secret, Security, Server, TlsPolicy, diagnose};
use net::Net;
use smtp::{Credentials, Ended, Plan, Session, Timeouts};
use std::time::Duration;

/// The patience of somebody who looks at a dialog.
const PATIENCE: Duration = Duration::from_secs(20);

/// Connects, encrypts and logs in, and says goodbye. What went wrong comes back as a diagnosis, with the server's words.
pub async fn test_login(net: &Net, server: &Server, password: Option<Secret>) -> Result<(), Box<Diagnosis>> {
    let known = Known {
        host: server.host.clone(),
        ..Known::new(Route::SmartHost(server.host.clone()), server.host.clone(), server.user.clone())
    };
    let told = |ended: Ended| Box::new(diagnose(ended.phase, &ended.outcome, &known));
    let silent = |_| Ended { phase: Phase::Connect, outcome: Fault::ConnectTimeout(server.host.clone()).into() };
    tokio::time::timeout(PATIENCE, log_in(net, server, password)).await.map_err(silent).flatten().map_err(told)
}

async fn log_in(net: &Net, server: &Server, password: Option<Secret>) -> Result<(), Ended> {
    let hosts = [server.host.clone()];
    let targets = addresses_of(net, &server.host, &hosts, server.port).await?;
    let mut last = Ended { phase: Phase::Connect, outcome: Fault::Unreachable(server.host.clone()).into() };
    for target in targets {
        match net.dial(target.address, PATIENCE).await {
            Err(fault) => last = Ended { phase: Phase::Connect, outcome: fault.into() },
            Ok(stream) => {
                let opened = Session::open(net, stream, &plan(net, server, password)).await;
                return opened.map(|session| drop(session.leave())).map_err(|unopened| unopened.ended);
            }
        }
    }
    Err(last)
}

fn plan(net: &Net, server: &Server, password: Option<Secret>) -> Plan {
    let login = password.filter(|_| !server.user.is_empty());
    Plan {
        helo: net.config().helo.clone().unwrap_or_else(|| "[127.0.0.1]".to_owned()),
        host: server.host.clone(),
        tls: if server.security == Security::None { TlsPolicy::Plain } else { TlsPolicy::Verified },
        implicit_tls: server.security == Security::Tls,
        auth: login.map(|password| Credentials { user: server.user.clone(), password }),
        sender: None,
        recipients: Vec::new(),
        size: 0,
        eight_bit: false,
        timeouts: Timeouts::default(),
    }
}
