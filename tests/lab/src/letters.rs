//! Letters that tempt a mail system to change them, as a program hands them to `postrider sendmail`.

/// A letter with what is tempting about it.
#[derive(Clone, Debug)]
pub struct Tempting {
    /// What it is about.
    pub what: &'static str,
    /// From the first header to the last octet, to `recipient`.
    pub message: Vec<u8>,
}

/// All of them, addressed to `recipient`.
pub fn tempting(sender: &str, recipient: &str) -> Vec<Tempting> {
    let head = |subject: &str| format!("From: {sender}\r\nTo: {recipient}\r\nSubject: {subject}\r\n");
    let letter = |what: &'static str, head: String, body: &[u8]| Tempting {
        what,
        message: [head.as_bytes(), b"\r\n", body].concat(),
    };
    let mime = |kind: &str, encoding: &str| {
        format!("MIME-Version: 1.0\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n")
    };
    let long = format!("{}\r\nand a short one\r\n", "x".repeat(998));
    let endless = format!("{}\r\n", "0123456789".repeat(1000));
    vec![
        letter(
            "lines that begin with dots",
            head("dots"),
            b".\r\n..\r\n.hidden\r\n...\r\nmiddle . dot\r\n.\r\n\r\n..",
        ),
        letter("a line of 998 octets", head("a long line"), long.as_bytes()),
        letter("a line of 10,000 octets", head("an endless line"), endless.as_bytes()),
        letter(
            "text in UTF-8",
            head("=?utf-8?q?Gr=C3=BC=C3=9Fe?=") + &mime("text/plain; charset=utf-8", "8bit"),
            "Grüße aus Köln, żółć, 你好, שלום, 🐎\r\n".as_bytes(),
        ),
        letter("line ends of Unix", head("unix"), b"one\ntwo\n\n.three\n"),
        letter(
            "spaces at line ends and empty lines at the end",
            head("spaces"),
            b"one  \r\n\t\r\n \r\ntwo \r\n\r\n\r\n\r\n",
        ),
        letter(
            "lines that a mailbox file would quote",
            head("from"),
            b"From here on\r\n>From there\r\nTo: nobody\r\n",
        ),
        letter("nothing", head("an empty letter"), b""),
        letter(
            "an attachment with every octet",
            head("a file") + &mime("multipart/mixed; boundary=\"=_b\"", "7bit"),
            attachment().as_bytes(),
        ),
    ]
}

fn attachment() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let octets: Vec<u8> = (0..3).flat_map(|_| 0..=255).collect();
    let encoded: String = octets
        .chunks(3)
        .flat_map(|three| {
            let bits = three.iter().fold(0_usize, |bits, octet| bits << 8 | usize::from(*octet));
            [18, 12, 6, 0].map(|shift| char::from(ALPHABET[bits >> shift & 63]))
        })
        .collect();
    let lines: String =
        encoded.as_bytes().chunks(76).map(|line| format!("{}\r\n", String::from_utf8_lossy(line))).collect();
    format!(
        "--=_b\r\nContent-Type: text/plain\r\n\r\nHere it is.\r\n--=_b\r\nContent-Type: application/octet-stream\r\n\
         Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"all octets.bin\"\r\n\r\n\
         {lines}--=_b--\r\n"
    )
}
