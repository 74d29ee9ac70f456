//! Files that letters bring: looked at, saved, opened, and letters within letters read.
//!
//! - A file is named by its letter, the attached letters it lies within, and its number there ([`AttachmentRef`]).
//! - What is looked at in the window: raster images, text, and PDF; each is what its octets are, not what it says it is.
//! - What is saved is never a program: no right to run it, a harmless name, and nothing written over without a word. It bears
//!   the system's mark of what came from elsewhere, where there is one.
//! - What is opened is opened by the system's program for it, from a copy that only its owner can read and nobody can
//!   write, so that nobody takes it for the file itself. [`danger`] says what is never opened.

pub mod danger;
mod names;
mod origin;

use crate::Engine;
use crate::error::Error;
use crate::frame::{as_document, aside};
use crate::letters::unfiled_letter;
use crate::view::{Document, LetterView};
use danger::Care;
use jiff::Timestamp;
use message::AttachmentPart;
use message::raster::raster;
use model::{CallError, LetterId};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use ts_rs::TS;

/// Letters within letters that are followed.
const DEEPEST: usize = 8;
/// Characters of a text that are shown.
const MOST_TEXT: usize = 400_000;
/// Octets of a file that are shown in the window.
const LARGEST_SHOWN: u64 = 64 * 1024 * 1024;
/// Where copies that are opened lie, below the home.
const OPENED: &str = "opened";

/// Which file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
pub struct AttachmentRef {
    /// Of which letter.
    pub letter: LetterId,
    /// The attached letters it lies within, by their numbers, from the outermost; none for most.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<u32>>")]
    pub within: Vec<u32>,
    /// Its number there.
    pub part: u32,
}

/// A file and where it goes.
#[derive(Debug, Deserialize, TS)]
pub struct AttachmentSaveArgs {
    /// Which file.
    #[serde(flatten)]
    pub file: AttachmentRef,
    /// The file to write.
    pub path: String,
}

/// All files of a letter, and where they go.
#[derive(Debug, Deserialize, TS)]
pub struct AttachmentSaveAllArgs {
    /// Of which letter.
    pub letter: LetterId,
    /// The attached letters they lie within.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<u32>>")]
    pub within: Vec<u32>,
    /// The folder.
    pub folder: String,
}

/// A letter in a letter.
#[derive(Debug, Deserialize, TS)]
pub struct AttachedArgs {
    /// The outer one.
    pub letter: LetterId,
    /// The attached letters down to it, by their numbers, from the outermost.
    pub within: Vec<u32>,
}

/// A file, as it can be looked at in the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Preview {
    /// Its name.
    pub name: String,
    /// Its size in octets.
    #[ts(type = "number")]
    pub size: u64,
    /// Whether it may be opened.
    pub care: Care,
    /// What there is to look at.
    pub look: Look,
}

/// What of a file can be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "look")]
pub enum Look {
    /// A picture, at this path below the scheme `letter`.
    Image {
        /// The path.
        path: String,
    },
    /// Text.
    Text {
        /// The text.
        text: String,
        /// Whether there is more of it.
        cut: bool,
    },
    /// A PDF; the shell hands out its octets.
    Pdf,
    /// A letter, opened as one.
    Letter,
    /// Nothing.
    Nothing,
}

/// The octets of a file and what its letter says of it.
struct File {
    about: AttachmentPart,
    bytes: Vec<u8>,
}

impl Engine {
    /// What of a file can be looked at.
    pub(crate) async fn attachment_preview(&self, args: AttachmentRef) -> Result<Preview, Error> {
        let raw = self.raw_within(args.letter, &args.within).await?;
        aside(move || preview(&raw, &args)).await?
    }

    /// Writes a file where the user said; what was there is written over, as they agreed to.
    pub(crate) async fn attachment_save(&self, args: AttachmentSaveArgs) -> Result<(), Error> {
        let file = self.file_of(&args.file).await?;
        let path = PathBuf::from(args.path);
        let written = tokio::fs::write(&path, file.bytes).await.and_then(|()| names::not_to_be_run(&path));
        written.map_err(|error| Error::file("written", &path, &error))?;
        let marked = tokio::task::spawn_blocking(move || origin::mark(&path)).await;
        marked.map_err(|error| CallError::new("internal", error.to_string(), "").into())
    }

    /// Writes every file of a letter into a folder, and says under which names.
    pub(crate) async fn attachment_save_all(&self, args: AttachmentSaveAllArgs) -> Result<Vec<String>, Error> {
        let raw = self.raw_within(args.letter, &args.within).await?;
        let folder = PathBuf::from(args.folder);
        let saved = tokio::task::spawn_blocking(move || save_all(&raw, &folder)).await;
        saved.map_err(|error| CallError::new("internal", error.to_string(), ""))?
    }

    /// A letter that is attached to another, opened. It lies in no mailbox.
    pub(crate) async fn attached_show(&self, args: AttachedArgs) -> Result<LetterView, Error> {
        let raw = self.raw_within(args.letter, &args.within).await?;
        let outer = self.require_letter(args.letter).await?.row.date;
        aside(move || unfiled_letter(&raw, outer, &base_of(args.letter, &args.within))).await
    }

    /// Writes a copy of a file for the system's program to open, and says where it is. What is not to be opened is refused
    /// here, whoever asks.
    pub async fn attachment_to_open(&self, file: AttachmentRef) -> Result<PathBuf, CallError> {
        Ok(self.copy_to_open(file).await?)
    }

    async fn copy_to_open(&self, args: AttachmentRef) -> Result<PathBuf, Error> {
        let file = self.file_of(&args).await?;
        if danger::care(&file.about.name, &file.about.content_type, &file.bytes) == Care::SaveOnly {
            let message = format!("{} could run as a program and is not opened", file.about.name);
            return Err(CallError::new("dangerous", message, "Save it if you know what it is.").into());
        }
        let folder = self.home().join(OPENED);
        let copied = tokio::task::spawn_blocking(move || copy(&folder, &file)).await;
        let copied = copied.map_err(|error| CallError::new("internal", error.to_string(), ""))?;
        copied.map_err(|error| Error::file("written", &self.home().join(OPENED), &error))
    }

    /// The octets of a file that the window draws itself.
    pub async fn attachment_octets(&self, file: AttachmentRef) -> Result<Vec<u8>, CallError> {
        let file = self.file_of(&file).await?;
        if file.about.size > LARGEST_SHOWN {
            return Err(CallError::new("too-large", "this file is too large to be shown here", "Save it."));
        }
        Ok(file.bytes)
    }

    /// What the scheme `letter` serves of files: `part/3` a picture, `within/2.1` an attached letter, `within/2.1/part/3`
    /// a picture in it, `within/2.1/cid/…` one that its text shows. `None` for a path that is none of these.
    pub(crate) async fn attachment_document(&self, letter: LetterId, rest: &str) -> Result<Option<Document>, Error> {
        let (within, rest) = match rest.strip_prefix("within/") {
            Some(rest) => rest.split_once('/').unwrap_or((rest, "")),
            None => ("", rest),
        };
        let within: Vec<u32> = within.split('.').filter_map(|part| part.parse().ok()).collect();
        let raw = self.raw_within(letter, &within).await?;
        let rest = rest.to_owned();
        aside(move || document_in(&raw, letter, &within, &rest)).await?
    }

    async fn file_of(&self, of: &AttachmentRef) -> Result<File, Error> {
        let raw = self.raw_within(of.letter, &of.within).await?;
        let part = of.part;
        aside(move || file_in(&raw, part)).await?
    }

    /// A letter, or one that is attached to it.
    async fn raw_within(&self, letter: LetterId, within: &[u32]) -> Result<Vec<u8>, Error> {
        let raw = self.require_raw(letter).await?;
        if within.is_empty() {
            return Ok(raw);
        }
        let within = within.to_vec();
        aside(move || letter_within(raw, &within)).await?
    }
}

/// Removes the copies that were opened in former times.
pub(crate) fn sweep(home: &Path) {
    if let Err(error) = std::fs::remove_dir_all(home.join(OPENED))
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "copies of attachments that were opened could not be removed");
    }
}

fn base_of(letter: LetterId, within: &[u32]) -> String {
    let within: Vec<String> = within.iter().map(u32::to_string).collect();
    format!("{letter}/within/{}", within.join("."))
}

fn letter_within(mut raw: Vec<u8>, within: &[u32]) -> Result<Vec<u8>, Error> {
    if within.len() > DEEPEST {
        return Err(Error::not_found("letter so deep in others"));
    }
    for part in within {
        let file = file_in(&raw, *part)?;
        if !is_letter(&file.about) {
            return Err(Error::not_found("such attached letter"));
        }
        raw = file.bytes;
    }
    Ok(raw)
}

fn document_in(raw: &[u8], letter: LetterId, within: &[u32], rest: &str) -> Result<Option<Document>, Error> {
    match rest.split_once('/') {
        None if rest.is_empty() && !within.is_empty() => Ok(Some(as_document(raw, &base_of(letter, within)))),
        Some(("part", part)) => {
            let file = file_in(raw, part.parse().unwrap_or(u32::MAX))?;
            let picture = raster(&file.bytes).ok_or_else(|| Error::not_found("such picture"))?;
            let content_type = picture.kind.media_type();
            Ok(Some(picture_document(content_type, file.bytes)))
        }
        Some(("cid", cid)) if !within.is_empty() => crate::frame::inline_image(raw, cid).map(Some),
        _ => Ok(None),
    }
}

fn preview(raw: &[u8], of: &AttachmentRef) -> Result<Preview, Error> {
    let file = file_in(raw, of.part)?;
    let care = danger::care(&file.about.name, &file.about.content_type, &file.bytes);
    let look = look_at(&file, raw, of);
    Ok(Preview { size: file.bytes.len() as u64, name: file.about.name, care, look })
}

fn file_in(raw: &[u8], part: u32) -> Result<File, Error> {
    let missing = || Error::not_found("such attachment");
    let about = message::parse(raw).attachments.into_iter().find(|about| about.part == part as usize);
    let bytes = message::attachment(raw, part as usize).ok_or_else(missing)?;
    Ok(File { about: about.ok_or_else(missing)?, bytes })
}

fn is_letter(about: &AttachmentPart) -> bool {
    matches!(about.content_type.as_str(), "message/rfc822" | "message/global")
}

fn look_at(file: &File, raw: &[u8], of: &AttachmentRef) -> Look {
    let content_type = file.about.content_type.as_str();
    if is_letter(&file.about) {
        return Look::Letter;
    }
    if file.bytes.len() as u64 > LARGEST_SHOWN {
        return Look::Nothing;
    }
    if raster(&file.bytes).is_some() {
        let base = match of.within.as_slice() {
            [] => of.letter.to_string(),
            within => base_of(of.letter, within),
        };
        return Look::Image { path: format!("{base}/part/{}", of.part) };
    }
    // RFC 3778: a few octets may stand before it.
    if file.bytes.get(..1024.min(file.bytes.len())).is_some_and(|head| head.windows(5).any(|five| five == b"%PDF-")) {
        return Look::Pdf;
    }
    let is_text = content_type.starts_with("text/") && !content_type.contains("html")
        || matches!(content_type, "application/json" | "application/xml" | "message/delivery-status")
        || ["txt", "log", "md", "csv", "json", "diff", "patch"].iter().any(|one| ends_with(&file.about.name, one));
    match is_text.then(|| message::attachment_text(raw, of.part as usize)).flatten() {
        Some(text) => {
            let cut = text.char_indices().nth(MOST_TEXT).map(|(at, _)| at);
            let shown = text.get(..cut.unwrap_or(text.len())).unwrap_or_default().to_owned();
            Look::Text { text: shown, cut: cut.is_some() }
        }
        None => Look::Nothing,
    }
}

fn ends_with(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case(extension))
}

fn picture_document(content_type: &str, body: Vec<u8>) -> Document {
    Document { content_type: content_type.to_owned(), policy: "default-src 'none'; sandbox".to_owned(), body }
}

fn save_all(raw: &[u8], folder: &Path) -> Result<Vec<String>, Error> {
    let parsed = message::parse(raw);
    let mut saved = Vec::new();
    for about in crate::letters::files(&parsed) {
        let Some(bytes) = message::attachment(raw, about.part) else { continue };
        let path = names::save_new(folder, &about.name, &bytes)
            .map_err(|error| Error::file("written", &folder.join(&about.name), &error))?;
        origin::mark(&path);
        saved.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
    }
    Ok(saved)
}

/// Each copy lies in a folder of its own, so that it keeps its name.
fn copy(folder: &Path, file: &File) -> std::io::Result<PathBuf> {
    let own = folder.join(Timestamp::now().as_nanosecond().to_string());
    std::fs::create_dir_all(&own)?;
    keep_private(folder, 0o700)?;
    let path = names::save_new(&own, &file.about.name, &file.bytes)?;
    origin::mark(&path);
    keep_private(&path, 0o400)?;
    Ok(path)
}

fn keep_private(path: &Path, mode: u32) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
    Ok(())
}
