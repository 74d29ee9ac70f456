//! What an image is, by its first octets: its kind and its size, without decoding it.
//!
//! The name and the type that a stranger gives are not believed. Pictures made of markup (SVG) are none here, and what
//! claims to be larger than [`MAX_PIXELS`] is not either: a few octets of compressed nothing fill the memory of whoever
//! unpacks them.

/// The largest picture, in pixels: a good camera's.
pub const MAX_PIXELS: u64 = 64_000_000;

/// A kind of picture that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RasterKind {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// WebP.
    Webp,
    /// BMP.
    Bmp,
}

impl RasterKind {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Bmp => "image/bmp",
        }
    }
}

/// A picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raster {
    /// Its kind.
    pub kind: RasterKind,
    /// Its width, in pixels.
    pub width: u32,
    /// Its height, in pixels.
    pub height: u32,
}

/// What picture these octets are; `None` for what is none, or too large.
pub fn raster(bytes: &[u8]) -> Option<Raster> {
    let (kind, (width, height)) = match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => (RasterKind::Png, png(bytes)?),
        [0xff, 0xd8, 0xff, ..] => (RasterKind::Jpeg, jpeg(bytes)?),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => {
            (RasterKind::Gif, (little(bytes, 6, 2)?, little(bytes, 8, 2)?))
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => (RasterKind::Webp, webp(bytes)?),
        [b'B', b'M', ..] => (RasterKind::Bmp, bmp(bytes)?),
        _ => return None,
    };
    let pixels = u64::from(width) * u64::from(height);
    (1..=MAX_PIXELS).contains(&pixels).then_some(Raster { kind, width, height })
}

fn big(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    Some(bytes.get(at..at.checked_add(length)?)?.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

fn little(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    Some(bytes.get(at..at.checked_add(length)?)?.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

/// The first chunk is IHDR (PNG §11.2.2).
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    (bytes.get(12..16)? == b"IHDR").then_some(())?;
    Some((big(bytes, 16, 4)?, big(bytes, 20, 4)?))
}

/// From marker to marker as far as the frame header (ITU T.81 §B.2.2).
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    // A file has a few dozen segments before its frame.
    for _ in 0..1000 {
        while bytes.get(at) == Some(&0xff) && bytes.get(at + 1) == Some(&0xff) {
            at += 1;
        }
        let marker = *bytes.get(at..at + 2).filter(|marker| marker.first() == Some(&0xff))?.get(1)?;
        match marker {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some((big(bytes, at + 7, 2)?, big(bytes, at + 5, 2)?));
            }
            0x01 | 0xd0..=0xd8 => at += 2,
            0xd9 | 0xda => return None,
            _ => at = at.checked_add(2 + big(bytes, at + 2, 2)? as usize)?,
        }
    }
    None
}

/// Lossy, lossless and extended (RFC 9649 §2).
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8 " => Some((little(bytes, 26, 2)? & 0x3fff, little(bytes, 28, 2)? & 0x3fff)),
        b"VP8L" => {
            let sizes = little(bytes, 21, 4)?;
            Some(((sizes & 0x3fff) + 1, (sizes >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => Some((little(bytes, 24, 3)? + 1, little(bytes, 27, 3)? + 1)),
        _ => None,
    }
}

/// A height below zero counts from the top.
fn bmp(bytes: &[u8]) -> Option<(u32, u32)> {
    match little(bytes, 14, 4)? {
        12 => Some((little(bytes, 18, 2)?, little(bytes, 20, 2)?)),
        40.. => Some((little(bytes, 18, 4)?, little(bytes, 22, 4)?.cast_signed().unsigned_abs())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        let head = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R'];
        [&head[..], &width.to_be_bytes(), &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat()
    }

    #[test]
    fn pictures_are_known_by_their_octets_and_nothing_else_is() {
        let jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc0, 0, 17, 8, 0, 20, 0, 30, 3, 0, 0, 0];
        let bmp = [b"BM".as_slice(), &[0; 12], &[40, 0, 0, 0], &[7, 0, 0, 0], &(-9_i32).to_le_bytes()].concat();
        let webp = [b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".as_slice(), &[9, 0, 0], &[19, 0, 0]].concat();
        let lossless = [b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f".as_slice(), &[9, 0xc0, 4, 0]].concat();
        let of = |kind, width, height| Some(Raster { kind, width, height });
        let table: &[(&[u8], Option<Raster>)] = &[
            (&png_of(8, 9), of(RasterKind::Png, 8, 9)),
            (b"GIF89a\x05\x00\x06\x00", of(RasterKind::Gif, 5, 6)),
            (&jpeg, of(RasterKind::Jpeg, 30, 20)),
            (&webp, of(RasterKind::Webp, 10, 20)),
            (&lossless, of(RasterKind::Webp, 10, 20)),
            (&bmp, of(RasterKind::Bmp, 7, 9)),
            (&png_of(100_000, 100_000), None),
            (&png_of(0, 9), None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
            (b"<html>", None),
            (b"GIF89a", None),
            (&[0xff, 0xd8, 0xff], None),
            (b"", None),
        ];
        for (bytes, expected) in table {
            assert_eq!(raster(bytes), *expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_picture_that_is_cut_off_anywhere_is_no_trouble() {
        let whole = [png_of(8, 9), b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x09\0\0\x13\0\0".to_vec()];
        for bytes in whole {
            for end in 0..bytes.len() {
                let _ = raster(&bytes[..end]);
            }
        }
    }
}
