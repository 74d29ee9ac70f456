//! The doors of the servers: a listener that is closed, and so refuses, while the way to it is blocked.
//!
//! Whoever turns a switch waits until every door has followed ([`Office::obey`](crate::office::Office::obey)), so that
//! what is tried afterwards meets the new state. A conversation that is under way when the way to it becomes another one
//! breaks off.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::office::Office;
use crate::switches::{Port25, Switches};

/// What becomes of connections to a door.
pub(crate) type Way = fn(&Switches) -> Port25;

/// How long to wait before a port that somebody else took is tried again.
const PORT_TAKEN: Duration = Duration::from_millis(50);

/// The way of what no switch is about.
pub(crate) fn always_open(_: &Switches) -> Port25 {
    Port25::Open
}

/// Gives every client a task of its own, while the way is not blocked, until the office closes.
pub(crate) fn open<F, T>(office: &Arc<Office>, listener: TcpListener, way: Way, serve: F)
where
    F: Fn(Arc<Office>, IpAddr, TcpStream) -> T + Send + Sync + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    let followed = office.new_door(way);
    let attending = office.clone();
    office.spawn(async move {
        if let Err(error) = attend(&attending, listener, way, &followed, serve).await {
            tracing::error!(%error, "a practice server lost its door");
        }
    });
}

async fn attend<F, T>(
    office: &Arc<Office>,
    listener: TcpListener,
    way: Way,
    followed: &watch::Sender<Port25>,
    serve: F,
) -> io::Result<()>
where
    F: Fn(Arc<Office>, IpAddr, TcpStream) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    let mut switches = office.switches();
    let address = listener.local_addr()?;
    let mut listener = Some(listener);
    loop {
        let now = way(&switches.borrow_and_update());
        listener = match (now, listener) {
            (Port25::Blocked, _) => None,
            (_, Some(listener)) => Some(listener),
            (_, None) => Some(bind_again(address).await),
        };
        followed.send_replace(now);
        let turned = async { switches.wait_for(|all| way(all) != now).await.map(|_| ()) };
        match &listener {
            None => turned.await.map_err(io::Error::other)?,
            Some(listener) => tokio::select! {
                turned = turned => turned.map_err(io::Error::other)?,
                () = accept(office, listener, way, now, &serve) => {}
            },
        }
    }
}

async fn bind_again(address: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(error) => tracing::warn!(%error, %address, "a practice server waits for its port"),
        }
        tokio::time::sleep(PORT_TAKEN).await;
    }
}

async fn accept<F, T>(office: &Arc<Office>, listener: &TcpListener, way: Way, now: Port25, serve: &F)
where
    F: Fn(Arc<Office>, IpAddr, TcpStream) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    loop {
        match listener.accept().await {
            Ok((stream, client)) => {
                // Small answers must not wait for each other.
                let _ = stream.set_nodelay(true);
                let mut switches = office.switches();
                let served = serve(office.clone(), client.ip(), stream);
                office.spawn(async move {
                    let turned = async {
                        let _ = switches.wait_for(|all| way(all) != now).await;
                    };
                    tokio::select! {
                        () = served => {}
                        () = turned => {}
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a practice server cannot accept");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}
