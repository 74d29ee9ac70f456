//! How fast letters are read: `cargo run --release -p postrider-message --example reading_speed`.
//!
//! Each kind of letter is made here, so that the figures of two versions compare. A figure is the best of five rounds.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Letters of a kind that are read in one round.
const LETTERS: usize = 400;
const ROUNDS: usize = 5;

fn main() {
    let kinds = [
        ("plain, 2 KB", plain(2_000)),
        ("plain, 12 KB", plain(12_000)),
        ("plain, 12 KB, quoted-printable", quoted_printable(12_000)),
        ("HTML, 12 KB", html(12_000)),
        ("alternative, 24 KB", alternative(12_000)),
        ("with a file of 100 KB", with_file(100_000)),
        ("with a file of 2 MB", with_file(2_000_000)),
    ];
    for (kind, letter) in kinds {
        let letters = (2_000_000 / letter.len()).clamp(5, LETTERS);
        let best = (0..ROUNDS).map(|_| round(&letter, letters)).min().unwrap_or_default();
        let each = best / letters as u32;
        let speed = letter.len() as f64 / each.as_secs_f64() / 1e6;
        println!("{kind:32} {:8.1} µs a letter {speed:8.0} MB/s", each.as_secs_f64() * 1e6);
    }
}

fn round(letter: &[u8], letters: usize) -> Duration {
    let started = Instant::now();
    for _ in 0..letters {
        black_box(postrider_message::parse(black_box(letter)));
    }
    started.elapsed()
}

const HEAD: &str = "Return-Path: <anna@example.org>\r\n\
    Received: from mx.example.org (mx.example.org [192.0.2.25])\r\n\tby mail.example.net (Postfix) with ESMTPS id 4X1\r\n\
    \tfor <ben@example.net>; Tue,  3 Nov 2026 14:32:06 +0100 (CET)\r\n\
    DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=k1;\r\n\th=from:to:subject:date:message-id;\r\n\
    \tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n\tb=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZ\r\n\
    From: Anna Berg <anna@example.org>\r\nTo: Ben <ben@example.net>, \"Roth, Carla\" <carla@example.com>\r\n\
    Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from the boat\r\nDate: Tue, 3 Nov 2026 14:32:05 +0100\r\n\
    Message-ID: <boat.1@example.org>\r\nReferences: <a@example.net> <b@example.org> <c@example.net>\r\nMIME-Version: 1.0\r\n";

const LINE: &str = "We sailed from the harbour at six and had good wind all the way to the island.\r\n";

fn text(length: usize) -> String {
    LINE.repeat(length / LINE.len())
}

fn markup(length: usize) -> String {
    let line = "<tr><td style=\"padding:4px\"><p class=\"x\">We sailed <b>from</b> the harbour at six &amp; had good wind.</p></td></tr>\r\n";
    format!(
        "<html><head><style>p {{ margin: 0 }}</style></head><body><table>{}</table></body></html>",
        line.repeat(length / line.len())
    )
}

fn plain(length: usize) -> Vec<u8> {
    format!("{HEAD}Content-Type: text/plain; charset=utf-8\r\n\r\n{}", text(length)).into_bytes()
}

fn quoted_printable(length: usize) -> Vec<u8> {
    let line = "We sailed from the harbour at six and had good wind = all the way to =\r\nthe gr=C3=BCn island.\r\n";
    let head = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n";
    format!("{HEAD}{head}\r\n{}", line.repeat(length / line.len())).into_bytes()
}

fn html(length: usize) -> Vec<u8> {
    format!("{HEAD}Content-Type: text/html; charset=utf-8\r\n\r\n{}", markup(length)).into_bytes()
}

fn alternative(length: usize) -> Vec<u8> {
    format!(
        "{HEAD}Content-Type: multipart/alternative; boundary=\"=_b1\"\r\n\r\n--=_b1\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n--=_b1\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n{}\r\n--=_b1--\r\n",
        text(length),
        markup(length)
    )
    .into_bytes()
}

fn with_file(length: usize) -> Vec<u8> {
    let line = format!("{}\r\n", "QUJD".repeat(19));
    format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=\"=_b1\"\r\n\r\n--=_b1\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n--=_b1\r\n\
         Content-Type: application/pdf; name=\"boat.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--=_b1--\r\n",
        text(2_000),
        line.repeat(length / line.len())
    )
    .into_bytes()
}
