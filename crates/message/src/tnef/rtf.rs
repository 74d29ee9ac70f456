//! RTF to text; and to the HTML that it was made of, where it was made of some ([MS-OXRTFEX]).
//!
//! One pass, no tree. A group that says that it is something else (`\*`, font tables, pictures) is passed over. In RTF
//! that was HTML, the tags stand in `\*\htmltag` groups, and what is only for readers of RTF between `\htmlrtf` and
//! `\htmlrtf0`.

use super::page;
use encoding_rs::Encoding;

/// Groups within groups that are told apart; deeper ones are passed over.
const MAX_DEPTH: usize = 200;

/// What an RTF text is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    Html(String),
    Text(String),
}

/// Reads RTF.
pub(super) fn read(rtf: &[u8]) -> Body {
    let mut writer = Writer::new(rtf);
    while writer.step().is_some() {}
    writer.flush();
    match writer.is_html {
        true => Body::Html(writer.out),
        false => Body::Text(writer.out.trim().to_owned()),
    }
}

/// What holds in a group and what is in it.
#[derive(Clone, Copy, Debug)]
struct Group {
    /// Nothing of it is text.
    hidden: bool,
    /// Between `\htmlrtf` and `\htmlrtf0`.
    only_rtf: bool,
    /// In a `\*\htmltag` group.
    tag: bool,
    /// Characters that stand behind a `\u` for those who cannot read it.
    stand_ins: usize,
}

struct Writer<'x> {
    rest: &'x [u8],
    groups: Vec<Group>,
    current: Group,
    /// Depth beyond [`MAX_DEPTH`].
    beyond: usize,
    /// The next word says what a `\*` group is.
    starred: bool,
    /// Stand-ins still to be passed over.
    skip: usize,
    is_html: bool,
    page: &'static Encoding,
    /// Octets of the code page that are not decoded yet: a character may be two of them.
    pending: Vec<u8>,
    /// The first half of a character that is two units.
    half: Option<u16>,
    out: String,
}

impl<'x> Writer<'x> {
    fn new(rest: &'x [u8]) -> Self {
        Self {
            rest,
            groups: Vec::new(),
            current: Group { hidden: false, only_rtf: false, tag: false, stand_ins: 1 },
            beyond: 0,
            starred: false,
            skip: 0,
            is_html: false,
            page: encoding_rs::WINDOWS_1252,
            pending: Vec::new(),
            half: None,
            out: String::new(),
        }
    }

    fn step(&mut self) -> Option<()> {
        let (first, tail) = self.rest.split_first()?;
        self.rest = tail;
        match first {
            b'{' => self.open(),
            b'}' => self.close(),
            b'\\' => self.control(),
            b'\r' | b'\n' => {}
            octet => self.octet(*octet),
        }
        Some(())
    }

    fn open(&mut self) {
        self.flush();
        self.skip = 0;
        if self.groups.len() >= MAX_DEPTH {
            self.beyond += 1;
        } else {
            self.groups.push(self.current);
        }
    }

    fn close(&mut self) {
        self.flush();
        self.starred = false;
        self.skip = 0;
        if self.beyond > 0 {
            self.beyond -= 1;
        } else if let Some(outer) = self.groups.pop() {
            // §2.1.3.1.4: what is only for RTF ends with its word, or with the group that it began in.
            self.current = outer;
        }
    }

    fn control(&mut self) {
        let Some((first, tail)) = self.rest.split_first() else { return };
        if first.is_ascii_alphabetic() {
            return self.word();
        }
        self.rest = tail;
        match first {
            b'\'' => {
                let hex = tail.get(..2).and_then(crate::mime::octet_of);
                self.rest = tail.get(2..).unwrap_or_default();
                if let Some(octet) = hex {
                    self.octet(octet);
                }
            }
            b'*' => self.starred = true,
            b'~' => self.text("\u{a0}"),
            b'_' => self.text("\u{2011}"),
            b'\r' | b'\n' => self.text("\n"),
            b'\\' | b'{' | b'}' => self.octet(*first),
            _ => {}
        }
    }

    fn word(&mut self) {
        let letters = self.rest.iter().take(32).take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (word, tail) = self.rest.split_at(letters);
        let sign = usize::from(tail.first() == Some(&b'-'));
        let digits = tail.iter().skip(sign).take(10).take_while(|byte| byte.is_ascii_digit()).count();
        let length = if digits > 0 { sign + digits } else { 0 };
        let number =
            tail.get(..length).and_then(|text| std::str::from_utf8(text).ok()).and_then(|text| text.parse().ok());
        let after = tail.get(length..).unwrap_or_default();
        self.rest = after.strip_prefix(b" ").unwrap_or(after);
        let starred = std::mem::take(&mut self.starred);
        self.flush_before(word);
        match (word, number) {
            (b"htmltag", _) if starred => self.current.tag = true,
            (b"mhtmltag", _) => self.current.hidden = true,
            (b"htmlrtf", number) => self.current.only_rtf = number != Some(0),
            (b"fromhtml", _) => self.is_html = true,
            (b"ansicpg", Some(number)) => self.page = u32::try_from(number).ok().and_then(page).unwrap_or(self.page),
            (b"uc", Some(number)) => self.current.stand_ins = usize::try_from(number).unwrap_or(1).min(8),
            (b"u", Some(number)) => self.unit(number),
            (b"bin", Some(number)) => {
                let length = usize::try_from(number).unwrap_or(0).min(self.rest.len());
                self.rest = self.rest.get(length..).unwrap_or_default();
            }
            (b"fonttbl" | b"colortbl" | b"stylesheet" | b"info" | b"pict" | b"object" | b"header" | b"footer", _) => {
                self.current.hidden = true;
            }
            _ if starred => self.current.hidden = true,
            (word, _) => self.mark(word),
        }
    }

    fn mark(&mut self, word: &[u8]) {
        match word {
            b"par" | b"line" | b"row" | b"sect" | b"page" => self.text(if self.is_html { "\r\n" } else { "\n" }),
            b"tab" | b"cell" => self.text("\t"),
            b"lquote" => self.text("\u{2018}"),
            b"rquote" => self.text("\u{2019}"),
            b"ldblquote" => self.text("\u{201c}"),
            b"rdblquote" => self.text("\u{201d}"),
            b"bullet" => self.text("\u{2022}"),
            b"endash" => self.text("\u{2013}"),
            b"emdash" => self.text("\u{2014}"),
            _ => {}
        }
    }

    /// A character as a unit of UTF-16, signed.
    fn unit(&mut self, number: i32) {
        self.skip = self.current.stand_ins;
        let Ok(unit) = u16::try_from(number & 0xffff) else { return };
        match (self.half.take(), unit) {
            (None, 0xd800..=0xdbff) => self.half = Some(unit),
            (half, unit) => {
                let text = String::from_utf16_lossy(&half.into_iter().chain([unit]).collect::<Vec<u16>>());
                self.write(&text);
            }
        }
    }

    fn octet(&mut self, octet: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.is_shown() {
            self.pending.push(octet);
        }
    }

    fn text(&mut self, text: &str) {
        if self.skip > 0 {
            self.skip -= 1;
        } else {
            self.flush();
            self.write(text);
        }
    }

    fn write(&mut self, text: &str) {
        if self.is_shown() {
            self.out.push_str(text);
        }
    }

    /// In RTF that was HTML, what stands outside of its tags is text of the HTML as well.
    fn is_shown(&self) -> bool {
        let hidden = self.current.hidden && !self.current.tag;
        !hidden && self.beyond == 0 && !(self.is_html && self.current.only_rtf && !self.current.tag)
    }

    /// `\'81\'40` is one character; a word ends it, and stand-ins are counted anew.
    fn flush_before(&mut self, word: &[u8]) {
        self.flush();
        if word != b"u" {
            self.skip = 0;
        }
    }

    fn flush(&mut self) {
        if !self.pending.is_empty() {
            let text = self.page.decode_without_bom_handling(&self.pending).0.into_owned();
            self.pending.clear();
            self.out.push_str(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rtf_is_read_as_the_text_it_shows() {
        let table: [(&[u8], &str); 8] = [
            (br"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 Hello\par World}", "Hello\nWorld"),
            (br"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8}", "\u{41f}\u{440}\u{438}"),
            (br"{\rtf1\ansicpg932 \'83\'6e}", "ハ"),
            (br"{\rtf1 gr\u252\'fcn \u-10179?\u-8704?}", "gr\u{fc}n \u{1f600}"),
            (br"{\rtf1{\*\generator X;}a\~b\{c\}}", "a\u{a0}b{c}"),
            (br"{\rtf1{\pict\bin2 }}}text}", "text"),
            (br"a\tab b", "a\tb"),
            (b"{\\rtf1 cut \\", "cut"),
        ];
        for (rtf, text) in table {
            assert_eq!(read(rtf), Body::Text(text.to_owned()), "{}", String::from_utf8_lossy(rtf));
        }
    }

    #[test]
    fn rtf_that_was_html_is_that_again() {
        let rtf = br"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Arial;}}
{\*\htmltag64 <html>}{\*\htmltag96 <b>}\htmlrtf {\b \htmlrtf0 gr\'fcn \{1\}{\*\htmltag104 </b>}\htmlrtf }\htmlrtf0 {\*\mhtmltag1 x}
{\*\htmltag84 &nbsp;}\htmlrtf \'a0\htmlrtf0 end{\*\htmltag72 </html>}}";
        assert_eq!(read(rtf), Body::Html("<html><b>gr\u{fc}n {1}</b>&nbsp;end</html>".to_owned()));
    }

    #[test]
    fn nesting_has_a_bound() {
        let deep = format!("{}x{}y", "{".repeat(100_000), "}".repeat(100_000));
        assert_eq!(read(deep.as_bytes()), Body::Text("y".to_owned()));
    }
}
