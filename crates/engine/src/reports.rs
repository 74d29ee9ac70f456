//! The reports on letters that failed or are late: opened, saved, sent on. And what is shown of the destinations and
//! recipients that were learned of.

use crate::Engine;
use crate::calls::{DestinationArgs, RecipientWarningsArgs, ReportArgs, ReportSaveArgs};
use crate::drafts::blank;
use crate::error::Error;
use crate::letters::report_letter;
use crate::view::{DestinationView, DraftView, Nothing, RecipientWarning, ReportOpened, ReportView};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{CallError, DeliveryId, EmailAddress, Outgoing, ReportId, shown_domain};
use std::path::Path;
use store::{Draft, RefusedRecipient, StoredReport};

impl Engine {
    /// Shown as a letter, which it is: only that it never came from anywhere.
    pub(crate) async fn report_show(&self, args: ReportArgs) -> Result<ReportOpened, Error> {
        let (report, bytes) = self.require_report(args.report).await?;
        Ok(ReportOpened {
            letter: report_letter(&report, &bytes),
            source: String::from_utf8_lossy(&bytes).into_owned(),
            report: view(&report),
        })
    }

    pub(crate) async fn report_save(&self, args: ReportSaveArgs) -> Result<(), Error> {
        let (_, bytes) = self.require_report(args.report).await?;
        let path = Path::new(&args.path);
        tokio::fs::write(path, bytes).await.map_err(|error| Error::file("written", path, &error))
    }

    pub(crate) async fn report_forward(&self, args: ReportArgs) -> Result<DraftView, Error> {
        let (report, bytes) = self.require_report(args.report).await?;
        let outgoing = self.store().outgoing(report.outgoing).await?;
        let (account, sender) = outgoing.map(|outgoing| (outgoing.account, outgoing.sender)).unwrap_or_default();
        let (account, identity) = self.sender(account, sender.as_ref()).await?;
        let subject = message::parse(&bytes).subject;
        let draft = Draft { subject: format!("Fwd: {subject}"), ..blank(&account, &identity) };
        let id = self.store().save_draft(None, &draft).await?;
        let name = format!("report-{}.eml", report.id);
        self.store().add_attachment(id, &name, "message/rfc822", None, bytes).await?;
        self.show_draft(id).await
    }

    pub(crate) async fn require_report(&self, id: ReportId) -> Result<(StoredReport, Vec<u8>), Error> {
        self.store().report(id).await?.ok_or_else(|| Error::not_found("such report"))
    }

    /// The reports about an outgoing, oldest first.
    pub(crate) async fn reports_on(&self, outgoing: &Outgoing) -> Result<Vec<ReportView>, Error> {
        Ok(self.store().reports(outgoing.id).await?.iter().map(view).collect())
    }

    /// The deliveries of these that are late.
    pub(crate) async fn late(&self, outgoings: &[Outgoing]) -> Result<Vec<DeliveryId>, Error> {
        let waiting = |outgoing: &&Outgoing| outgoing.deliveries.iter().any(|delivery| delivery.state.is_waiting());
        if !outgoings.iter().any(|outgoing| waiting(&outgoing)) {
            return Ok(Vec::new());
        }
        let notice = outbound::read_delays(self.store()).await.unwrap_or_default().notice;
        let Some(since) = outbound::due_for(self.store(), Timestamp::now(), notice).await? else {
            return Ok(Vec::new());
        };
        let deliveries = outgoings.iter().flat_map(|outgoing| &outgoing.deliveries);
        let late = deliveries.filter(|delivery| delivery.state.is_waiting() && delivery.due_since <= since);
        Ok(late.map(|delivery| delivery.id).collect())
    }

    /// What is no address yet is passed over: the composer asks while somebody types.
    pub(crate) async fn recipient_warnings(
        &self,
        args: RecipientWarningsArgs,
    ) -> Result<Vec<RecipientWarning>, Error> {
        let addresses: Vec<EmailAddress> =
            args.addresses.iter().filter_map(|text| EmailAddress::parse(text).ok()).collect();
        Ok(self.store().refused_recipients(&addresses).await?.into_iter().map(warning).collect())
    }

    pub(crate) async fn destination_list(&self, _: Nothing) -> Result<Vec<DestinationView>, Error> {
        let destinations = self.store().destinations().await?.into_iter();
        // What is known of a provider's greylist alone is no destination of anybody's letters.
        Ok(destinations
            .filter(|(_, learned)| learned.first_seen.is_some() || learned.last_failure.is_some())
            .map(|(domain, learned)| DestinationView {
                domain: shown_domain(&domain),
                first_seen: learned.first_seen,
                last_success: learned.last_success,
                last_failure: learned.last_failure,
                greylist_seconds: learned.greylist_seconds,
                tls_offered: learned.tls_offered,
                tls_version: learned.tls_version,
                size_limit: learned.size_limit,
                refused_us: learned.refused_us,
            })
            .collect())
    }

    pub(crate) async fn destination_forget(&self, args: DestinationArgs) -> Result<Vec<DestinationView>, Error> {
        let domain = args.domain.trim();
        let somebody = EmailAddress::parse(&format!("postmaster@{domain}"));
        let known = somebody.as_ref().map_or(domain, EmailAddress::domain);
        if !self.store().forget_destination(known).await? {
            return Err(CallError::new("not-found", format!("nothing is known of “{domain}”"), "").into());
        }
        self.destination_list(Nothing {}).await
    }
}

fn view(report: &StoredReport) -> ReportView {
    ReportView { id: report.id, delivery: report.delivery, kind: report.kind, created_at: report.created_at }
}

fn warning(refused: RefusedRecipient) -> RecipientWarning {
    let date = refused.refused_at.to_zoned(TimeZone::system()).strftime("%-d %B %Y");
    RecipientWarning {
        message: format!(
            "On {date} the server of {} said that {} does not exist.",
            refused.address.domain(),
            refused.address
        ),
        address: refused.address.to_string(),
        refused_at: refused.refused_at,
        reply: refused.reply,
    }
}
