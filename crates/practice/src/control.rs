//! Orders from other processes: the window and the command may be two, and one alone keeps the post office.
//!
//! A line is an [`Order`] in its words; the answer is a line of JSON, the [`Switches`] after it. After `watch` a line
//! follows for every change, until the client leaves. Whoever is on this computer may play along: what can be ordered here
//! harms nobody. A line that is no order ends the connection, so that a web page that dials every port orders nothing.
//!
//! Where it listens is a text record of the practice zone ([`CONTROL_NAME`]).

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};

use crate::doors;
use crate::office::Office;
use crate::switches::{Order, Switches};

/// The name whose text record says where orders are taken, as `127.0.0.1:PORT`.
pub const CONTROL_NAME: &str = "control.practice.test";

/// No order is longer.
const MAX_LINE: u64 = 256;

/// Takes orders until the office closes.
pub(crate) fn serve(office: &Arc<Office>, listener: TcpListener) {
    doors::open(office, listener, doors::always_open, |office, _, stream| async move {
        if let Err(error) = attend(&office, stream).await {
            tracing::debug!(%error, "somebody who gave orders to the practice post office went away");
        }
    });
}

async fn attend(office: &Arc<Office>, mut stream: TcpStream) -> io::Result<()> {
    let (from, mut to) = stream.split();
    let mut from = BufReader::new(from);
    loop {
        let mut line = String::new();
        if (&mut from).take(MAX_LINE).read_line(&mut line).await? == 0 {
            return Ok(());
        }
        match line.parse() {
            Ok(Order::Watch) => return tell_every_change(office, &mut to).await,
            Ok(order) => to.write_all(&told(&office.obey(order).await)).await?,
            Err(unknown) => {
                let answer = serde_json::json!({ "error": unknown.to_string() });
                return to.write_all(format!("{answer}\n").as_bytes()).await;
            }
        }
    }
}

async fn tell_every_change(office: &Office, to: &mut (impl AsyncWriteExt + Unpin)) -> io::Result<()> {
    let mut switches = office.switches();
    loop {
        let now = *switches.borrow_and_update();
        to.write_all(&told(&now)).await?;
        switches.changed().await.map_err(io::Error::other)?;
    }
}

fn told(switches: &Switches) -> Vec<u8> {
    let mut line = serde_json::to_vec(switches).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Gives one order to the post office that takes them at this address, and says how its switches stand then.
pub async fn order(address: SocketAddr, order: Order) -> io::Result<Switches> {
    let mut lines = begin(address, order).await?;
    next(&mut lines).await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Every change of the switches of a post office, from how they stand now.
#[derive(Debug)]
pub struct Watching(Lines<BufReader<TcpStream>>);

impl Watching {
    /// Begins to watch the post office that takes orders at this address.
    pub async fn begin(address: SocketAddr) -> io::Result<Self> {
        begin(address, Order::Watch).await.map(Self)
    }

    /// How they stand after the next change; `None` once the post office has closed.
    pub async fn next(&mut self) -> io::Result<Option<Switches>> {
        next(&mut self.0).await
    }
}

async fn begin(address: SocketAddr, order: Order) -> io::Result<Lines<BufReader<TcpStream>>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(format!("{order}\n").as_bytes()).await?;
    Ok(BufReader::new(stream).lines())
}

async fn next(lines: &mut Lines<BufReader<TcpStream>>) -> io::Result<Option<Switches>> {
    match lines.next_line().await? {
        Some(line) => serde_json::from_str(&line).map(Some).map_err(io::Error::other),
        None => Ok(None),
    }
}
