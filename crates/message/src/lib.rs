//! Messages as RFC 5322 and MIME have them: read with care, shown safely, written exactly.
//!
//! What comes in are the bytes of a message, from anybody; what goes out are values that the other rooms store, index
//! and show, and the bytes of messages that are written here. Pure: no I/O, no clock. Every reader is total: whatever
//! the bytes are, it returns, within bounds that the modules name, and says what was wrong as a [`Defect`].
//!
//! | module | what it does |
//! |---|---|
//! | [`parse`](fn@parse) | a message to its summary, text, HTML, attachments |
//! | [`calendar`] | invitations to meetings |
//! | [`html`] | foreign HTML to a document that can neither act nor call home; HTML to text and back |
//! | [`compose`] | a letter to bytes |
//! | [`reply`] | the beginnings of an answer or a forward |
//! | [`dkim`] | signatures for messages that go out, their keys, and the records that show them |
//! | [`authenticity`] | whether a letter comes from whom it says |
//! | [`dsn`] | delivery status notifications, read and written |
//! | [`envelope`] | what `sendmail -t` takes from the headers and adds to them |
//! | [`lookalike`] | domains that are made to be taken for others |
//! | [`suspicion`] | senders that are not who they seem to be |
//! | [`raster`](mod@raster) | what an image is, by its octets |
//! | [`mbox`], [`maildir`] | mailboxes as files |
//! | [`mailto`] | the URLs that open a composer |

mod attached;
pub mod authenticity;
pub mod calendar;
pub mod compose;
#[cfg(test)]
mod cpu_time;
pub mod dkim;
pub mod dsn;
pub mod envelope;
mod flowed;
mod header;
pub mod html;
mod inner;
mod letter;
mod local_names;
pub mod lookalike;
pub mod maildir;
pub mod mailto;
pub mod mbox;
mod mime;
mod parse;
mod parsed;
mod percent;
pub mod raster;
pub mod reply;
mod search_text;
mod seven_bit;
mod snippet;
mod summary;
pub mod suspicion;
mod tnef;
mod uu;
pub mod vcard;
mod wire;

pub use attached::safe_name as safe_file_name;
pub use envelope::strip_bcc;
pub use local_names::{is_local_name, with_local_names};
pub use parse::{
    MAX_SEARCH_TEXT, MAX_TEXT, SNIPPET_CHARS, attached_letter, attachment, attachment_by_content_id, attachment_text,
    parse, parse_head,
};
pub use parsed::{AttachedLetter, AttachmentPart, Defect, ListUnsubscribe, Parsed};
pub use seven_bit::to_seven_bit;
pub use wire::{MAX_LINE, has_bare_line_ends, has_long_lines, is_seven_bit, normalise_line_ends};
