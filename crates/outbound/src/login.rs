//! Whether a smart host takes our login: tried before it is believed.

mod refused;

pub(crate) use refused::{Ordered, RefusedLogins};

use crate::targets::addresses_of;
use model::{Class, Fault, Known, Outcome, Phase, Reply, Route, Secret, Security, Server, TlsDemand, diagnose};
use net::{MxHost, Net};
use smtp::{Credentials, Ended, Opening, Session, Timeouts};
use std::time::Duration;

/// The patience of somebody who looks at a dialog.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a login did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginTrouble {
    /// The kind of trouble.
    pub class: Class,
    /// What happened, in a sentence with the server's own words.
    pub what: String,
}

/// Connects, encrypts and logs in, and says goodbye. Without a password, or where the server's user is empty, it does
/// all but the login.
pub async fn test_login(net: &Net, server: &Server, password: Option<Secret>) -> Result<(), LoginTrouble> {
    let silent = |_| Ended { phase: Phase::Connect, outcome: Fault::ConnectTimeout(server.host.clone()).into() };
    let tried = tokio::time::timeout(PATIENCE, log_in(net, server, password)).await.map_err(silent).flatten();
    tried.map_err(|ended| trouble(server, &ended))
}

fn trouble(server: &Server, ended: &Ended) -> LoginTrouble {
    let host = &server.host;
    let known =
        Known { host: host.clone(), ..Known::new(Route::SmartHost(host.clone()), host.clone(), server.user.clone()) };
    let what = match &ended.outcome {
        Outcome::Replied(reply) if ended.phase == Phase::Auth => {
            format!("{host} refused the login: {}", quoted(reply))
        }
        Outcome::Replied(reply) => format!("{host} answered: {}", quoted(reply)),
        Outcome::Failed(fault) => format!("No login at {host}: {fault}."),
    };
    LoginTrouble { class: diagnose(ended.phase, &ended.outcome, &known).class, what }
}

fn quoted(reply: &Reply) -> String {
    let enhanced = reply.enhanced.map(|enhanced| format!(" {enhanced}")).unwrap_or_default();
    format!("{}{enhanced} {}", reply.code, reply.text())
}

async fn log_in(net: &Net, server: &Server, password: Option<Secret>) -> Result<(), Ended> {
    let hosts = [MxHost { name: server.host.clone(), preference: 0 }];
    let demand = TlsDemand::of_server(server);
    let targets = addresses_of(net, &server.host, &hosts, server.port, None, &demand).await?;
    let mut last = Ended { phase: Phase::Connect, outcome: Fault::Unreachable(server.host.clone()).into() };
    for target in targets {
        match net.dial_any(&target.addresses, PATIENCE).await {
            Err(faults) => {
                let fault = faults.into_iter().next_back().map(|(_, fault)| fault);
                let fault = fault.unwrap_or_else(|| Fault::Unreachable(server.host.clone()));
                last = Ended { phase: Phase::Connect, outcome: fault.into() };
            }
            Ok((stream, _)) => {
                let source = stream.local_addr().ok().map(|source| source.ip());
                let helo = net.name_for_ehlo(source).await;
                let opened = Session::open(net, stream, &opening(server, password, helo)).await;
                return opened.map(|session| drop(session.leave())).map_err(|unopened| unopened.ended);
            }
        }
    }
    Err(last)
}

fn opening(server: &Server, password: Option<Secret>, helo: String) -> Opening {
    let login = password.filter(|_| !server.user.is_empty());
    Opening {
        helo,
        tls: TlsDemand::of_server(server),
        implicit_tls: server.security == Security::Tls,
        auth: login.map(|secret| Credentials { user: server.user.clone(), secret, form: server.login }),
        only_data: false,
        timeouts: Timeouts::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{LoginForm, TlsPolicy};

    fn opened(user: &str, login: LoginForm, security: Security, secret: Option<&str>) -> Opening {
        let server =
            Server { host: "post.example".into(), port: 465, security, user: user.into(), login, trusted: None };
        opening(&server, secret.map(Secret::new), "[192.0.2.1]".into())
    }

    #[test]
    fn a_login_is_made_with_what_the_server_takes_or_not_at_all() {
        let token = opened("you", LoginForm::Token, Security::Tls, Some("abc")).auth.expect("a login");
        assert_eq!((token.user.as_str(), token.form), ("you", LoginForm::Token));
        let password = opened("you", LoginForm::Password, Security::Tls, Some("abc")).auth.expect("a login");
        assert_eq!(password.form, LoginForm::Password);
        assert!(opened("", LoginForm::Password, Security::Tls, Some("abc")).auth.is_none(), "no login is asked for");
        assert!(opened("you", LoginForm::Password, Security::Tls, None).auth.is_none());
    }

    #[test]
    fn a_smart_host_proves_who_it_is_wherever_it_encrypts() {
        for (security, policy, at_once) in [
            (Security::Tls, TlsPolicy::Verified, true),
            (Security::Starttls, TlsPolicy::Verified, false),
            (Security::None, TlsPolicy::Plain, false),
        ] {
            let opening = opened("you", LoginForm::Password, security, Some("abc"));
            assert_eq!((opening.tls.policy, opening.implicit_tls), (policy, at_once), "{security:?}");
        }
    }

    #[test]
    fn trouble_is_told_in_the_servers_words() {
        let server = Server {
            host: "post.example".into(),
            port: 465,
            security: Security::Tls,
            user: "you".into(),
            login: LoginForm::Password,
            trusted: None,
        };
        let table: [(Phase, Outcome, Class, &str); 3] = [
            (
                Phase::Auth,
                Reply::new(535, None, "5.7.8 Try again").into(),
                Class::AuthFailed,
                "post.example refused the login: 535 5.7.8 Try again",
            ),
            (
                Phase::Connect,
                Fault::ConnectionRefused("192.0.2.1:465".into()).into(),
                Class::HostUnreachable,
                "No login at post.example: 192.0.2.1:465 refused the connection.",
            ),
            (
                Phase::Starttls,
                Fault::TlsNotOffered.into(),
                Class::TlsPolicy,
                "No login at post.example: the server does not offer encryption.",
            ),
        ];
        for (phase, outcome, class, what) in table {
            let told = trouble(&server, &Ended { phase, outcome });
            assert_eq!(told, LoginTrouble { class, what: what.to_owned() });
        }
    }
}
