//! What the frame of a letter is filled with, and what the window says about it: images that wait, trackers that were
//! taken out, and what looks odd about the letter.

use crate::Engine;
use crate::error::Error;
use crate::images::{ImageScope, new_word};
use crate::view::{Document, LetterRow};
use message::Parsed;
use message::html::links::{self, Link};
use message::html::{self, Colours, HtmlOptions, Quotation, Room, SafeHtml};
use message::lookalike::Landmarks;
use message::raster::raster;
use message::reply::is_forward;
use message::suspicion::{self, Head, Known, Weight};
use model::{Address, CallError, LetterId, OutgoingId, ReportId, Role};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use ts_rs::TS;

/// Where the shell serves letters; custom schemes are plain hosts on Windows.
const LETTER_ORIGIN: &str = if cfg!(windows) { "http://letter.localhost/" } else { "letter://localhost/" };
/// The same as a source expression of a Content-Security-Policy.
const LETTER_SOURCE: &str = if cfg!(windows) { "http://letter.localhost" } else { "letter:" };
/// Links that are pointed out in one letter.
const MOST_LINKS: usize = 3;
/// People that a sender is compared with: those written to most lately.
const MOST_PEOPLE: usize = 1_000;
/// How long the people are remembered.
const PEOPLE_KEPT: Duration = Duration::from_secs(60);

/// What the window says about the frame of a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LetterLook {
    /// The hosts that its remote images come from.
    pub image_hosts: Vec<String>,
    /// Why its remote images are shown without asking; `None` where they wait.
    pub images_by: Option<ImageScope>,
    /// The address that images can be allowed for; `None` where they can be shown once alone.
    pub images_of: Option<String>,
    /// Why a permission that there is for its sender does not count for this letter, in a sentence.
    pub images_doubt: Option<String>,
    /// The services whose trackers were taken out.
    pub tracked_by: Vec<String>,
    /// What it says of colours.
    pub colours: LetterColours,
    /// What looks odd about it, what matters most first.
    pub warnings: Vec<LetterWarning>,
}

/// What a letter says of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum LetterColours {
    /// Nothing: it takes those of the window.
    #[default]
    None,
    /// It has its own, and they can be turned for a dark window.
    Own,
    /// It has such as cannot be turned; it lies on a light sheet.
    Fixed,
}

/// Something odd about a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LetterWarning {
    /// How much there is to it.
    pub weight: Weight,
    /// A sentence.
    pub text: String,
}

/// A link that was clicked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
pub struct LinkArgs {
    /// Where it leads.
    pub url: String,
}

/// What there is to say of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkView {
    /// The host in the letters of its language, where it is written otherwise in the link.
    pub shown_host: Option<String>,
    /// What is wrong with it.
    pub warning: Option<LetterWarning>,
}

/// How the frame wants a letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    remote: bool,
    dark: bool,
}

impl Wish {
    fn of(query: &str) -> Self {
        let says = |wanted: &str| query.split('&').any(|pair| pair == wanted);
        Self { remote: says("remote=1"), dark: says("dark=1") }
    }

    /// The same in the colours of the letter.
    pub(crate) fn light(self) -> Self {
        Self { dark: false, ..self }
    }
}

impl Engine {
    /// What the frame of a letter asks for below the scheme `letter`: `42` is the document of letter 42, `42/cid/…` an
    /// image that came with it, `outgoing/7` what was sent, `report/3` a report on it, `42/print` the letter for paper,
    /// `remote/…` an image from elsewhere. In the query of a document `remote=1` lets its images in, `dark=1` turns its colours for a dark window, and `find=…`
    /// (percent-encoded) marks what this query is looking for.
    pub async fn document(&self, path: &str, query: &str) -> Result<Document, CallError> {
        let document = self.find_document(path, Wish::of(query)).await?;
        Ok(crate::search::with_hits(document, query))
    }

    async fn find_document(&self, path: &str, wish: Wish) -> Result<Document, Error> {
        let parts: Vec<&str> = path.trim_matches('/').splitn(4, '/').collect();
        let number = |text: &str| text.parse::<i64>().map_err(|_| Error::not_found("such document"));
        match parts.as_slice() {
            ["remote", word, image] => self.remote_image(word, image).await,
            ["outgoing", id] => {
                let raw = self.store().outgoing_bytes(OutgoingId(number(id)?)).await?;
                document_aside(raw, format!("outgoing/{id}"), wish).await
            }
            ["outgoing", id, "cid", cid] => {
                inline_image(&self.store().outgoing_bytes(OutgoingId(number(id)?)).await?, cid)
            }
            ["report", id] => {
                let (_, raw) = self.require_report(ReportId(number(id)?)).await?;
                document_aside(raw, format!("report/{id}"), wish).await
            }
            [id] => self.letter_document(LetterId(number(id)?), wish).await,
            [id, "print"] => self.print_document(LetterId(number(id)?), wish).await,
            [id, "cid", cid] => inline_image(&self.require_raw(LetterId(number(id)?)).await?, cid),
            [id, ..] => {
                let rest = path.trim_matches('/').split_once('/').map(|(_, rest)| rest).unwrap_or_default();
                let document = self.attachment_document(LetterId(number(id)?), rest).await?;
                document.ok_or_else(|| Error::not_found("such document"))
            }
            [] => Err(Error::not_found("such document")),
        }
    }

    pub(crate) async fn letter_document(&self, id: LetterId, wish: Wish) -> Result<Document, Error> {
        let raw = self.require_raw(id).await?;
        if !wish.remote {
            return document_aside(raw, id.to_string(), wish).await;
        }
        let word = new_word();
        let remote_base = Some(format!("{LETTER_ORIGIN}remote/{word}/"));
        let look = aside(move || {
            let parsed = message::parse(&raw);
            safe_html(&parsed, &HtmlOptions { remote_base, ..options(&parsed, &id.to_string(), wish) })
        });
        let look = look.await?;
        let account = self.require_letter(id).await?.account;
        self.inner.images.offer(word, look.remote_images, self.inner.worlds.net(Some(account)));
        Ok(served(look.document))
    }

    /// What the window says about the frame of a letter that lies here.
    pub(crate) async fn letter_look(
        &self,
        row: &LetterRow,
        parsed: &Parsed,
        safe: &SafeHtml,
    ) -> Result<LetterLook, Error> {
        let is_ours = row.outgoing.is_some();
        let sender = parsed.from.first().map(|from| from.address.clone());
        let warnings = if is_ours { Vec::new() } else { self.warnings(parsed, safe).await? };
        let is_trusted = !is_ours && warnings.first().is_none_or(|first| first.weight < Weight::Warning);
        // Whoever sends what is not wanted is told nothing by a permission that was given to the name he uses.
        let may_always = is_trusted && !self.is_junk(row).await?;
        let images_of = sender.filter(|sender| may_always && sender.contains('@'));
        let allowed = match &images_of {
            Some(sender) => self.store().image_permission_for(sender).await?.map(ImageScope::from),
            None => None,
        };
        // From is what anybody can write: a permission is for whom it was given to.
        let is_theirs = match (allowed, row.letter) {
            (Some(_), Some(id)) if !safe.remote_hosts.is_empty() => self.seems_from_its_sender(id).await?,
            _ => true,
        };
        let allowed = counting(images_of, allowed, is_theirs);
        Ok(LetterLook {
            image_hosts: safe.remote_hosts.clone(),
            images_by: allowed.by,
            images_of: allowed.of,
            images_doubt: allowed.doubt,
            tracked_by: safe.tracked_by.clone(),
            colours: colours(safe.colours),
            warnings,
        })
    }

    async fn is_junk(&self, row: &LetterRow) -> Result<bool, Error> {
        let Some(mailbox) = row.mailbox else { return Ok(false) };
        Ok(self.store().mailbox(mailbox).await?.is_some_and(|mailbox| mailbox.role == Some(Role::Junk)))
    }

    /// What there is to say of a link before it is opened.
    pub(crate) async fn link_look(&self, args: LinkArgs) -> Result<LinkView, Error> {
        let (own, people) = (self.own_people().await?, self.people().await?);
        let link = Link { text: String::new(), target: args.url };
        let fault = links::judge(&link, &landmarks(&Known { own: &own, people: &people }));
        let warning = fault.map(|fault| LetterWarning { weight: fault.weight(), text: fault.to_string() });
        Ok(LinkView { shown_host: links::shown_host(&link.target), warning })
    }

    async fn warnings(&self, parsed: &Parsed, safe: &SafeHtml) -> Result<Vec<LetterWarning>, Error> {
        let (own, people) = (self.own_people().await?, self.people().await?);
        let (from, reply_to, by_list) = (parsed.from.clone(), parsed.reply_to.clone(), parsed.list_id.is_some());
        let links = safe.links.clone();
        aside(move || {
            let head = Head { from: &from, reply_to: &reply_to, by_list };
            judged(&head, &links, &Known { own: &own, people: &people })
        })
        .await
    }

    async fn own_people(&self) -> Result<Vec<Address>, Error> {
        let name_of = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
        let accounts = self.store().accounts().await?;
        let identities = accounts.iter().flat_map(|account| &account.identities);
        Ok(identities.map(|one| Address::new(name_of(&one.name), one.address.to_string())).collect())
    }

    /// The people whom the user writes to.
    async fn people(&self) -> Result<Arc<Vec<Address>>, Error> {
        if let Some(people) = self.inner.people.fresh() {
            return Ok(people);
        }
        let mut written: Vec<store::Correspondent> = self.store().correspondents().await?;
        written.retain(|one| one.dealings.sent > 0);
        written.sort_by_key(|one| std::cmp::Reverse(one.dealings.last_sent));
        let as_address =
            |one: store::Correspondent| Address::new(Some(one.name).filter(|name| !name.is_empty()), one.address);
        let people: Arc<Vec<Address>> = Arc::new(written.into_iter().take(MOST_PEOPLE).map(as_address).collect());
        self.inner.people.keep(people.clone());
        Ok(people)
    }
}

/// The people whom the user writes to, for a while.
#[derive(Default)]
pub(crate) struct People(Mutex<Option<(Instant, Arc<Vec<Address>>)>>);

impl People {
    fn fresh(&self) -> Option<Arc<Vec<Address>>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(since, _)| since.elapsed() < PEOPLE_KEPT).map(|(_, people)| people.clone())
    }

    fn keep(&self, people: Arc<Vec<Address>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), people));
    }
}

/// What looks odd about a letter, what matters most first.
fn judged(head: &Head<'_>, links: &[Link], known: &Known<'_>) -> Vec<LetterWarning> {
    let of_sender = suspicion::oddities(head, known)
        .into_iter()
        .map(|oddity| LetterWarning { weight: oddity.weight(), text: oddity.to_string() });
    let of_links = links::faults(links, &landmarks(known), MOST_LINKS)
        .into_iter()
        .map(|fault| LetterWarning { weight: fault.weight(), text: fault.to_string() });
    let mut warnings: Vec<LetterWarning> = of_sender.chain(of_links).collect();
    warnings.sort_by_key(|warning| std::cmp::Reverse(warning.weight));
    warnings
}

/// The sites that a domain could be taken for, besides the famous ones.
fn landmarks(known: &Known<'_>) -> Landmarks {
    let addresses = known.own.iter().chain(known.people).filter_map(|one| one.address.rsplit_once('@'));
    Landmarks::new(addresses.map(|(_, domain)| message::lookalike::site(domain)))
}

/// What a permission means for one letter.
#[derive(Debug, PartialEq, Eq)]
struct Allowed {
    by: Option<ImageScope>,
    of: Option<String>,
    doubt: Option<String>,
}

/// What counts of the permission of a sender, who may be given one where `sender` is known. One that there is already
/// counts where the letter seems to be theirs, and cannot be given again where it does not.
fn counting(sender: Option<String>, permission: Option<ImageScope>, is_theirs: bool) -> Allowed {
    match (sender, permission) {
        (Some(sender), Some(_)) if !is_theirs => {
            let doubt =
                format!("Images from {sender} are always loaded, but nothing shows that this letter is from there.");
            Allowed { by: None, of: None, doubt: Some(doubt) }
        }
        (of, by) => Allowed { by, of, doubt: None },
    }
}

/// Reading, cleaning and judging a letter of a stranger's making takes as long as that stranger likes, within bounds: not
/// on a thread that others wait for.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let stumbled = |_| CallError::new("internal", "this letter could not be read", "Its source can be shown.");
    tokio::task::spawn_blocking(work).await.map_err(|error| stumbled(error).into())
}

fn colours(colours: Colours) -> LetterColours {
    match colours {
        Colours::None => LetterColours::None,
        Colours::Own => LetterColours::Own,
        Colours::Fixed => LetterColours::Fixed,
    }
}

/// What a letter is made of before anybody asked for its images.
pub(crate) fn looked_at(parsed: &Parsed) -> SafeHtml {
    safe_html(parsed, &options(parsed, "", Wish::default()))
}

fn safe_html(parsed: &Parsed, options: &HtmlOptions) -> SafeHtml {
    match (&parsed.html, &parsed.text) {
        (Some(foreign), _) => html::safe(foreign, options),
        (None, text) => html::text_document(text.as_deref().unwrap_or_default(), options.quotation),
    }
}

fn options(parsed: &Parsed, base: &str, wish: Wish) -> HtmlOptions {
    HtmlOptions {
        cid_base: format!("{LETTER_ORIGIN}{base}/cid/"),
        remote_base: None,
        room: if wish.dark { Room::Dark } else { Room::AsSent },
        quotation: if is_forward(&parsed.subject) { Quotation::Open } else { Quotation::Folded },
    }
}

fn document_of(raw: &[u8], base: &str, wish: Wish) -> Document {
    let parsed = message::parse(raw);
    served(safe_html(&parsed, &options(&parsed, base, wish)).document)
}

async fn document_aside(raw: Vec<u8>, base: String, wish: Wish) -> Result<Document, Error> {
    aside(move || document_of(&raw, &base, wish)).await
}

/// A message as the document of a frame, its own images below this path, nothing remote.
pub(crate) fn as_document(raw: &[u8], base: &str) -> Document {
    document_of(raw, base, Wish::default())
}

fn served(document: String) -> Document {
    Document {
        content_type: "text/html; charset=utf-8".to_owned(),
        policy: html::csp(LETTER_SOURCE),
        body: document.into_bytes(),
    }
}

/// Only pictures are served, whatever they are called: anything else could be a document of its own.
pub(crate) fn inline_image(raw: &[u8], cid: &str) -> Result<Document, Error> {
    let part = message::attachment_by_content_id(raw, &percent_decoded(cid));
    let (picture, body) =
        part.and_then(|(_, body)| Some((raster(&body)?, body))).ok_or_else(|| Error::not_found("such image"))?;
    let content_type = picture.kind.media_type().to_owned();
    Ok(Document { content_type, policy: "default-src 'none'; sandbox".to_owned(), body })
}

pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ids_come_percent_encoded() {
        assert_eq!(percent_decoded("a%40b%2Ftest%"), "a@b/test%");
    }

    #[test]
    fn the_frame_says_how_it_wants_a_letter() {
        let table = [
            ("", false, false),
            ("remote=1", true, false),
            ("remote=1&dark=1", true, true),
            ("dark=10&remote=", false, false),
        ];
        for (query, remote, dark) in table {
            assert_eq!(Wish::of(query), Wish { remote, dark }, "{query}");
        }
    }

    #[test]
    fn a_permission_counts_in_letters_that_seem_to_be_the_senders() {
        let anna = || Some("anna@b.test".to_owned());
        let by = Some(ImageScope::Sender);
        assert_eq!(counting(anna(), by, true), Allowed { by, of: anna(), doubt: None });
        assert_eq!(counting(anna(), None, true), Allowed { by: None, of: anna(), doubt: None });
        assert_eq!(counting(None, None, true), Allowed { by: None, of: None, doubt: None });
        let forged = counting(anna(), by, false);
        assert_eq!((forged.by, forged.of), (None, None));
        assert!(forged.doubt.is_some_and(|doubt| doubt.contains("anna@b.test")));
    }

    #[test]
    fn what_matters_most_is_told_first() {
        let raw = b"From: PayPal <service@paypa1.com>\r\nReply-To: x@evil.test\r\nSubject: Your account\r\n\
            Content-Type: text/html\r\n\r\n<a href='https://evil.test/'>www.paypal.com</a>";
        let parsed = message::parse(raw);
        let head = Head { from: &parsed.from, reply_to: &parsed.reply_to, by_list: false };
        let told = judged(&head, &looked_at(&parsed).links, &Known::default());
        let told: Vec<(Weight, &str)> = told.iter().map(|one| (one.weight, one.text.as_str())).collect();
        assert_eq!(
            told,
            [
                (Weight::Warning, "The sender’s domain paypa1.com looks like paypal.com but is another domain."),
                (Weight::Note, "An answer would go to x@evil.test, not to the sender at service@paypa1.com."),
                (Weight::Note, "A link says www.paypal.com but leads to evil.test."),
            ]
        );
    }
}
