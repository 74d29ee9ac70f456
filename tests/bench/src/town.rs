//! Many hosts on loopback, each with an address of its own and all on one port, which take every letter and count; and one
//! that never answers.

use anyhow::{Context, Result, bail};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a letter may be the last one that came.
const PATIENCE: Duration = Duration::from_secs(60);
/// A host that has not answered by then does not answer.
const SILENCE: Duration = Duration::from_millis(300);
/// The host that never answers.
const DEAD: Ipv4Addr = Ipv4Addr::new(127, 0, 2, 1);

/// The hosts. They end when this is dropped.
#[derive(Debug)]
pub struct Town {
    port: u16,
    hosts: Vec<Ipv4Addr>,
    letters: watch::Receiver<u32>,
    _doors: JoinSet<()>,
}

impl Town {
    /// Opens so many hosts.
    pub async fn open(count: u8) -> Result<Self> {
        let hosts: Vec<Ipv4Addr> = (1..=count).map(|number| Ipv4Addr::new(127, 0, 1, number)).collect();
        let (count, letters) = watch::channel(0);
        let mut doors = JoinSet::new();
        let mut port = 0;
        for host in &hosts {
            let listener =
                TcpListener::bind((*host, port)).await.with_context(|| format!("{host} can not be had"))?;
            port = listener.local_addr()?.port();
            doors.spawn(welcome(listener, count.clone()));
        }
        Ok(Self { port, hosts, letters, _doors: doors })
    }

    /// The port of all of them.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Their addresses.
    pub fn hosts(&self) -> Vec<Ipv4Addr> {
        self.hosts.clone()
    }

    /// Returns when so many letters have come. When none comes for a minute, that is an error.
    pub async fn wait_for(&mut self, letters: u32) -> Result<()> {
        loop {
            let come = *self.letters.borrow_and_update();
            if come >= letters {
                return Ok(());
            }
            let changed = timeout(PATIENCE, self.letters.changed()).await;
            changed.with_context(|| format!("{come} of {letters} letters came, and then none for a minute"))??;
        }
    }
}

async fn welcome(listener: TcpListener, count: watch::Sender<u32>) {
    let mut guests = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let count = count.clone();
        guests.spawn(async move {
            // A guest who leaves without a word is no failure.
            let _ = converse(stream, &count).await;
        });
        while guests.try_join_next().is_some() {}
    }
}

/// As much of a server as taking a letter needs (RFC 5321 §4.1).
async fn converse(stream: TcpStream, count: &watch::Sender<u32>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 town ESMTP\r\n").await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_slice() {
            b"EHLO" => b"250-town\r\n250 PIPELINING\r\n",
            b"DATA" => {
                stream.write_all(b"354 Go on\r\n").await?;
                while line != b".\r\n" {
                    line.clear();
                    if stream.read_until(b'\n', &mut line).await? == 0 {
                        return Ok(());
                    }
                }
                count.send_modify(|letters| *letters += 1);
                b"250 Taken\r\n"
            }
            b"QUIT" => {
                stream.write_all(b"221 Farewell\r\n").await?;
                return Ok(());
            }
            _ => b"250 Ok\r\n",
        };
        stream.write_all(answer).await?;
    }
}

/// A host that never answers: whoever calls waits in front of a door that is full already.
#[derive(Debug)]
pub struct DeadHost {
    _door: TcpListener,
    _waiting: Vec<TcpStream>,
}

impl DeadHost {
    /// Opens it on this port, and returns when nobody can get in any more.
    pub async fn open(port: u16) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        let address = SocketAddr::from((DEAD, port));
        socket.bind(address).with_context(|| format!("{address} can not be had"))?;
        let door = socket.listen(1)?;
        let mut waiting = Vec::new();
        for _ in 0..16 {
            match timeout(SILENCE, TcpStream::connect(address)).await {
                Ok(stream) => waiting.push(stream?),
                Err(_) => return Ok(Self { _door: door, _waiting: waiting }),
            }
        }
        bail!("{address} answers, however many call")
    }

    /// Its address.
    pub fn host(&self) -> Ipv4Addr {
        DEAD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dead_host_answers_nobody() {
        let dead = DeadHost::open(25_252).await.unwrap();
        let called = timeout(SILENCE, TcpStream::connect((dead.host(), 25_252))).await;
        assert!(called.is_err());
    }

    #[tokio::test]
    async fn a_host_counts_the_letters_that_it_took() {
        let mut town = Town::open(2).await.unwrap();
        for host in town.hosts() {
            let mut stream = BufReader::new(TcpStream::connect((host, town.port())).await.unwrap());
            stream
                .write_all(b"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<b@x>\r\nDATA\r\nHello\r\n.\r\nQUIT\r\n")
                .await
                .unwrap();
            let mut said = String::new();
            tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut said).await.unwrap();
            assert!(said.ends_with("250 Taken\r\n221 Farewell\r\n"), "{said}");
        }
        town.wait_for(2).await.unwrap();
    }
}
