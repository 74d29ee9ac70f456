//! Every letter of the collection, damaged in 20,000 ways: each is read, in bounded time and memory.
//!
//! The damages come from a seed, so that a failure can be had again: it names the letter and its number.
//! `POSTRIDER_DAMAGES` and `POSTRIDER_SEED` say otherwise. Time is what the thread computes for, not what passes. In a
//! binary of its own, for memory is counted in the whole process.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use peak_alloc::PeakAlloc;
use postrider_message::html::{HtmlOptions, from_text, safe};
use postrider_message::{attached_letter, attachment, dsn, parse};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use std::time::Duration;

mod collection;
#[path = "../src/cpu_time.rs"]
mod cpu_time;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const DAMAGES: u64 = 20_000;
const SEED: u64 = 4;
/// Computing time that one letter may take. Code that is not optimised is some ten times slower.
const TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1_000 } else { 200 });
/// Octets that reading a letter may need at once: so many times its size, and so many beside.
const MEMORY_TIMES: usize = 40;
const MEMORY_BESIDE: usize = 4 * 1024 * 1024;

#[test]
fn whatever_happened_to_a_letter_it_is_read_in_bounded_time_and_memory() {
    let folders = [
        "letters",
        "mail-parser/legacy",
        "mail-parser/malformed",
        "mail-parser/rfc",
        "mail-parser/thirdparty",
        "python",
    ];
    let letters: Vec<(String, Vec<u8>)> = folders
        .iter()
        .flat_map(|folder| {
            collection::letters(folder).into_iter().map(move |(name, raw)| (format!("{folder}/{name}"), raw))
        })
        .collect();
    let setting = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let seed = setting("POSTRIDER_SEED", SEED);
    let (mut slowest, mut largest) = ((Duration::ZERO, 0), (0, 0));
    for number in 0..setting("POSTRIDER_DAMAGES", DAMAGES) {
        let mut random = StdRng::seed_from_u64(seed.wrapping_mul(1 << 32).wrapping_add(number));
        let (name, raw) = letters.choose(&mut random).unwrap();
        let raw = damaged(raw, &letters, &mut random);
        MEMORY.reset_peak_usage();
        let before = MEMORY.current_usage();
        let mut taken = cpu_time::taken_by(|| read(&raw));
        let used = MEMORY.peak_usage().saturating_sub(before);
        if taken > TIME {
            // A page that had to be fetched, or a virtual machine that stood still: once more.
            taken = cpu_time::taken_by(|| read(&raw));
        }
        assert!(taken <= TIME, "{name}, damage {number}: {taken:?}");
        assert!(used <= raw.len() * MEMORY_TIMES + MEMORY_BESIDE, "{name}, damage {number}: {used} of {}", raw.len());
        slowest = slowest.max((taken, number));
        largest = largest.max((used, number));
    }
    println!("the slowest {:?} ({}), the largest {} octets ({})", slowest.0, slowest.1, largest.0, largest.1);
}

/// Everything that happens to a letter from a stranger before a person sees it.
fn read(raw: &[u8]) {
    let parsed = parse(raw);
    for file in parsed.attachments.iter().take(20) {
        attachment(raw, file.part).expect("a listed part is there");
    }
    for letter in parsed.letters.iter().take(5) {
        parse(&attached_letter(raw, &[letter.part]).expect("a listed letter is there"));
    }
    let _ = parsed.html.as_deref().map(|html| safe(html, &HtmlOptions::default()));
    let _ = parsed.text.as_deref().map(from_text);
    let _ = dsn::read(raw);
    assert!(!parsed.subject.contains(['\r', '\n', '\0']));
}

fn damaged(raw: &[u8], letters: &[(String, Vec<u8>)], random: &mut StdRng) -> Vec<u8> {
    let mut raw = raw.to_vec();
    for _ in 0..random.random_range(1..=6) {
        damage(&mut raw, letters, random);
    }
    raw.truncate(400_000);
    raw
}

const TOKENS: [&str; 22] = [
    "\r\n\r\n",
    "--",
    "=?utf-8?Q?",
    "=?gb2312?B?",
    "?=",
    "\"",
    "(",
    "<",
    ";",
    "\0",
    "\u{1b}$B",
    "boundary=",
    "charset=utf-7",
    "charset=utf-16",
    "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
    "Content-Type: message/rfc822\r\n\r\n",
    "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n",
    "Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+Ig",
    "Content-Transfer-Encoding: base64\r\n",
    "filename*0*=",
    "\r\nbegin 644 x\r\n#0V%T\r\n",
    "<style><!--",
];

fn damage(raw: &mut Vec<u8>, letters: &[(String, Vec<u8>)], random: &mut StdRng) {
    let place = |raw: &[u8], random: &mut StdRng| random.random_range(0..=raw.len());
    match random.random_range(0..9) {
        0 => {
            for _ in 0..random.random_range(1..40) {
                let at = place(raw, random);
                if let Some(octet) = raw.get_mut(at) {
                    *octet = random.random();
                }
            }
        }
        1 => {
            let at = place(raw, random);
            raw.truncate(at);
        }
        2 => {
            let (_, other) = letters.choose(random).unwrap();
            let (at, from) = (place(raw, random), place(other, random));
            raw.truncate(at);
            raw.extend_from_slice(&other[from..]);
        }
        3 => drop_line(raw, random, |line| line.starts_with(b"--")),
        4 => drop_line(raw, random, |_| true),
        5 => repeat_line(raw, random),
        6 => {
            let at = place(raw, random);
            raw.splice(at..at, TOKENS.choose(random).unwrap().bytes());
        }
        7 => {
            let (a, b) = (place(raw, random), place(raw, random));
            let piece = raw[a.min(b)..a.max(b)].to_vec();
            raw.splice(a..a, piece);
        }
        _ => {
            let (at, length) = (place(raw, random), random.random_range(0..200));
            raw.drain(at..(at + length).min(raw.len()));
        }
    }
}

fn lines(raw: &[u8]) -> Vec<Vec<u8>> {
    raw.split_inclusive(|octet| *octet == b'\n').map(<[u8]>::to_vec).collect()
}

fn drop_line(raw: &mut Vec<u8>, random: &mut StdRng, wanted: impl Fn(&[u8]) -> bool) {
    let mut all = lines(raw);
    let candidates: Vec<usize> = (0..all.len()).filter(|at| wanted(&all[*at])).collect();
    if let Some(at) = candidates.choose(random) {
        all.remove(*at);
        *raw = all.concat();
    }
}

fn repeat_line(raw: &mut Vec<u8>, random: &mut StdRng) {
    let mut all = lines(raw);
    if all.is_empty() || raw.len() > 200_000 {
        return;
    }
    let at = random.random_range(0..all.len());
    let line = all[at].clone();
    let times = random.random_range(1..200);
    all.splice(at..at, std::iter::repeat_n(line, times));
    *raw = all.concat();
}
