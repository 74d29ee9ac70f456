//! Whether a server that was found is there: connected, encrypted, proven and greeted. Nobody's name is told it.

use super::view::FoundServerView;
use crate::trust::Watched;
use crate::view::{ServerForm, ServerTest};
use advisor::Place;
use advisor::discover::FoundServer;
use model::{CallError, LoginForm, Server};
use net::Net;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// Servers of a kind that are tried.
const MOST: usize = 6;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Imap,
    Submission,
}

/// A server that was tried, and what it takes, as it says.
struct Tried {
    place: usize,
    test: ServerTest,
    token: bool,
}

/// The first of these servers that answers, all tried side by side; the first of all, with its trouble, where none does.
pub(super) async fn first_that_answers(
    net: &Net,
    kind: Kind,
    servers: &[FoundServer],
    deadline: Instant,
) -> Option<FoundServerView> {
    let mut trying = JoinSet::new();
    for (place, server) in servers.iter().take(MOST).enumerate() {
        let (net, server) = (net.clone(), server_of(server));
        trying.spawn(async move { attempt(place, &net, kind, server).await });
    }
    let mut tried: Vec<Option<Tried>> = servers.iter().take(MOST).map(|_| None).collect();
    // What is preferred is waited for as long as there is time, unless it has said no.
    while let Ok(Some(done)) = timeout_at(deadline, trying.join_next()).await {
        let Ok(done) = done else { continue };
        if let Some(slot) = tried.get_mut(done.place) {
            *slot = Some(done);
        }
        let decided = tried.iter().take_while(|slot| slot.is_some()).flatten().any(|done| done.test.ok);
        if decided {
            break;
        }
    }
    trying.abort_all();
    let best = tried.iter().flatten().find(|done| done.test.ok).map(|done| done.place).unwrap_or(0);
    let server = servers.get(best)?;
    let (test, token) = match tried.into_iter().nth(best).flatten() {
        Some(done) => (done.test, done.token),
        None => (silent(&server.place), false),
    };
    let mut logins = server.logins.clone();
    if test.ok && token && !logins.contains(&LoginForm::Token) {
        logins.push(LoginForm::Token);
    }
    Some(FoundServerView {
        server: form_of(server, logins.first().copied().unwrap_or_default()),
        logins,
        answers: test,
        hearsay: false,
    })
}

fn silent(place: &Place) -> ServerTest {
    ServerTest::failed(
        "unreachable",
        format!("{}:{} did not answer in time.", place.host, place.port),
        "Check the server's name and port; a firewall may also be in the way.",
    )
}

async fn attempt(place: usize, net: &Net, kind: Kind, server: Server) -> Tried {
    let watched = Watched::over(net);
    let (outcome, token) = match kind {
        Kind::Imap => match imap::probe(&server, watched.net()).await {
            Ok(info) => {
                let takes = |word: &str| info.capabilities.iter().any(|capability| capability == word);
                (Ok(()), takes("AUTH=OAUTHBEARER") || takes("AUTH=XOAUTH2"))
            }
            Err(error) => (Err(CallError::from(error)), false),
        },
        Kind::Submission => {
            let anonymous = Server { user: String::new(), ..server.clone() };
            let test = crate::smart_hosts::test_submission(watched.net(), anonymous, None).await;
            let trouble = CallError::new(&test.code, test.message, test.hint);
            (if test.ok { Ok(()) } else { Err(trouble) }, false)
        }
    };
    let test = match outcome {
        Ok(()) => ServerTest::passed(format!("{}:{} answers.", server.host, server.port)),
        Err(CallError { code, message, hint }) => ServerTest::failed(&code, message, hint),
    };
    Tried { place, test: watched.seen(test), token }
}

fn server_of(found: &FoundServer) -> Server {
    let Place { host, port, security } = found.place.clone();
    Server { host, port, security, user: found.user.clone(), login: LoginForm::Password, trusted: None }
}

fn form_of(found: &FoundServer, login: LoginForm) -> ServerForm {
    let Place { host, port, security } = found.place.clone();
    ServerForm { user: found.user.clone(), login, ..ServerForm::new(host, port, security) }
}
