//! How whole letters are kept: each compressed by itself (Zstandard, RFC 8878), so that any one is read alone; as it came
//! where that is no longer.

use crate::{Result, StoreError};

/// As it came.
const PLAIN: i64 = 0;
/// A frame of Zstandard.
const ZSTANDARD: i64 = 1;
/// Text shrinks to nearly the same size at higher levels, which take much longer.
const LEVEL: i32 = 3;

/// A letter as it is kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) coding: i64,
    pub(super) bytes: Vec<u8>,
}

/// Compresses one letter after the other with the same memory.
pub(super) struct Press {
    compressor: Option<zstd::bulk::Compressor<'static>>,
}

impl Press {
    pub(super) fn new() -> Self {
        // Without memory for it, letters are kept as they came.
        Self { compressor: zstd::bulk::Compressor::new(LEVEL).ok() }
    }

    /// The letter as it is to be kept.
    pub(super) fn press(&mut self, raw: Vec<u8>) -> Kept {
        let pressed = self.compressor.as_mut().and_then(|compressor| compressor.compress(&raw).ok());
        match pressed.filter(|pressed| pressed.len() < raw.len()) {
            Some(bytes) => Kept { coding: ZSTANDARD, bytes },
            None => Kept { coding: PLAIN, bytes: raw },
        }
    }
}

/// The letter as it came.
pub(super) fn unpressed(coding: i64, bytes: Vec<u8>) -> Result<Vec<u8>> {
    match coding {
        PLAIN => Ok(bytes),
        ZSTANDARD => zstd::stream::decode_all(bytes.as_slice())
            .map_err(|error| StoreError::Damaged(format!("a letter cannot be decompressed: {error}"))),
        _ => Err(StoreError::Damaged(format!("a letter is compressed in a way ({coding}) that is not known here"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_comes_back_as_it_was_kept() {
        let mut press = Press::new();
        let text = "Ten days from the Missouri to the sea. ".repeat(300).into_bytes();
        let noise: Vec<u8> = (0..2000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for raw in [text, noise, Vec::new(), b"x".to_vec()] {
            let kept = press.press(raw.clone());
            assert!(kept.bytes.len() <= raw.len());
            assert_eq!(unpressed(kept.coding, kept.bytes).unwrap(), raw);
        }
    }

    #[test]
    fn what_was_kept_otherwise_is_an_error() {
        assert!(matches!(unpressed(77, Vec::new()), Err(StoreError::Damaged(_))));
        assert!(matches!(unpressed(ZSTANDARD, b"noise".to_vec()), Err(StoreError::Damaged(_))));
    }
}
