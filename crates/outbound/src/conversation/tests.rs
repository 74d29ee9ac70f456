//! Dialing, while somebody asks for silence on the wire.

use super::*;
use crate::Clock;
use crate::targets::Target;
use crate::testing::Here;
use futures::future::join_all;
use model::{TlsDemand, TlsPolicy};
use net::NetConfig;
use store::Store;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// More than anything on loopback takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Somebody who has dialed a host, and waits until one of the conversations that are held ends.
struct Desk {
    context: Context,
    host: TcpListener,
    dialing: JoinHandle<Result<Dialed, Vec<(SocketAddr, Fault)>>>,
    _home: TempDir,
}

impl Desk {
    /// In the moment in which it is reached, silence is asked for.
    async fn hushed_between_dial_and_greeting() -> Self {
        let home = TempDir::new().unwrap();
        let store = Store::open(home.path()).await.unwrap();
        let config = NetConfig { dns: vec![([127, 0, 0, 1], 9).into()], smtp_port: 9, ..NetConfig::default() };
        let net = Net::new(config).unwrap();
        let context = Context::new(store, Arc::new(Here(net.clone())), Clock::system(), "test".into());
        let host = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let target = Target {
            host: "mx.test".into(),
            preference: 0,
            addresses: vec![host.local_addr().unwrap()],
            security: HostPolicy::of(TlsDemand::new(TlsPolicy::Opportunistic, "mx.test")),
            only_data: false,
        };
        let visit = Visit::first(&Way::direct(None, None), &target);
        let all_others = join_all((0..crate::pool::CONVERSATIONS).map(|_| context.pool.converse())).await;
        let dialing = tokio::spawn({
            let context = context.clone();
            async move { dial(&context, &net, &visit).await }
        });
        let (mut dialed, _) = timeout(PATIENCE, host.accept()).await.expect("it dials").unwrap();
        context.wire.hush();
        drop(all_others);
        let heard = timeout(PATIENCE, dialed.read(&mut [0])).await.expect("it hangs up").unwrap();
        assert_eq!(heard, 0);
        Self { context, host, dialing, _home: home }
    }
}

#[tokio::test]
async fn who_was_reached_when_silence_began_is_dialed_again_when_it_ends() {
    let desk = Desk::hushed_between_dial_and_greeting().await;
    desk.context.wire.go_on();
    timeout(PATIENCE, desk.host.accept()).await.expect("it dials again").unwrap();
    let dialed = timeout(PATIENCE, desk.dialing).await.expect("it ends").unwrap();
    assert_eq!(dialed.map(|dialed| dialed.address).ok(), desk.host.local_addr().ok());
}

#[tokio::test]
async fn who_was_reached_when_silence_began_is_let_go_when_the_runner_stops_in_it() {
    let desk = Desk::hushed_between_dial_and_greeting().await;
    desk.context.wire.set_closed(true);
    let dialed = timeout(PATIENCE, desk.dialing).await.expect("it does not wait for silence to end").unwrap();
    let address = desk.host.local_addr().unwrap();
    assert_eq!(dialed.err(), Some(vec![(address, Fault::Interrupted)]), "and no host is blamed");
}
