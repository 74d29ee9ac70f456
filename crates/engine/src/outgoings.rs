//! Outgoings: the Outbox, the timeline, and manual orders.

use crate::Engine;
use crate::accounts::is_scheduled;
use crate::calls::{AttemptArgs, OutgoingArgs, OutgoingListArgs, OutgoingOrderArgs};
use crate::drafts::draft_of;
use crate::error::Error;
use crate::view::{DraftView, OutgoingFilter, OutgoingOrder, OutgoingRow, OutgoingView, Transcript};
use jiff::Timestamp;
use model::{Address, CallError, Delivery, DeliveryId, DeliveryState, HoldReason, Mark, Outgoing, OutgoingId};
use std::collections::HashSet;
use store::Order;

/// How many outgoings a list gives at most.
const MAX_ROWS: u32 = 1000;

impl Engine {
    pub(crate) async fn outgoing_list(&self, args: OutgoingListArgs) -> Result<Vec<OutgoingRow>, Error> {
        let filter = match args.filter {
            OutgoingFilter::All => store::OutgoingFilter::All,
            OutgoingFilter::Outbox | OutgoingFilter::Scheduled => store::OutgoingFilter::Open,
        };
        let outgoings = self.store().outgoings(filter, MAX_ROWS, 0).await?;
        let wanted = |outgoing: &Outgoing| match args.filter {
            OutgoingFilter::All => true,
            OutgoingFilter::Scheduled => is_scheduled(outgoing),
            OutgoingFilter::Outbox => !is_scheduled(outgoing),
        };
        let late = self.late(&outgoings).await?;
        Ok(outgoings.into_iter().filter(wanted).filter_map(|outgoing| row(outgoing, &late)).collect())
    }

    pub(crate) async fn outgoing_show(&self, args: OutgoingArgs) -> Result<OutgoingView, Error> {
        let outgoing = self.require_outgoing(args.outgoing).await?;
        let copy = self.store().letter_by_message_id(outgoing.account, &outgoing.message_id).await?;
        let attempts = self.store().attempts(outgoing.id).await?;
        Ok(OutgoingView {
            warnings: self.warnings_of(&outgoing, &attempts).await?,
            attempts,
            document: format!("outgoing/{}", outgoing.id),
            copy: copy.map(|row| row.id),
            reports: self.reports_on(&outgoing).await?,
            late: self.late(std::slice::from_ref(&outgoing)).await?,
            signed_by: self.signed_by(outgoing.id).await?,
            unsigned: self.store().why_unsigned(outgoing.id).await?,
            outgoing,
        })
    }

    /// An outgoing with its attempts, for the command line.
    pub async fn timeline(&self, id: OutgoingId) -> Result<OutgoingView, CallError> {
        Ok(self.outgoing_show(OutgoingArgs { outgoing: id }).await?)
    }

    /// Outgoings, newest first, for the command line.
    pub async fn outgoings(&self, limit: u32) -> Result<Vec<Outgoing>, CallError> {
        Ok(self.store().outgoings(store::OutgoingFilter::All, limit, 0).await.map_err(Error::from)?)
    }

    pub(crate) async fn outgoing_order(&self, args: OutgoingOrderArgs) -> Result<OutgoingView, Error> {
        let order = match &args.order {
            OutgoingOrder::Retry | OutgoingOrder::RetryFailed => Order::Retry,
            OutgoingOrder::Hold => Order::Hold,
            OutgoingOrder::Release => Order::Release,
            OutgoingOrder::Cancel => Order::Cancel,
            OutgoingOrder::Dismiss => Order::Dismiss,
            OutgoingOrder::Route { route } => Order::Route(self.known_route(route.clone()).await?),
        };
        let outgoing = self.require_outgoing(args.outgoing).await?;
        let failed_only = args.order == OutgoingOrder::RetryFailed;
        let changed = match failed_only {
            true => self.retry_failed(&outgoing, args.delivery).await?,
            false => self.store().order(args.outgoing, args.delivery, order.clone(), Timestamp::now()).await?,
        };
        if changed == 0 {
            return Err(if failed_only { nothing_failed() } else { nothing_to_do(&order) }.into());
        }
        self.outgoing_show(OutgoingArgs { outgoing: args.outgoing }).await
    }

    async fn retry_failed(&self, outgoing: &Outgoing, only: Option<DeliveryId>) -> Result<usize, Error> {
        let failed = outgoing.deliveries.iter().filter(|delivery| delivery.state.is_refused());
        let mut changed = 0;
        for delivery in failed.filter(|delivery| only.is_none_or(|only| only == delivery.id)) {
            changed += self.store().order(outgoing.id, Some(delivery.id), Order::Retry, Timestamp::now()).await?;
        }
        Ok(changed)
    }

    /// The draft is on disk before anything is taken back, so that at every moment the letter is somewhere. Where it is
    /// too late, the letter goes on to everybody.
    pub(crate) async fn outgoing_undo(&self, args: OutgoingArgs) -> Result<DraftView, Error> {
        let outgoing = self.require_outgoing(args.outgoing).await?;
        if !waits_for_all(&outgoing) {
            return Err(too_late());
        }
        let draft = self.draft_from(&outgoing, &recipients(&outgoing, |_| true)).await?;
        if !self.hold_back(&outgoing, waits_for_all).await? {
            self.store().delete_draft(draft.id).await?;
            return Err(too_late());
        }
        self.store().order(outgoing.id, None, Order::Cancel, Timestamp::now()).await?;
        Ok(draft)
    }

    /// Holds what waits. Where somebody was faster, so that it is not as it should be, what waited goes on.
    async fn hold_back(&self, before: &Outgoing, is_as_it_should: impl Fn(&Outgoing) -> bool) -> Result<bool, Error> {
        self.store().order(before.id, None, Order::Hold, Timestamp::now()).await?;
        if is_as_it_should(&self.require_outgoing(before.id).await?) {
            return Ok(true);
        }
        for delivery in before.deliveries.iter().filter(|one| one.hold != Some(HoldReason::Paused)) {
            self.store().order(before.id, Some(delivery.id), Order::Release, Timestamp::now()).await?;
        }
        Ok(false)
    }

    pub(crate) async fn outgoing_edit(&self, args: OutgoingArgs) -> Result<DraftView, Error> {
        let outgoing = self.require_outgoing(args.outgoing).await?;
        let before = who_needs_it(&outgoing)?;
        let draft = self.draft_from(&outgoing, &before).await?;
        // Since we looked somebody may have got it, or be getting it.
        if !self.hold_back(&outgoing, |now| who_needs_it(now).ok().as_ref() == Some(&before)).await? {
            self.store().delete_draft(draft.id).await?;
            return Err(on_the_wire());
        }
        self.store().order(outgoing.id, None, Order::Cancel, Timestamp::now()).await?;
        self.store().order(outgoing.id, None, Order::Dismiss, Timestamp::now()).await?;
        Ok(draft)
    }

    /// A draft with the content of an outgoing, to these of its recipients.
    async fn draft_from(&self, outgoing: &Outgoing, recipients: &HashSet<String>) -> Result<DraftView, Error> {
        let raw = self.store().outgoing_bytes(outgoing.id).await?;
        let parsed = message::parse(&raw);
        let (account, identity) = self.sender(outgoing.account, outgoing.sender.as_ref()).await?;
        let bcc = self.store().outgoing_bcc(outgoing.id).await?;
        let bcc = bcc.iter().map(|address| Address::new(None, address.to_string())).collect();
        let mut draft = draft_of(&account, &identity, &parsed, bcc, outgoing);
        for list in [&mut draft.to, &mut draft.cc, &mut draft.bcc] {
            list.retain(|address| recipients.iter().any(|wanted| wanted.eq_ignore_ascii_case(&address.address)));
        }
        let id = self.store().save_draft(None, &draft).await?;
        let parts: Vec<usize> = parsed.attachments.iter().map(|part| part.part).collect();
        self.attach_parts(id, &parsed, &raw, &parts).await?;
        self.show_draft(id).await
    }

    pub(crate) async fn attempt_transcript(&self, args: AttemptArgs) -> Result<Transcript, Error> {
        let text = self.store().transcript(args.attempt).await?;
        Ok(Transcript { attempt: args.attempt, text: text.unwrap_or_default() })
    }

    async fn require_outgoing(&self, id: OutgoingId) -> Result<Outgoing, Error> {
        self.store().outgoing(id).await?.ok_or_else(|| Error::not_found(format!("outgoing {id}")))
    }
}

/// Whether nobody has it, or is getting it.
fn waits_for_all(outgoing: &Outgoing) -> bool {
    use DeliveryState::{Cancelled, Deferred, Held, Queued};
    outgoing.deliveries.iter().all(|delivery| matches!(delivery.state, Held | Queued | Deferred | Cancelled))
}

fn too_late() -> Error {
    let message = "it has left already, for some of its recipients at least";
    CallError::new("too-late", message, "The timeline shows who has it.").into()
}

/// The recipients that did not get it, or all where everybody has it.
fn who_needs_it(outgoing: &Outgoing) -> Result<HashSet<String>, Error> {
    if outgoing.deliveries.iter().any(|delivery| delivery.state == DeliveryState::Sending) {
        return Err(on_the_wire());
    }
    let without = recipients(outgoing, |delivery| !delivery.state.is_taken());
    Ok(if without.is_empty() { recipients(outgoing, |_| true) } else { without })
}

fn recipients(outgoing: &Outgoing, wanted: impl Fn(&Delivery) -> bool) -> HashSet<String> {
    let chosen = outgoing.deliveries.iter().filter(|delivery| wanted(delivery));
    chosen.map(|delivery| delivery.address.to_string()).collect()
}

fn on_the_wire() -> Error {
    let message = "the letter is on its way to a server at this moment";
    CallError::new("busy", message, "Try again in a moment, when it is known who has it.").into()
}

fn row(outgoing: Outgoing, late: &[DeliveryId]) -> Option<OutgoingRow> {
    let states: Vec<DeliveryState> = outgoing.deliveries.iter().map(|delivery| delivery.state).collect();
    let mark = Mark::of(&states)?;
    let speaking = outgoing.deliveries.iter().find(|delivery| delivery.state == mark.state);
    let title = speaking.and_then(|delivery| delivery.diagnosis.as_ref()).map(|diagnosis| diagnosis.title.clone());
    Some(OutgoingRow {
        late: outgoing.deliveries.iter().any(|delivery| late.contains(&delivery.id)),
        id: outgoing.id,
        from: outgoing.from,
        to: outgoing.deliveries.iter().map(|delivery| delivery.address.to_string()).collect(),
        subject: outgoing.subject,
        created_at: outgoing.created_at,
        next_attempt_at: outgoing
            .deliveries
            .iter()
            .filter(|d| d.state.is_open())
            .filter_map(|d| d.next_attempt_at)
            .min(),
        title: title.unwrap_or_default(),
        mark,
    })
}

fn nothing_failed() -> CallError {
    CallError::new("no-change", "nothing failed", "queue show says where each delivery is.")
}

fn nothing_to_do(order: &Order) -> CallError {
    let message = match order {
        Order::Retry => "nothing is waiting to be tried",
        Order::Hold => "nothing can be held any more",
        Order::Release => "nothing is held",
        Order::Cancel => "nothing can be taken back any more",
        Order::Route(_) => "nothing is left that could go another way",
        Order::Dismiss => "nothing was refused",
    };
    CallError::new("no-change", message, "queue show says where each delivery is.")
}
