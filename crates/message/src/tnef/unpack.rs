//! Packed RTF ([MS-OXRTFCP]): a window of 4096 octets that begins with what most RTF begins with.

use super::properties::Reader;

const PACKED: u32 = 0x7546_5a4c;
const PLAIN: u32 = 0x414c_454d;
const WINDOW: usize = 4096;
const BEGINNING: &[u8; 207] =
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \
\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// The RTF, as far as it can be unpacked and at most `limit` octets of it; `None` if it is none.
pub(super) fn unpack(packed: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut reader = Reader::new(packed);
    reader.u32()?;
    let length = (reader.u32()? as usize).min(limit);
    let kind = reader.u32()?;
    reader.u32()?;
    match kind {
        PLAIN => Some(reader.up_to(length).to_vec()),
        PACKED => Some(inflate(reader, length)),
        _ => None,
    }
}

fn inflate(mut reader: Reader<'_>, length: usize) -> Vec<u8> {
    // What was written so far, behind what it is taken to begin with: the window is its last 4096 octets.
    let mut out = BEGINNING.to_vec();
    let end = BEGINNING.len() + length;
    'all: while out.len() < end {
        let Some(control) = reader.u8() else { break };
        for bit in 0..8 {
            if out.len() >= end {
                break 'all;
            }
            if control >> bit & 1 == 0 {
                let Some(octet) = reader.u8() else { break 'all };
                out.push(octet);
                continue;
            }
            let (Some(high), Some(low)) = (reader.u8(), reader.u8()) else { break 'all };
            let word = usize::from(high) << 8 | usize::from(low);
            let (offset, run) = (word >> 4, (word & 0xf) + 2);
            let at = out.len() % WINDOW;
            if offset == at {
                break 'all;
            }
            // How far back the window's place lies; what was never written is a space.
            let back = (at + WINDOW - offset - 1) % WINDOW + 1;
            for _ in 0..run {
                let octet = out.len().checked_sub(back).and_then(|from| out.get(from).copied());
                out.push(octet.unwrap_or(b' '));
            }
        }
    }
    out.truncate(end);
    out.split_off(BEGINNING.len())
}
