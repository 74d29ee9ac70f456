//! `winmail.dat`: what Outlook makes of a letter for others of its kind ([MS-OXTNEF], [MS-OXRTFCP], [MS-OXRTFEX]).
//!
//! What comes in are the bytes of such a file; what goes out are the letter's text in the best form that is in it, and
//! the files. Damaged ones are read as far as they go.
//!
//! Bounds: [`MAX_ATTRIBUTES`] attributes and [`MAX_PROPERTIES`] properties are read, [`MAX_FILES`] files kept; text that
//! is packed is unpacked up to [`MAX_UNPACKED`] octets.

mod properties;
mod rtf;
mod unpack;

use crate::mime;
use encoding_rs::Encoding;
use properties::{Property, Reader};

/// Attributes of one file that are read.
const MAX_ATTRIBUTES: usize = 20_000;
/// Properties of one list that are read.
const MAX_PROPERTIES: usize = 4_000;
/// Files that are kept.
const MAX_FILES: usize = 1_000;
/// Octets that packed text may grow to.
const MAX_UNPACKED: usize = 8 * 1024 * 1024;

const SIGNATURE: u32 = 0x223e_9f78;

/// Attributes, by the number in their lower half.
mod attribute {
    pub const BODY: u16 = 0x800c;
    pub const DATA: u16 = 0x800f;
    pub const TITLE: u16 = 0x8010;
    pub const RENDERING: u16 = 0x9002;
    pub const MESSAGE_PROPERTIES: u16 = 0x9003;
    pub const FILE_PROPERTIES: u16 = 0x9005;
    pub const CODE_PAGE: u16 = 0x9007;
}

/// Properties of messages and files ([MS-OXPROPS]).
mod property {
    pub const BODY: u16 = 0x1000;
    pub const RTF: u16 = 0x1009;
    pub const HTML: u16 = 0x1013;
    pub const CODE_PAGE: u16 = 0x3fde;
    pub const FILE_DATA: u16 = 0x3701;
    pub const FILE_NAME: u16 = 0x3704;
    pub const LONG_NAME: u16 = 0x3707;
    pub const MEDIA_TYPE: u16 = 0x370e;
    pub const CONTENT_ID: u16 = 0x3712;
}

/// What was in a `winmail.dat`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tnef {
    pub text: Option<String>,
    pub html: Option<String>,
    pub files: Vec<TnefFile>,
}

/// A file in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TnefFile {
    /// Its name; may be empty.
    pub name: String,
    /// Its media type, where it is given.
    pub media_type: Option<String>,
    /// Without angle brackets.
    pub content_id: Option<String>,
    pub bytes: Vec<u8>,
}

/// Whether a part is one of these, by its type or its name.
pub(crate) fn is_tnef(media_type: &str, name: Option<&str>) -> bool {
    matches!(media_type, "application/ms-tnef" | "application/vnd.ms-tnef")
        || media_type == "application/octet-stream"
            && name
                .is_some_and(|name| name.eq_ignore_ascii_case("winmail.dat") || name.eq_ignore_ascii_case("win.dat"))
}

/// Reads a `winmail.dat`; `None` where it is none.
pub(crate) fn read(bytes: &[u8]) -> Option<Tnef> {
    let mut reader = Reader::new(bytes);
    if reader.u32()? != SIGNATURE {
        return None;
    }
    reader.u16()?;
    let mut found = Found { page: encoding_rs::WINDOWS_1252, tnef: Tnef::default(), rtf: None };
    for _ in 0..MAX_ATTRIBUTES {
        if found.take(&mut reader).is_none() {
            break;
        }
    }
    Some(found.finish())
}

/// What was read so far.
struct Found {
    page: &'static Encoding,
    tnef: Tnef,
    rtf: Option<Vec<u8>>,
}

impl Found {
    /// One attribute: level, number, length, data, checksum. `None` at the end.
    fn take(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let level = reader.u8()?;
        let number = (reader.u32()? & 0xffff) as u16;
        let length = reader.u32()? as usize;
        // The last one may have been cut: what is there of a file is better than nothing.
        let data = reader.up_to(length);
        reader.skip(2);
        match (level, number) {
            (1, attribute::CODE_PAGE) => self.page = page(Reader::new(data).u32()?).unwrap_or(self.page),
            (1, attribute::BODY) => self.tnef.text = Some(self.narrow(data)).filter(|text| !text.is_empty()),
            (1, attribute::MESSAGE_PROPERTIES) => self.message(data),
            (2, attribute::RENDERING) if self.tnef.files.len() < MAX_FILES => {
                self.tnef.files.push(TnefFile::default())
            }
            (2, attribute::TITLE) => {
                let name = self.narrow(data);
                self.file()?.name = name;
            }
            (2, attribute::DATA) => self.file()?.bytes = data.to_vec(),
            (2, attribute::FILE_PROPERTIES) => self.file_properties(data)?,
            (1 | 2, _) => {}
            _ => return None,
        }
        Some(())
    }

    fn file(&mut self) -> Option<&mut TnefFile> {
        self.tnef.files.last_mut()
    }

    fn message(&mut self, data: &[u8]) {
        let list = properties::list(data, self.page);
        let page_of_html =
            list.iter().find(|one| one.number == property::CODE_PAGE).and_then(|one| page(one.number_value()?));
        for one in list {
            match one.number {
                property::BODY => self.tnef.text = one.text.or(self.tnef.text.take()),
                property::RTF => self.rtf = Some(one.bytes.to_vec()),
                property::HTML => {
                    let set = page_of_html.unwrap_or(self.page);
                    self.tnef.html =
                        one.text.or_else(|| Some(decode_html(one.bytes, set))).filter(|html| !html.is_empty());
                }
                _ => {}
            }
        }
    }

    fn file_properties(&mut self, data: &[u8]) -> Option<()> {
        for one in properties::list(data, self.page) {
            let file = self.file()?;
            match one.number {
                property::LONG_NAME => file.name = one.text.filter(|name| !name.is_empty()).unwrap_or_default(),
                property::FILE_NAME if file.name.is_empty() => file.name = one.text.unwrap_or_default(),
                property::MEDIA_TYPE => file.media_type = one.text.map(|text| text.to_ascii_lowercase()),
                property::CONTENT_ID => file.content_id = one.text.map(|id| mime::bare_id(&id).to_owned()),
                property::FILE_DATA => take_object(file, &one),
                _ => {}
            }
        }
        Some(())
    }

    /// Text in the code page of the message, up to its zero.
    fn narrow(&self, data: &[u8]) -> String {
        let end = memchr::memchr(0, data).unwrap_or(data.len());
        self.page.decode_without_bom_handling(data.get(..end).unwrap_or_default()).0.into_owned()
    }

    fn finish(mut self) -> Tnef {
        let unpacked = self.rtf.as_deref().and_then(|packed| unpack::unpack(packed, MAX_UNPACKED));
        match unpacked.map(|rtf| rtf::read(&rtf)) {
            Some(rtf::Body::Html(html)) => self.tnef.html = self.tnef.html.or(Some(html)),
            Some(rtf::Body::Text(text)) => {
                self.tnef.text = self.tnef.text.filter(|text| !text.trim().is_empty()).or(Some(text));
            }
            None => {}
        }
        self.tnef.files.retain(|file| !file.bytes.is_empty() || !file.name.is_empty());
        self.tnef
    }
}

/// A letter within the letter is such a file again, behind the identifier of its kind.
fn take_object(file: &mut TnefFile, one: &Property<'_>) {
    let inner = one.bytes.get(16..).filter(|inner| Reader::new(inner).u32() == Some(SIGNATURE));
    if let Some(inner) = inner {
        file.bytes = inner.to_vec();
        file.media_type = Some("application/ms-tnef".to_owned());
    } else if file.bytes.is_empty() {
        file.bytes = one.bytes.to_vec();
    }
}

fn decode_html(bytes: &[u8], set: &'static Encoding) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_end_matches('\0').to_owned(),
        Err(_) => set.decode(bytes).0.trim_end_matches('\0').to_owned(),
    }
}

/// A Windows code page.
fn page(number: u32) -> Option<&'static Encoding> {
    match number {
        874 | 1250..=1258 => Encoding::for_label(format!("windows-{number}").as_bytes()),
        932 => Some(encoding_rs::SHIFT_JIS),
        936 => Some(encoding_rs::GBK),
        949 => Some(encoding_rs::EUC_KR),
        950 => Some(encoding_rs::BIG5),
        20866 => Some(encoding_rs::KOI8_R),
        21866 => Some(encoding_rs::KOI8_U),
        28592 => Some(encoding_rs::ISO_8859_2),
        28591 => Some(encoding_rs::WINDOWS_1252),
        50220..=50222 => Some(encoding_rs::ISO_2022_JP),
        51932 => Some(encoding_rs::EUC_JP),
        54936 => Some(encoding_rs::GB18030),
        65001 => Some(encoding_rs::UTF_8),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
