//! Files that stand in a part of a message without being parts themselves: in a `winmail.dat`, and in the text.
//!
//! They are numbered so that no number can be one of a part: the number of the part that holds them, and above it their
//! place in it. The same bytes always number alike.

use crate::attached::{extension, media_type_of, safe_name};
use crate::mime::{self, Part, Tree};
use crate::{AttachmentPart, tnef, uu};
use std::collections::HashSet;

/// More than parts are read of any message.
const STEP: usize = 1 << 16;

/// A file in a part.
pub(crate) struct InnerFile {
    name: String,
    media_type: Option<String>,
    content_id: Option<String>,
    pub bytes: Vec<u8>,
}

/// The part that a number means, and the place of a file in it.
pub(crate) fn address(number: usize) -> (usize, Option<usize>) {
    (number % STEP, (number / STEP).checked_sub(1))
}

/// The files in this part, in order.
pub(crate) fn files(part: &Part<'_>) -> Vec<InnerFile> {
    let (bytes, _) = mime::decode(part);
    if holds_tnef(part) {
        let files = tnef::read(&bytes).unwrap_or_default().files.into_iter();
        return files
            .map(|file| InnerFile {
                name: file.name,
                media_type: file.media_type,
                content_id: file.content_id,
                bytes: file.bytes,
            })
            .collect();
    }
    let files = uu::files(&bytes).into_iter();
    files.map(|file| InnerFile { name: file.name, media_type: None, content_id: None, bytes: file.bytes }).collect()
}

/// The file of this number.
pub(crate) fn file(tree: &Tree<'_>, number: usize) -> Option<InnerFile> {
    let (part, place) = address(number);
    let part = tree.parts.get(part).filter(|part| !part.is_container)?;
    let place = place?;
    files(part).into_iter().nth(place)
}

/// The files in this part, described; `shown` are the Content-IDs that the letter shows in place.
pub(crate) fn describe(tree: &Tree<'_>, number: usize, shown: &HashSet<String>) -> Vec<AttachmentPart> {
    let Some(part) = tree.parts.get(number) else { return Vec::new() };
    files(part).into_iter().enumerate().map(|(place, file)| described(number, place, file, shown)).collect()
}

/// The file with this Content-ID in a `winmail.dat` of the message, and its number.
pub(crate) fn by_content_id(tree: &Tree<'_>, content_id: &str) -> Option<(AttachmentPart, Vec<u8>)> {
    let holders = (0..tree.parts.len()).filter(|number| tree.parts.get(*number).is_some_and(holds_tnef));
    let shown = HashSet::from([content_id.to_owned()]);
    holders.take(3).find_map(|number| {
        let all = files(tree.parts.get(number)?);
        let (place, file) =
            all.into_iter().enumerate().find(|(_, file)| file.content_id.as_deref() == Some(content_id))?;
        let bytes = file.bytes.clone();
        Some((described(number, place, file, &shown), bytes))
    })
}

/// Whether a part is a `winmail.dat`.
pub(crate) fn holds_tnef(part: &Part<'_>) -> bool {
    !part.is_container && tnef::is_tnef(&part.fields.media_type, part.fields.name.as_deref())
}

fn described(part: usize, place: usize, file: InnerFile, shown: &HashSet<String>) -> AttachmentPart {
    let number = part + (place + 1) * STEP;
    let name = safe_name(&file.name);
    let content_type = file.media_type.unwrap_or_else(|| media_type_of(&name).to_owned());
    let name = match name.is_empty() {
        true => format!("part-{part}-{}.{}", place + 1, extension(&content_type)),
        false => name,
    };
    AttachmentPart {
        part: number,
        name,
        content_type,
        size: file.bytes.len() as u64,
        inline: file.content_id.as_ref().is_some_and(|id| shown.contains(id)),
        content_id: file.content_id,
    }
}
