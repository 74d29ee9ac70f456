//! Mailing lists that a letter came by, and how to leave them.
//!
//! | the letter says | what is offered |
//! |---|---|
//! | `https:` and List-Unsubscribe-Post (RFC 8058), both covered by a signature that is right | one click: a POST that carries nothing of ours, no cookie, no address |
//! | `mailto:` | a letter to that address, through the queue, where it can be taken back |
//! | `https:` alone, or one that nothing signed | the page, opened in the browser after it was shown where it leads |
//!
//! Whether the signature covers the fields is looked at when somebody wants to leave, not before: it asks DNS. A place in
//! a network that is not public is never asked, or a letter could have the reader ask their own router. That a list was
//! asked to let go is remembered; whether it did, nobody here knows.

use crate::Engine;
use crate::authenticity::Look;
use crate::calls::{DraftSendArgs, LetterArgs};
use crate::drafts::blank;
use crate::error::Error;
use jiff::Timestamp;
use message::{ListUnsubscribe, Parsed, mailto};
use model::{CallError, LetterId, OutgoingId};
use net::{ForeignBounds, ForeignError, Net};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use store::Draft;
use ts_rs::TS;

/// What of the answer of the list's host is waited for; nothing in it matters but its status.
const BOUNDS: ForeignBounds = ForeignBounds { largest: 64 * 1024, patience: Duration::from_secs(20), redirects: 0 };

/// A mailing list, as a letter of it shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListView {
    /// Its name: the List-Id, or the address that it writes from.
    pub name: String,
    /// When it was asked to let go.
    #[ts(type = "string | null")]
    pub left_at: Option<Timestamp>,
    /// How it can be left; `None` where the letter does not say.
    pub way: Option<LeaveWay>,
}

/// How a list is left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "way")]
pub enum LeaveWay {
    /// One request to this host.
    OneClick {
        /// The host.
        host: String,
    },
    /// A letter to this address.
    Letter {
        /// The address.
        address: String,
        /// What it says in its subject; may be empty.
        subject: String,
    },
    /// A page in the browser.
    Page {
        /// Its address.
        url: String,
    },
}

/// What came of the wish to leave a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "left")]
pub enum Left {
    /// Its host took the request.
    Asked,
    /// A letter to it is in the outbox.
    Written {
        /// Which.
        outgoing: OutgoingId,
    },
    /// It needs another way: nothing shows that the request would be the list's own wish.
    Otherwise {
        /// Which.
        way: Option<LeaveWay>,
    },
}

/// What to do about a list.
#[derive(Debug, Deserialize, TS)]
pub struct ListLeaveArgs {
    /// A letter of it.
    pub letter: LetterId,
    /// The way that was shown and agreed to.
    pub way: LeaveWay,
}

impl Engine {
    /// The list that a letter came by.
    pub(crate) async fn list_show(&self, args: LetterArgs) -> Result<Option<ListView>, Error> {
        let Some(raw) = self.store().raw(args.letter).await? else { return Ok(None) };
        let parsed = message::parse(header_of(&raw));
        let Some(name) = name_of(&parsed) else { return Ok(None) };
        let left_at = self.store().left_list(&name).await?;
        Ok(Some(ListView { name, left_at, way: parsed.list_unsubscribe.as_ref().and_then(|how| ways(how).next()) }))
    }

    /// Leaves a list in the way that was agreed to. For a page, it is noted that it was opened.
    pub(crate) async fn list_leave(&self, args: ListLeaveArgs) -> Result<Left, Error> {
        let raw = self.require_raw(args.letter).await?;
        let parsed = message::parse(header_of(&raw));
        let (Some(name), Some(how)) = (name_of(&parsed), parsed.list_unsubscribe.clone()) else {
            return Err(Error::not_found("mailing list that this letter came by"));
        };
        if !ways(&how).any(|way| way == args.way) {
            return Err(Error::not_found("such way to leave this list"));
        }
        let left = match args.way {
            LeaveWay::OneClick { .. } => self.ask_to_leave(args.letter, &how).await?,
            LeaveWay::Letter { .. } => self.write_to_leave(args.letter, &how).await?,
            LeaveWay::Page { .. } => Left::Asked,
        };
        if !matches!(left, Left::Otherwise { .. }) {
            self.store().leave_list(&name, Timestamp::now()).await?;
        }
        Ok(left)
    }

    async fn ask_to_leave(&self, id: LetterId, how: &ListUnsubscribe) -> Result<Left, Error> {
        let otherwise = || Left::Otherwise { way: ways(how).find(|way| !matches!(way, LeaveWay::OneClick { .. })) };
        let finding = self.authenticity(id, Look::All).await?;
        let covered = finding.and_then(|finding| finding.covers_unsubscribing).unwrap_or(false);
        let Some(url) = how.https.as_deref().filter(|_| covered) else { return Ok(otherwise()) };
        let account = self.require_letter(id).await?.account;
        let net = self.inner.worlds.usable_net(Some(account))?;
        post(&net, url).await?;
        Ok(Left::Asked)
    }

    async fn write_to_leave(&self, id: LetterId, how: &ListUnsubscribe) -> Result<Left, Error> {
        let asked = how.mailto.as_deref().and_then(letter_asked_for);
        let asked = asked.ok_or_else(|| Error::not_found("address to write to"))?;
        let letter = self.require_letter(id).await?;
        // The list knows the address that it wrote to.
        let written_to = letter.row.to.iter().filter_map(|to| model::EmailAddress::parse(&to.address).ok()).next();
        let (account, identity) = self.sender(Some(letter.account), written_to.as_ref()).await?;
        let draft = Draft {
            to: asked.to,
            subject: asked.subject,
            // The window shows whom it goes to, not what else somebody would have the user say.
            html: String::new(),
            ..blank(&account, &identity)
        };
        let draft = self.keep_new(&draft).await?;
        let outgoing = self.draft_send(DraftSendArgs { draft: draft.id, at: None }).await?;
        Ok(Left::Written { outgoing })
    }
}

/// The request of RFC 8058 §3.2: nothing but the two words. It follows no redirect, as §3.1 says.
async fn post(net: &Net, url: &str) -> Result<(), Error> {
    let host = host_of(url);
    let status = match net.post_foreign(url, "List-Unsubscribe=One-Click", BOUNDS).await {
        Ok(status) => status,
        Err(error @ (ForeignError::NotPublic(_) | ForeignError::Address(_))) => {
            return Err(CallError::new("refused", error.to_string(), "Leave it in another way.").into());
        }
        Err(error) => return Err(not_reached(&host, &error)),
    };
    if (200..300).contains(&status) {
        return Ok(());
    }
    let message = format!("{host} did not take the request: it answered {status}");
    Err(CallError::new("refused", message, "Try again later, or look for a link at the end of the letter.").into())
}

fn not_reached(host: &str, why: &dyn std::fmt::Display) -> Error {
    CallError::new("unavailable", format!("{host} could not be asked: {why}"), "Try again later.").into()
}

/// Every way that a letter offers, the easiest first.
fn ways(how: &ListUnsubscribe) -> impl Iterator<Item = LeaveWay> {
    let one_click = how.https.iter().filter(|_| how.one_click).map(|url| LeaveWay::OneClick { host: host_of(url) });
    let letter = how.mailto.as_deref().and_then(letter_asked_for).into_iter().filter_map(|asked| {
        let address = asked.to.first()?.address.clone();
        Some(LeaveWay::Letter { address, subject: asked.subject })
    });
    let page = how.https.iter().map(|url| LeaveWay::Page { url: url.clone() });
    let ways: Vec<LeaveWay> = one_click.chain(letter).chain(page).collect();
    ways.into_iter()
}

/// The letter that a `mailto:` asks for: to one recipient, who is shown before it is written.
fn letter_asked_for(url: &str) -> Option<mailto::Mailto> {
    let asked = mailto::parse(url)?;
    (asked.to.len() == 1 && asked.cc.is_empty() && asked.bcc.is_empty()).then_some(asked)
}

/// By its List-Id, or by the address that it writes from; `None` for a letter that came by no list.
fn name_of(parsed: &Parsed) -> Option<String> {
    let from = || parsed.from.first().map(|from| from.address.clone());
    parsed.list_unsubscribe.as_ref()?;
    parsed.list_id.clone().or_else(from).filter(|name| !name.is_empty())
}

/// The part of a letter that says how to leave, and a little more.
fn header_of(raw: &[u8]) -> &[u8] {
    let end = raw.windows(4).take(1 << 19).position(|window| window == b"\r\n\r\n");
    raw.get(..end.map_or(raw.len(), |end| end + 4)).unwrap_or(raw)
}

fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map(|(_, rest)| rest).unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = if host.starts_with('[') { host.split(']').next() } else { host.split(':').next() };
    host.unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn how(https: Option<&str>, mailto: Option<&str>, one_click: bool) -> ListUnsubscribe {
        ListUnsubscribe { https: https.map(str::to_owned), mailto: mailto.map(str::to_owned), one_click }
    }

    #[test]
    fn the_easiest_way_that_a_letter_offers_comes_first() {
        let url = "https://lists.test/leave?id=1";
        let one_click = LeaveWay::OneClick { host: "lists.test".into() };
        let page = LeaveWay::Page { url: url.into() };
        let letter = |subject: &str| LeaveWay::Letter { address: "leave@lists.test".into(), subject: subject.into() };
        let table = [
            (how(Some(url), None, true), vec![one_click.clone(), page.clone()]),
            (how(Some(url), Some("mailto:leave@lists.test"), true), vec![one_click, letter(""), page.clone()]),
            (how(Some(url), Some("mailto:leave@lists.test?subject=out"), false), vec![letter("out"), page.clone()]),
            (how(Some(url), None, false), vec![page.clone()]),
            // Nobody is written to besides who is shown.
            (how(Some(url), Some("mailto:leave@lists.test?cc=boss@b.test"), false), vec![page.clone()]),
            (how(Some(url), Some("mailto:a@b.test,c@d.test"), false), vec![page]),
            (how(None, Some("nonsense"), false), vec![]),
        ];
        for (how, expected) in table {
            assert_eq!(ways(&how).collect::<Vec<_>>(), expected, "{how:?}");
        }
    }

    #[test]
    fn the_host_that_is_shown_is_the_one_that_is_asked() {
        let table = [
            ("https://lists.test/leave", "lists.test"),
            ("https://Lists.TEST:444?x", "lists.test"),
            ("https://bank.test@evil.test/x", "evil.test"),
            ("https://[2001:db8::1]:444/x", "2001:db8::1"),
        ];
        for (url, host) in table {
            assert_eq!(host_of(url), host, "{url}");
        }
    }
}
