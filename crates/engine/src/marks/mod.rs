//! What is said while a letter is written: the mark on each recipient ([`advisor::mark`]), and what the chosen way means for
//! the letter ([`advisor::outlook`]).
//!
//! Both answer at once with what is known here: what earlier letters taught, and what was lately asked. What is still to be
//! asked of DNS goes to the [`desk`], which asks little by little; [`Event::Marks`] says when there is more to tell. No
//! host of a recipient's domain is spoken to for either, and nothing at all is asked where this computer is off line.
//!
//! | module | what it does |
//! |---|---|
//! | [`desk`] | what is asked next, how often, and for how long an answer is kept |
//! | [`looks`] | the questions themselves |
//! | [`facts`] | what is known of a recipient |
//! | [`outlook`] | the ways of a letter, and the worst there is to say of them |

mod desk;
mod facts;
mod looks;
pub(crate) mod outlook;

pub use outlook::{LetterOutlook, LetterOutlookArgs};

use crate::Engine;
use crate::error::Error;
use crate::view::Event;
use advisor::mark::{Mark, mark};
use desk::{Desk, Place, Wanted};
use model::{AccountId, EmailAddress};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use ts_rs::TS;

/// For how long the domains of correspondents are kept in memory: letters that come in change little of them.
const DOMAINS_GOOD_FOR: Duration = Duration::from_secs(60);
/// Domains of correspondents that a misspelt one may have been meant to be, the best known ones.
const MOST_DOMAINS: usize = 2000;

/// The recipients of the letter that is being written.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct RecipientMarksArgs {
    /// From which account; `None` stands for the real network.
    #[serde(default)]
    pub account: Option<AccountId>,
    /// All of them, those that came last at the end; what is not an address is passed over. Only what is named by the last
    /// call is asked about.
    pub addresses: Vec<String>,
    /// Octets of the letter as it travels, where that is known.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub size: Option<u64>,
}

/// The mark on a recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecipientMark {
    /// The recipient, as the call named it.
    pub address: String,
    /// Whether all that can be asked was.
    pub settled: bool,
    /// What it says.
    #[serde(flatten)]
    pub mark: Mark,
}

/// What is remembered between two calls.
#[derive(Default)]
pub(crate) struct Marks {
    desk: Arc<Desk>,
    domains: Mutex<Option<(Instant, Arc<Vec<String>>)>>,
}

impl Marks {
    /// Nothing more is asked.
    pub(crate) fn stop(&self) {
        self.desk.want(Vec::new());
    }

    fn domains(&self) -> Option<Arc<Vec<String>>> {
        let domains = self.domains.lock().unwrap_or_else(PoisonError::into_inner);
        domains.as_ref().filter(|(read, _)| read.elapsed() < DOMAINS_GOOD_FOR).map(|(_, domains)| domains.clone())
    }
}

impl Engine {
    pub(crate) async fn recipient_marks(&self, args: RecipientMarksArgs) -> Result<Vec<RecipientMark>, Error> {
        let recipients = || args.addresses.iter().filter_map(|text| Some((text, EmailAddress::parse(text).ok()?)));
        let addresses: Vec<EmailAddress> = recipients().map(|(_, address)| address).collect();
        let unknown_there = self.store().refused_recipients(&addresses).await?;
        let refused_last = self.store().last_refusals(&addresses).await?;
        let domains = self.domains_people_have().await?;
        let world = self.world_of(args.account).await?;
        let (mut marks, mut wanted) = (Vec::new(), Vec::new());
        for (text, address) in recipients() {
            let place = Place { world, domain: address.domain().to_owned() };
            let learned = self.store().learned(&place.domain).await?;
            let need = facts::need(&place.domain, &learned);
            let seen = self.inner.marks.desk.seen(&place, &domains);
            let settled = desk::lacks(need, &seen, Instant::now()).is_none();
            let unknown = unknown_there.iter().find(|refused| refused.address == address);
            let last = refused_last.iter().find(|last| last.address.eq_ignore_ascii_case(&address.to_string()));
            let refused = unknown.map(facts::no_such_recipient).or_else(|| last.and_then(facts::last_letter));
            let facts = facts::of(&address, &learned, &seen, refused, args.size);
            marks.push(RecipientMark { address: text.clone(), settled, mark: mark(&facts) });
            wanted.push(Wanted { place, need });
        }
        self.ask_about(args.account, wanted);
        Ok(marks)
    }

    /// Lets the desk ask about these, and about nothing else.
    fn ask_about(&self, account: Option<AccountId>, wanted: Vec<Wanted>) {
        if !self.inner.worlds.net(account).is_online() {
            return self.inner.marks.stop();
        }
        let (asking, engine) = (self.clone(), self.clone());
        self.inner.marks.desk.want(wanted);
        // One worker carries out what is wanted in whichever world: each question is asked in its own.
        self.inner.marks.desk.work(
            move |task| {
                let engine = asking.clone();
                Box::pin(async move {
                    match engine.inner.worlds.net_of_world(task.place.world.0) {
                        Some(net) => looks::look(&net, engine.store(), &task).await,
                        None => looks::nobody_says(task.step),
                    }
                })
            },
            move || engine.tell(Event::Marks),
        );
    }

    /// The practice account has a world of its own, and a network that changes is another one.
    async fn world_of(&self, account: Option<AccountId>) -> Result<desk::World, Error> {
        let accounts = self.store().accounts().await?;
        let practice = accounts.iter().find(|one| one.practice && Some(one.id) == account).map(|one| one.id);
        Ok((practice, *self.inner.worlds.net(practice).changes().borrow()))
    }

    async fn domains_people_have(&self) -> Result<Arc<Vec<String>>, Error> {
        if let Some(domains) = self.inner.marks.domains() {
            return Ok(domains);
        }
        let mut domains = self.known_domains().await?;
        domains.truncate(MOST_DOMAINS);
        let domains = Arc::new(domains);
        let mut kept = self.inner.marks.domains.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((Instant::now(), domains.clone()));
        Ok(domains)
    }
}
