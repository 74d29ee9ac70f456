//! Mailboxes: list, make, rename, remove, subscribe (RFC 9051 §6.3). How one is opened stands in `select`.

use super::Session;
use crate::error::SyncError;
use crate::roles::Found;
use crate::wire::command::Command;
use crate::wire::response::{Data, Listed};
use std::collections::HashSet;

/// What LIST says of a mailbox that is subscribed to (RFC 5258 §3.4).
const SUBSCRIBED: &str = "\\Subscribed";

impl Session {
    /// Every mailbox of the account; those that are subscribed to are marked so.
    pub async fn list(&mut self) -> Result<Vec<Found>, SyncError> {
        let plain = Command::new("LIST").string("").string("*");
        if self.capabilities.offers("LIST-EXTENDED") {
            let special = if self.capabilities.offers("SPECIAL-USE") { "SPECIAL-USE " } else { "" };
            let extended = plain.clone().word(format_args!("RETURN ({special}SUBSCRIBED)"));
            match self.listed_by(&extended).await {
                Ok(all) if !all.is_empty() => return Ok(all.into_iter().map(|one| self.found(one)).collect()),
                Err(error) if error.refusal().is_none() => return Err(error),
                _ => {}
            }
        }
        let listed = self.listed_by(&plain).await?;
        let subscribed = self.subscribed().await?;
        let marked = listed.into_iter().map(|one| {
            let mut found = self.found(one);
            if subscribed.as_ref().is_none_or(|paths| paths.contains(&found.path)) {
                found.attributes.push(SUBSCRIBED.to_owned());
            }
            found
        });
        Ok(marked.collect())
    }

    /// The mailboxes that are subscribed to; `None` where the server does not say.
    async fn subscribed(&mut self) -> Result<Option<HashSet<String>>, SyncError> {
        match self.listed_by(&Command::new("LSUB").string("").string("*")).await {
            Ok(all) => Ok(Some(all.iter().map(|one| self.path_of(&one.name)).collect())),
            Err(error) if error.refusal().is_some() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn listed_by(&mut self, command: &Command) -> Result<Vec<Listed>, SyncError> {
        let mut all = Vec::new();
        self.run(command, |data| {
            if let Data::List(listed) = data {
                all.push(listed);
            }
        })
        .await?;
        Ok(all)
    }

    fn found(&mut self, listed: Listed) -> Found {
        let path = self.path_of(&listed.name);
        Found { path, separator: listed.separator, attributes: listed.attributes }
    }

    /// Makes a mailbox; one that exists already is no failure. It is subscribed too, so that other programs show it.
    pub async fn create(&mut self, path: &str) -> Result<(), SyncError> {
        let name = self.wire_name(path);
        match self.run(&Command::new("CREATE").mailbox(&name), |_| {}).await {
            Ok(_) => {}
            Err(error) if error.refusal().is_some_and(|refusal| refusal.has_code(&["ALREADYEXISTS"])) => {}
            Err(error) => return Err(error),
        }
        match self.subscribe(path, true).await {
            Err(error) if error.refusal().is_none() => Err(error),
            _ => Ok(()),
        }
    }

    /// Renames a mailbox, with those inside it. Subscriptions are names and do not move along by themselves.
    pub async fn rename(&mut self, from: &str, to: &str) -> Result<(), SyncError> {
        // Not every server renames the mailbox that is open.
        self.examine("INBOX").await?;
        let command = Command::new("RENAME").mailbox(&self.wire_name(from)).mailbox(&self.wire_name(to));
        self.run(&command, |_| {}).await?;
        for (path, on) in [(to, true), (from, false)] {
            match self.subscribe(path, on).await {
                Err(error) if error.refusal().is_none() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Deletes a mailbox with what is in it.
    pub async fn remove(&mut self, path: &str) -> Result<(), SyncError> {
        self.examine("INBOX").await?;
        self.run(&Command::new("DELETE").mailbox(&self.wire_name(path)), |_| {}).await?;
        match self.subscribe(path, false).await {
            Err(error) if error.refusal().is_none() => Err(error),
            _ => Ok(()),
        }
    }

    /// Subscribes to a mailbox, or no longer.
    pub async fn subscribe(&mut self, path: &str, on: bool) -> Result<(), SyncError> {
        let word = if on { "SUBSCRIBE" } else { "UNSUBSCRIBE" };
        self.run(&Command::new(word).mailbox(&self.wire_name(path)), |_| {}).await.map(drop)
    }

    /// Nothing, so that the server may tell what happened, and to see whether it is still there.
    pub async fn noop(&mut self) -> Result<(), SyncError> {
        self.run(&Command::new("NOOP"), |_| {}).await.map(drop)
    }

    /// The wire name, for commands that name a target.
    pub(super) fn target(&self, path: &str) -> String {
        self.wire_name(path)
    }
}
