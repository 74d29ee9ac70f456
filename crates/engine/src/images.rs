//! Remote images of letters: fetched by this program when the reader allows it, and served to the frame by it.
//!
//! A frame never asks a stranger. The document of a letter whose images are allowed names them by a word that nobody can
//! guess and a number; only what stands in such a document can be had, and only while the document is remembered. What
//! was fetched is kept in memory, within bounds, and nowhere else: a letter that is opened again asks nobody.
//!
//! Known trackers are never fetched, nor is anything that leads to one. What comes is served only if its first octets are
//! those of a picture.

use crate::Engine;
use crate::error::Error;
use crate::view::{Document, Nothing};
use jiff::Timestamp;
use message::html;
use message::raster::raster;
use model::CallError;
use net::{ForeignBounds, Net};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::ImageReach;
use tokio::sync::Semaphore;
use ts_rs::TS;

/// What of a stranger's answer is waited for.
const BOUNDS: ForeignBounds =
    ForeignBounds { largest: 12 * 1024 * 1024, patience: Duration::from_secs(30), redirects: 5 };
/// Images that are fetched at once.
const AT_ONCE: usize = 6;
/// Documents whose images can be asked for.
const OFFERS: usize = 64;
/// Images of one letter that can be asked for.
const MOST_IMAGES: usize = 500;
/// Octets of images that are kept.
const KEPT: usize = 48 * 1024 * 1024;

/// How far a permission to show images reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ImageScope {
    /// Letters from one address.
    Sender,
    /// Letters from any address of a domain.
    Domain,
}

impl From<ImageReach> for ImageScope {
    fn from(reach: ImageReach) -> Self {
        match reach {
            ImageReach::Sender => Self::Sender,
            ImageReach::Domain => Self::Domain,
        }
    }
}

impl From<ImageScope> for ImageReach {
    fn from(scope: ImageScope) -> Self {
        match scope {
            ImageScope::Sender => Self::Sender,
            ImageScope::Domain => Self::Domain,
        }
    }
}

/// A permission to show images, or what one is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, TS)]
pub struct ImagePermissionArgs {
    /// How far it reaches.
    pub scope: ImageScope,
    /// The address or the domain.
    pub name: String,
}

/// A permission to show images.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImagePermissionView {
    /// How far it reaches.
    pub scope: ImageScope,
    /// The address or the domain.
    pub name: String,
    /// Since when.
    #[ts(type = "string")]
    pub granted_at: Timestamp,
}

impl Engine {
    pub(crate) async fn image_permission_list(&self, _: Nothing) -> Result<Vec<ImagePermissionView>, Error> {
        let view = |one: store::ImagePermission| ImagePermissionView {
            scope: one.reach.into(),
            name: one.name,
            granted_at: one.granted_at,
        };
        Ok(self.store().image_permissions().await?.into_iter().map(view).collect())
    }

    pub(crate) async fn image_permission_grant(
        &self,
        args: ImagePermissionArgs,
    ) -> Result<Vec<ImagePermissionView>, Error> {
        let name = name_of(&args)?;
        self.store().grant_images(args.scope.into(), &name, Timestamp::now()).await?;
        self.image_permission_list(Nothing {}).await
    }

    pub(crate) async fn image_permission_revoke(
        &self,
        args: ImagePermissionArgs,
    ) -> Result<Vec<ImagePermissionView>, Error> {
        self.store().revoke_images(args.scope.into(), args.name.trim()).await?;
        self.image_permission_list(Nothing {}).await
    }

    /// An image of a document that was served with images.
    pub(crate) async fn remote_image(&self, word: &str, number: &str) -> Result<Document, Error> {
        let images = &self.inner.images;
        let number = number.parse::<usize>().map_err(|_| not_offered())?;
        let (url, net) = images.offered(word, number).ok_or_else(not_offered)?;
        if let Some(kept) = images.kept(&url) {
            return Ok(kept.document());
        }
        let _turn = images.turns.acquire().await.map_err(|_| not_offered())?;
        if let Some(kept) = images.kept(&url) {
            return Ok(kept.document());
        }
        let bytes = net.fetch_foreign(&url, BOUNDS, |url| html::tracking_service(url).is_none()).await;
        let bytes = bytes.map_err(|error| not_fetched(&error.to_string()))?;
        let picture = raster(&bytes).ok_or_else(|| not_fetched("what came is no picture"))?;
        let image = Image { media_type: picture.kind.media_type(), bytes: bytes.into() };
        images.keep(url, image.clone());
        Ok(image.document())
    }
}

/// An address with a domain, or a domain, in the form in which it is compared.
fn name_of(args: &ImagePermissionArgs) -> Result<String, Error> {
    let name = args.name.trim().to_lowercase();
    let domain = match args.scope {
        ImageScope::Sender => name.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default(),
        ImageScope::Domain => name.as_str(),
    };
    let is_name = !domain.is_empty() && !domain.contains('@') && !name.contains(char::is_whitespace);
    if is_name {
        Ok(name)
    } else {
        Err(Error::invalid(format!("“{name}” names nobody"), "Give an address or a domain."))
    }
}

fn not_offered() -> Error {
    CallError::new("not-found", "this image is not to be had", "Open the letter again.").into()
}

fn not_fetched(why: &str) -> Error {
    CallError::new("image", format!("the image was not fetched: {why}"), "").into()
}

/// What is remembered of remote images.
pub(crate) struct Images {
    offers: Mutex<VecDeque<Offer>>,
    kept: Mutex<Kept>,
    turns: Semaphore,
}

impl Default for Images {
    fn default() -> Self {
        Self { offers: Mutex::default(), kept: Mutex::default(), turns: Semaphore::new(AT_ONCE) }
    }
}

/// The images of one document.
struct Offer {
    word: String,
    urls: Vec<String>,
    net: Net,
}

#[derive(Clone)]
struct Image {
    media_type: &'static str,
    bytes: Arc<[u8]>,
}

impl Image {
    fn document(&self) -> Document {
        Document {
            content_type: self.media_type.to_owned(),
            policy: "default-src 'none'; sandbox".to_owned(),
            body: self.bytes.to_vec(),
        }
    }
}

#[derive(Default)]
struct Kept {
    /// The one that was asked for last stands last.
    images: VecDeque<(String, Image)>,
    octets: usize,
}

impl Images {
    /// Makes images askable, and gives the word to ask with. They are fetched over the network of the letter's account.
    pub fn offer(&self, word: String, mut urls: Vec<String>, net: Net) {
        urls.truncate(MOST_IMAGES);
        let mut offers = self.offers.lock().unwrap_or_else(PoisonError::into_inner);
        if offers.len() >= OFFERS {
            offers.pop_front();
        }
        offers.push_back(Offer { word, urls, net });
    }

    fn offered(&self, word: &str, number: usize) -> Option<(String, Net)> {
        let offers = self.offers.lock().unwrap_or_else(PoisonError::into_inner);
        let offer = offers.iter().find(|offer| offer.word == word)?;
        Some((offer.urls.get(number)?.clone(), offer.net.clone()))
    }

    fn kept(&self, url: &str) -> Option<Image> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.images.iter().position(|(name, _)| name == url)?;
        let found = kept.images.remove(at)?;
        let image = found.1.clone();
        kept.images.push_back(found);
        Some(image)
    }

    fn keep(&self, url: String, image: Image) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.images.iter().any(|(name, _)| *name == url) {
            return;
        }
        kept.octets += image.bytes.len();
        kept.images.push_back((url, image));
        while kept.octets > KEPT {
            let Some((_, oldest)) = kept.images.pop_front() else { break };
            kept.octets -= oldest.bytes.len();
        }
    }
}

/// A word that cannot be guessed.
pub(crate) fn new_word() -> String {
    format!("{:032x}", rand::random::<u128>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use net::NetConfig;

    fn net() -> Net {
        net::install_crypto();
        Net::new(NetConfig { dns: vec![([127, 0, 0, 1], 9).into()], ..NetConfig::default() }).expect("a network")
    }

    fn image(size: usize) -> Image {
        Image { media_type: "image/png", bytes: vec![0; size].into() }
    }

    #[tokio::test]
    async fn only_what_stands_in_a_document_can_be_asked_for_and_old_ones_are_forgotten() {
        let images = Images::default();
        let net = net();
        images.offer("a".to_owned(), vec!["https://x.test/1".to_owned()], net.clone());
        assert_eq!(images.offered("a", 0).map(|(url, _)| url).as_deref(), Some("https://x.test/1"));
        assert!(images.offered("a", 1).is_none() && images.offered("b", 0).is_none());
        for _ in 0..OFFERS {
            images.offer(new_word(), Vec::new(), net.clone());
        }
        assert!(images.offered("a", 0).is_none());
    }

    #[test]
    fn what_was_not_asked_for_lately_makes_room() {
        let images = Images::default();
        images.keep("1".to_owned(), image(KEPT / 2));
        images.keep("2".to_owned(), image(KEPT / 3));
        assert!(images.kept("1").is_some());
        images.keep("3".to_owned(), image(KEPT / 3));
        assert!(images.kept("2").is_none() && images.kept("1").is_some() && images.kept("3").is_some());
    }

    #[test]
    fn a_permission_names_an_address_or_a_domain() {
        let table = [
            (ImageScope::Sender, " Anna@Example.org ", Some("anna@example.org")),
            (ImageScope::Domain, "Example.org", Some("example.org")),
            (ImageScope::Sender, "example.org", None),
            (ImageScope::Domain, "anna@example.org", None),
            (ImageScope::Domain, "", None),
            (ImageScope::Sender, "a b@example.org", None),
        ];
        for (scope, name, expected) in table {
            let args = ImagePermissionArgs { scope, name: name.to_owned() };
            assert_eq!(name_of(&args).ok().as_deref(), expected, "{name}");
        }
    }
}
