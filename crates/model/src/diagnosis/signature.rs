//! One row of the table of signatures, and how a reply is compared with it.

use super::verdict::{Shade, Verdict};
use super::{Class, Documented, Known, signatures};
use crate::{EnhancedCode, Phase, Route};
use std::time::Duration;

/// A reply as the table sees it.
pub(super) struct Seen<'a> {
    pub phase: Phase,
    pub code: u16,
    pub enhanced: Option<EnhancedCode>,
    /// All lines, joined by one space, in lower case.
    pub text: &'a str,
    pub known: &'a Known,
}

/// What a known server writes, and what it means.
#[derive(Debug)]
pub(super) struct Signature {
    /// Who writes it. Only a name for the reader: whoever writes the same means the same.
    pub provider: &'static str,
    /// The codes: digits, with `x` for any; several are parted by `/`.
    pub codes: &'static str,
    /// The enhanced code: numbers, ranges (`4.7.500-699`), `x` for any number; `*` for any code or none.
    pub enhanced: &'static str,
    /// What the text must hold, all of it, in lower case; after `=`, the whole text.
    pub text: &'static [&'static str],
    pub class: Class,
    pub shade: Shade,
    lasts: Lasts,
    about_us: bool,
    retry_after: Option<Duration>,
    only: Only,
    /// A reply as it was seen or documented, with addresses for documentation.
    pub sample: &'static str,
    /// Where it is documented.
    pub source: &'static str,
}

/// Whether trying again helps.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Lasts {
    /// As the class says, where it says so always; else as the code says.
    Usual,
    /// It passes, whatever the code.
    ForNow,
    /// It does not, whatever the code.
    ForGood,
}

/// Where a row applies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Only {
    Anywhere,
    /// Only from a smart host: its sender is a customer.
    SmartHost,
    /// Only on a first contact: a server that still says so later means it.
    FirstTries,
}

/// Tries after which “service unavailable” is no greylisting any more: postscreen's tests are over by then.
const FIRST_TRIES: u32 = 3;

/// The first row that fits.
pub(super) fn find(seen: &Seen) -> Option<&'static Signature> {
    signatures::all().find(|row| row.fits(seen))
}

impl Signature {
    pub const fn new(
        provider: &'static str,
        codes: &'static str,
        enhanced: &'static str,
        text: &'static [&'static str],
        class: Class,
        sample: &'static str,
        source: &'static str,
    ) -> Self {
        Self {
            provider,
            codes,
            enhanced,
            text,
            class,
            shade: Shade::Plain,
            lasts: Lasts::Usual,
            about_us: false,
            retry_after: None,
            only: Only::Anywhere,
            sample,
            source,
        }
    }

    /// It passes, whatever the code.
    pub const fn for_now(mut self) -> Self {
        self.lasts = Lasts::ForNow;
        self
    }

    /// It does not pass, whatever the code.
    pub const fn for_good(mut self) -> Self {
        self.lasts = Lasts::ForGood;
        self
    }

    /// Another sender would be treated better.
    pub const fn about_us(mut self) -> Self {
        self.about_us = true;
        self
    }

    /// Not to be tried sooner than after so many minutes, unless the text states a delay.
    pub const fn minutes(mut self, minutes: u64) -> Self {
        self.retry_after = Some(Duration::from_secs(minutes * 60));
        self
    }

    pub const fn shade(mut self, shade: Shade) -> Self {
        self.shade = shade;
        self
    }

    /// The row applies to smart hosts only.
    pub const fn smart_host(mut self) -> Self {
        self.only = Only::SmartHost;
        self
    }

    /// The row applies to the first tries only.
    pub const fn first_tries(mut self) -> Self {
        self.only = Only::FirstTries;
        self
    }

    fn fits(&self, seen: &Seen) -> bool {
        self.applies(seen.known)
            && fits_code(self.codes, seen.code)
            && fits_enhanced(self.enhanced, seen.enhanced)
            && self.text.iter().all(|fragment| fits_text(fragment, seen.text))
    }

    fn applies(&self, known: &Known) -> bool {
        match self.only {
            Only::Anywhere => true,
            Only::SmartHost => matches!(known.route, Route::SmartHost(_)),
            Only::FirstTries => known.tries < FIRST_TRIES,
        }
    }

    /// What the row says to a reader.
    pub fn documented(&self) -> Documented {
        let Self { provider, sample, class, source, .. } = *self;
        Documented { provider, sample, class, smart_host_only: self.only == Only::SmartHost, source }
    }

    /// What it means under this code.
    pub fn verdict(&self, code: u16) -> Verdict {
        let temporary = match self.lasts {
            Lasts::ForNow => true,
            Lasts::ForGood => false,
            Lasts::Usual => usually_temporary(self.class, code),
        };
        let verdict = Verdict::new(self.class).shade(self.shade).temporary(temporary);
        Verdict { about_us: self.about_us, retry_after: self.retry_after, ..verdict }
    }
}

/// A home connection stays one, and a name that is missing stays missing, whatever the code says; greylisting always
/// passes. The other classes follow the code.
fn usually_temporary(class: Class, code: u16) -> bool {
    match class {
        Class::Greylisted => true,
        Class::SenderDynamicIp | Class::SenderNoRdns | Class::NullMx | Class::NoSuchDomain => false,
        _ => code < 500,
    }
}

fn fits_code(pattern: &str, code: u16) -> bool {
    let code = code.to_string();
    let fits_one =
        |one: &str| one.len() == code.len() && one.chars().zip(code.chars()).all(|(p, c)| p == 'x' || p == c);
    pattern.split('/').any(fits_one)
}

fn fits_text(fragment: &str, text: &str) -> bool {
    match fragment.strip_prefix('=') {
        Some(whole) => text.trim().trim_end_matches('.') == whole,
        None => text.contains(fragment),
    }
}

fn fits_enhanced(pattern: &str, enhanced: Option<EnhancedCode>) -> bool {
    match (pattern, enhanced) {
        ("*", _) => true,
        (_, None) => false,
        (_, Some(code)) => {
            let numbers = [u16::from(code.class), code.subject, code.detail];
            let parts = pattern.split('.');
            parts.clone().count() == numbers.len()
                && parts.zip(numbers).all(|(part, number)| fits_number(part, number))
        }
    }
}

fn fits_number(pattern: &str, number: u16) -> bool {
    match pattern.split_once('-') {
        Some((from, to)) => match (from.parse::<u16>(), to.parse::<u16>()) {
            (Ok(from), Ok(to)) => (from..=to).contains(&number),
            _ => false,
        },
        None => pattern == "x" || pattern.parse() == Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sample is written in one line, also where the server writes several.
    fn reply(sample: &str) -> crate::Reply {
        let (code, text) = sample.split_at(3);
        crate::Reply::parse_all(format!("{code} {}\r\n", &text[1..]).as_bytes()).expect(sample)
    }

    #[test]
    fn every_sample_is_found_by_its_own_row() {
        let mut hidden = Vec::new();
        for row in signatures::all() {
            let route = match row.only {
                Only::SmartHost => Route::SmartHost("work".to_owned()),
                _ => Route::Direct,
            };
            let known = Known::new(route, "example.org", "anna@example.org");
            let reply = reply(row.sample);
            let (text, code, enhanced) = (reply.text().to_lowercase(), reply.code, reply.enhanced);
            let found = find(&Seen { phase: Phase::Rcpt, code, enhanced, text: &text, known: &known });
            if !found.is_some_and(|found| std::ptr::eq(found, row)) {
                hidden.push((row.sample, found.map(|found| (found.provider, found.sample))));
            }
        }
        assert!(hidden.is_empty(), "{hidden:#?}");
    }

    #[test]
    fn every_row_can_fit_and_names_its_source() {
        for row in signatures::all() {
            assert!(row.text.iter().all(|fragment| *fragment == fragment.to_lowercase()), "{row:?}");
            assert!(
                row.enhanced != "*" || !row.text.is_empty() || row.codes.parse::<u16>().is_ok(),
                "too wide: {row:?}"
            );
            assert!(row.source.starts_with("http") && !row.provider.is_empty(), "{row:?}");
        }
    }

    #[test]
    fn the_table_is_as_large_as_promised() {
        assert!(signatures::all().count() >= 250, "{}", signatures::all().count());
    }

    #[test]
    fn codes_are_compared_digit_by_digit() {
        let table = [
            ("450", 450, true),
            ("450", 451, false),
            ("421/45x", 457, true),
            ("421/45x", 422, false),
            ("xxx", 599, true),
        ];
        for (pattern, code, fits) in table {
            assert_eq!(fits_code(pattern, code), fits, "{pattern} {code}");
        }
    }

    #[test]
    fn enhanced_codes_are_compared_number_by_number() {
        let table = [
            ("*", None, true),
            ("4.7.1", None, false),
            ("4.7.1", Some((4, 7, 1)), true),
            ("4.7.1", Some((4, 7, 10)), false),
            ("x.7.1", Some((5, 7, 1)), true),
            ("4.7.500-699", Some((4, 7, 650)), true),
            ("4.7.500-699", Some((4, 7, 700)), false),
            ("5.7", Some((5, 7, 1)), false),
        ];
        for (pattern, code, fits) in table {
            let code = code.map(|(class, subject, detail)| EnhancedCode::new(class, subject, detail));
            assert_eq!(fits_enhanced(pattern, code), fits, "{pattern} {code:?}");
        }
    }
}
