use super::*;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const ROUTER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 1, 1));
const IP: &str = "urn:schemas-upnp-org:service:WANIPConnection:1";
const PPP: &str = "urn:schemas-upnp-org:service:WANPPPConnection:1";

/// A description with these services and more of it.
fn description(services: &[(&str, &str)], more: &str) -> String {
    let services: String = services
        .iter()
        .map(|(kind, url)| {
            format!("<service><serviceType>{kind}</serviceType><controlURL>{url}</controlURL></service>")
        })
        .collect();
    format!(
        "<?xml version=\"1.0\"?>\n<root xmlns=\"urn:schemas-upnp-org:device-1-0\">{more}<device><deviceList><device>\
         <serviceList>{services}</serviceList></device></deviceList></device></root>"
    )
}

fn says(ip: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><u:GetExternalIPAddressResponse \
         xmlns:u=\"{IP}\"><NewExternalIPAddress>{ip}</NewExternalIPAddress></u:GetExternalIPAddressResponse></s:Body>\
         </s:Envelope>"
    )
}

fn ok(page: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{page}", page.len()).into_bytes()
}

/// A router on loopback: the pages of its web server by path, and every request that it got.
struct Played {
    ssdp: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Played {
    /// `pages` may name the server's own port as `PORT`. A path without a page is never answered.
    async fn new(location: &str, pages: Vec<(&'static str, Vec<u8>)>) -> Self {
        let web = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = web.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        tokio::spawn(async move {
            // Those that get no answer are kept, as by somebody who thinks.
            let mut open = Vec::new();
            loop {
                let (mut peer, _) = web.accept().await.unwrap();
                let mut request = vec![0; 4096];
                let length = peer.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let path = request.split_whitespace().nth(1).unwrap_or_default().to_owned();
                heard.lock().unwrap().push(request);
                match pages.iter().find(|(known, _)| *known == path) {
                    Some((_, page)) => {
                        let _ = peer.write_all(page).await;
                    }
                    None => open.push(peer),
                }
            }
        });
        let location = location.replace("PORT", &port.to_string());
        let answer = format!("HTTP/1.1 200 OK\r\nST: {GATEWAY}\r\nLocation: {location}\r\n\r\n");
        let ssdp = super::super::tests::peer(move |_| Some(answer.clone().into_bytes())).await;
        Self { ssdp, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[test]
fn only_a_description_at_the_router_itself_is_fetched() {
    let table = [
        (
            "HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1:5000/root.xml\r\n\r\n",
            Some("http://192.168.1.1:5000/root.xml"),
        ),
        ("HTTP/1.1 200 OK\r\nlocation:http://192.168.1.1/\r\n\r\n", Some("http://192.168.1.1/")),
        ("HTTP/1.1 200 OK\nLocation: http://192.168.1.1/x\n\n", Some("http://192.168.1.1/x")),
        ("HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.2:5000/root.xml\r\n\r\n", None),
        ("HTTP/1.1 200 OK\r\nLOCATION: http://fritz.box/root.xml\r\n\r\n", None),
        ("HTTP/1.1 200 OK\r\nLOCATION: https://192.168.1.1/root.xml\r\n\r\n", None),
        ("HTTP/1.1 200 OK\r\nLOCATION: file:///etc/passwd\r\n\r\n", None),
        ("HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1@example.org/\r\n\r\n", None),
        ("HTTP/1.1 200 OK\r\nLOCATION: http://user@192.168.1.1/\r\n\r\n", None),
        ("HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1.example.org/\r\n\r\n", None),
        ("HTTP/1.1 500 No\r\nLOCATION: http://192.168.1.1/\r\n\r\n", None),
        ("NOTIFY * HTTP/1.1\r\nLOCATION: http://192.168.1.1/\r\n\r\n", None),
        ("HTTP/1.1 200 OK\r\n\r\n", None),
        ("", None),
    ];
    for (answer, expected) in table {
        let found = location(answer.as_bytes(), ROUTER);
        assert_eq!(found.as_ref().map(Url::as_str), expected, "{answer:?}");
    }
    assert_eq!(location(b"\xff\xfe\r\n\xff", ROUTER), None);
}

#[test]
fn of_a_description_only_connections_that_the_router_controls_itself_are_asked() {
    let table: [(String, &[(&str, &str)]); 10] = [
        (description(&[(IP, "/ctl/IPConn")], ""), &[(IP, "http://192.168.1.1:5000/ctl/IPConn")]),
        (description(&[(IP, "ctl")], ""), &[(IP, "http://192.168.1.1:5000/d/ctl")]),
        (
            description(
                &[(PPP, "/ppp"), ("urn:schemas-upnp-org:service:Layer3Forwarding:1", "/l3"), (IP, "/ip")],
                "",
            ),
            &[(PPP, "http://192.168.1.1:5000/ppp"), (IP, "http://192.168.1.1:5000/ip")],
        ),
        (
            description(&[(IP, "/ip")], "<URLBase>http://192.168.1.1:49152/</URLBase>"),
            &[(IP, "http://192.168.1.1:49152/ip")],
        ),
        (description(&[(IP, "/ip")], "<URLBase>http://192.0.2.1/</URLBase>"), &[]),
        (description(&[(IP, "http://192.0.2.1/ip"), (IP, "//192.0.2.1/ip"), (IP, "")], ""), &[]),
        (description(&[("urn:schemas-upnp-org:service:WANIPConnection:1\"\r\nX: y", "/ip")], ""), &[]),
        (description(&[("urn:schemas-upnp-org:service:WANIPConnection:", "/ip")], ""), &[]),
        (format!("<!DOCTYPE root [<!ENTITY a \"b\">]>{}", &description(&[(IP, "/ip")], "")[21..]), &[]),
        ("<root>".to_owned(), &[]),
    ];
    let at = Url::parse("http://192.168.1.1:5000/d/root.xml").unwrap();
    for (page, expected) in table {
        let found = connections(&page, &at);
        let found: Vec<(&str, &str)> = found.iter().map(|one| (one.kind.as_str(), one.control.as_str())).collect();
        assert_eq!(found, expected, "{page}");
    }
    let many = description(&[(IP, "/ip"); 9], "");
    assert_eq!(connections(&many, &at).len(), MOST_CONNECTIONS);
}

#[test]
fn an_answer_names_an_address_or_none() {
    let outside = |ip: &str| Some(RouterWord::Outside(ip.parse().unwrap()));
    let table = [
        (says("203.0.113.9"), outside("203.0.113.9")),
        (says("\n 100.64.3.4 \n"), outside("100.64.3.4")),
        (says(""), Some(RouterWord::NoAddress)),
        (says("2001:db8::1"), None),
        (says("203.0.113.9 or so"), None),
        ("<NewExternalIPAddress>".to_owned(), None),
        ("203.0.113.9".to_owned(), None),
        ("<a><b/></a>".to_owned(), None),
        (format!("{}{}", "<a>".repeat(9000), "</a>".repeat(9000)), None),
    ];
    for (page, expected) in table {
        assert_eq!(address(&page), expected, "{page:.80}");
    }
}

#[tokio::test]
async fn a_router_is_searched_read_and_asked() {
    let pages = vec![
        ("/root.xml", ok(&description(&[(PPP, "/ppp"), (IP, "/ip")], ""))),
        ("/ppp", ok(&says(""))),
        ("/ip", ok(&says("203.0.113.9"))),
    ];
    let router = Played::new("http://127.0.0.1:PORT/root.xml", pages).await;
    assert_eq!(ask(router.ssdp, None).await, Some(RouterWord::Outside(Ipv4Addr::new(203, 0, 113, 9))));
    let asked = router.asked();
    assert_eq!(asked.len(), 3, "{asked:?}");
    let last = asked[2].to_ascii_lowercase();
    assert!(last.starts_with("post /ip "), "{last}");
    assert!(last.contains(&format!("soapaction: \"{IP}#GetExternalIPAddress\"\r\n").to_ascii_lowercase()), "{last}");
}

#[tokio::test]
async fn a_router_whose_connections_have_no_address_has_none() {
    let fault = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n".to_vec();
    let description = ok(&description(&[(IP, "/ip"), (PPP, "/ppp")], ""));
    let pages = vec![("/root.xml", description), ("/ip", ok(&says(""))), ("/ppp", fault)];
    let router = Played::new("http://127.0.0.1:PORT/root.xml", pages).await;
    assert_eq!(ask(router.ssdp, None).await, Some(RouterWord::NoAddress));
}

#[tokio::test]
async fn nobody_else_is_asked_whatever_the_router_says() {
    let elsewhere = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let at = elsewhere.local_addr().unwrap();
    let moved = format!("HTTP/1.1 302 Found\r\nLocation: http://{at}/root.xml\r\nContent-Length: 0\r\n\r\n");
    let others: &'static str = Box::leak(format!("http://{at}/ip").into_boxed_str());
    let routers = [
        Played::new(&format!("http://{at}/root.xml"), Vec::new()).await,
        Played::new("http://127.0.0.1:PORT/root.xml", vec![("/root.xml", moved.into_bytes())]).await,
        Played::new("http://127.0.0.1:PORT/root.xml", vec![("/root.xml", ok(&description(&[(IP, others)], "")))])
            .await,
    ];
    let [one, two, three] = routers.each_ref().map(|router| ask(router.ssdp, None));
    assert_eq!(tokio::join!(one, two, three), (None, None, None));
    let asked = timeout(Duration::from_millis(1), elsewhere.accept()).await;
    assert!(asked.is_err(), "the other was asked");
}

#[tokio::test]
async fn what_is_endless_or_slow_or_no_page_ends_in_time() {
    let endless = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'a'; LARGEST_PAGE * 4]].concat();
    let pages: [Vec<(&'static str, Vec<u8>)>; 3] = [
        vec![("/root.xml", endless)],
        vec![("/root.xml", b"220 mail.example ESMTP\r\n".to_vec())],
        // Nothing is ever answered.
        Vec::new(),
    ];
    for pages in pages {
        let router = Played::new("http://127.0.0.1:PORT/root.xml", pages).await;
        let word = super::super::in_time(ask(router.ssdp, None)).await;
        assert_eq!(word, RouterWord::Nothing);
    }
}

#[tokio::test]
async fn a_datagram_of_somebody_else_is_not_heard() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let stranger = UdpSocket::bind("127.0.0.2:0").await.unwrap();
    let router = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut question = [0; LARGEST];
        loop {
            let (_, from) = socket.recv_from(&mut question).await.unwrap();
            let answer = b"HTTP/1.1 200 OK\r\nLocation: http://127.0.0.1:1/x\r\n\r\n";
            stranger.send_to(answer, from).await.unwrap();
        }
    });
    assert_eq!(search(router).await, None);
}
