//! The recipient: unknown, closed, full, choosy.

use super::super::Class;
use super::super::signature::Signature;
use super::super::verdict::Shade;
const GMAIL: &str = "https://support.google.com/a/answer/3726730";
const MICROSOFT: &str = "https://learn.microsoft.com/en-us/troubleshoot/exchange/email-delivery/ndr/non-delivery-reports-in-exchange-online";
const YAHOO: &str = "https://senders.yahooinc.com/smtp-error-codes/";
const APPLE: &str = "https://support.apple.com/en-us/102322";
const POSTFIX: &str = "https://www.postfix.org/postconf.5.html#reject_unlisted_recipient";
const EXIM: &str = "https://www.exim.org/exim-html-current/doc/html/spec_html/ch-the_default_configuration_file.html";
const SENDMAIL: &str = "https://www.sendmail.org/~ca/email/doc8.12/op-sh-5.html";
const DOVECOT: &str = "https://doc.dovecot.org/latest/core/plugins/quota.html";
const RFC_3463: &str = "https://www.rfc-editor.org/rfc/rfc3463#section-3.2";
const MIMECAST: &str = "https://mimecastsupport.zendesk.com/hc/en-us/articles/34000709564691";
const ORANGE: &str = "https://postmaster.orange.fr/";
const OPENSMTPD: &str = "https://github.com/OpenSMTPD/OpenSMTPD/blob/master/usr.sbin/smtpd/smtp_session.c";
const SISIMAI: &str = "https://libsisimai.org/en/reason/";

/// What known servers write.
pub(super) const KNOWN: &[Signature] = signatures! {
    "OpenSMTPD", "524", "5.2.4", ["mailing list expansion problem"] => NoSuchRecipient,
        "524 5.2.4 Mailing list expansion problem: <nobody@example.org>",
        OPENSMTPD;
    // Closed to some.
    "Microsoft", "550", "5.7.133", [] => RecipientPolicy + shade(Shade::MembersOnly),
        "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required",
        MICROSOFT;
    "Microsoft", "550", "5.7.134", [] => RecipientPolicy + shade(Shade::MembersOnly),
        "550 5.7.134 RESOLVER.RST.SenderNotAuthenticatedForMailbox; authentication required",
        MICROSOFT;
    "Microsoft", "550", "5.7.136", [] => RecipientPolicy + shade(Shade::MembersOnly),
        "550 5.7.136 RESOLVER.RST.SenderNotAuthenticatedForMailUser; authentication required",
        MICROSOFT;
    "Microsoft", "550", "5.7.124", [] => RecipientPolicy + shade(Shade::MembersOnly),
        "550 5.7.124 Sender not in allowed-senders list",
        MICROSOFT;
    "Microsoft", "550", "5.7.129", [] => RecipientPolicy + shade(Shade::MembersOnly),
        "550 5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission; not authorized to send to recipient",
        MICROSOFT;
    "Microsoft", "550", "*", ["resolver.rst.authrequired"] => RecipientPolicy + shade(Shade::MembersOnly),
        "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required",
        MICROSOFT;
    "Microsoft", "550", "*", ["resolver.rst.notauthorized"] => RecipientPolicy + shade(Shade::MembersOnly),
        "550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized",
        MICROSOFT;
    "Microsoft", "550", "5.7.57", [] => RecipientPolicy + shade(Shade::MembersOnly),
        "550 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM",
        MICROSOFT;
    "Microsoft", "550", "5.7.750", [] => SenderUnauthenticated,
        "550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains",
        MICROSOFT;
    "Microsoft", "550", "5.7.193", [] => RecipientPolicy + shade(Shade::MembersOnly),
        "550 5.7.193 UnifiedGroupAgent; Delivery failed because the sender isn't a group member or external senders aren't permitted to send to this group",
        MICROSOFT;
    // Full.
    "Gmail", "452", "4.2.2", ["tried to reach is over quota"] => MailboxFull,
        "452-4.2.2 The email account that you tried to reach is over quota.",
        GMAIL;
    "Gmail", "552", "5.2.2", ["tried to reach is over quota"] => MailboxFull,
        "552 5.2.2 The email account that you tried to reach is over quota and inactive.",
        GMAIL;
    "Gmail", "452", "4.2.2", ["out of storage space"] => MailboxFull,
        "452-4.2.2 The recipient's inbox is out of storage space.",
        GMAIL;
    "Microsoft", "552/554", "*", ["quotaexceeded"] => MailboxFull,
        "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded",
        MICROSOFT;
    "Dovecot", "452/552", "*", ["quota exceeded"] => MailboxFull,
        "552 5.2.2 <anna@example.org> Quota exceeded (mailbox for user is full)",
        DOVECOT;
    "Orange", "5xx", "*", ["boite du destinataire pleine"] => MailboxFull,
        "552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417 [417]",
        ORANGE;
    "Gmail", "552", "5.2.2", ["out of storage space and inactive"] => MailboxFull,
        "552-5.2.2 The recipient's inbox is out of storage space and inactive.",
        GMAIL;
    // No mail at all.
    "RFC 7505", "556", "*", [] => NullMx,
        "556 5.1.10 Recipient address has null MX",
        "https://www.rfc-editor.org/rfc/rfc7505#section-4.2";
    "RFC 7504", "521", "*", ["does not accept mail"] => NullMx,
        "521 mx1.example.org Server does not accept mail",
        "https://www.rfc-editor.org/rfc/rfc7504";
    // Closed mailboxes.
    "Gmail", "450/550", "x.2.1", ["tried to reach is inactive"] => NoSuchRecipient + shade(Shade::Inactive),
        "550 5.2.1 The email account that you tried to reach is inactive.",
        GMAIL;
    "Gmail", "450/550", "x.2.1", ["tried to reach is disabled"] => NoSuchRecipient + shade(Shade::Inactive),
        "550 5.2.1 The email account that you tried to reach is disabled.",
        GMAIL;
    "Yahoo", "554", "*", ["mailbox is disabled"] => NoSuchRecipient + shade(Shade::Inactive),
        "554 30 Sorry, your message to anna@example.org cannot be delivered. This mailbox is disabled (554.30).",
        YAHOO;
    "Apple", "550", "5.1.1", ["inactive email address"] => NoSuchRecipient + shade(Shade::Inactive),
        "550 5.1.1 <anna@example.org>: inactive email address",
        APPLE;
    "Sina and others", "550", "*", ["user is locked"] => NoSuchRecipient + shade(Shade::Inactive),
        "550 user is locked",
        "https://blog.sina.com.cn/s/blog_8dc13ec50101fxxr.html";
    // Unknown mailboxes.
    "Gmail", "550", "5.1.1", ["tried to reach does not exist"] => NoSuchRecipient,
        "550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces.",
        GMAIL;
    "RFC 7505", "5xx", "*", ["null mx"] => NullMx,
        "550 5.1.10 Domain example.org has a null MX",
        "https://www.rfc-editor.org/rfc/rfc7505#section-4.2";
    "Microsoft", "550", "5.1.10", ["not found"] => NoSuchRecipient,
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient anna@example.org not found by SMTP address lookup",
        MICROSOFT;
    "Microsoft", "550", "5.4.1", ["access denied"] => NoSuchRecipient,
        "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)",
        MICROSOFT;
    "Microsoft", "550", "*", ["recipientnotfound"] => NoSuchRecipient,
        "550 5.1.1 RESOLVER.ADR.RecipientNotFound; not found",
        MICROSOFT;
    "Microsoft", "550", "5.1.1", ["resolver.adr"] => NoSuchRecipient,
        "550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found",
        MICROSOFT;
    "Microsoft", "550", "5.5.0", ["mailbox unavailable"] => NoSuchRecipient,
        "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).",
        MICROSOFT;
    "Yahoo", "554", "*", ["doesn't have a", "account"] => NoSuchRecipient,
        "554 delivery error: dd This user doesn't have a yahoo.com account (anna@example.org) [0]",
        YAHOO;
    "Yahoo", "552/554", "*", ["mailbox not found"] => NoSuchRecipient,
        "552 1 Requested mail action aborted, mailbox not found",
        YAHOO;
    "Mimecast", "550", "*", ["=invalid recipient - https://community.mimecast.com/docs/doc-1369#550"] => NoSuchRecipient,
        "550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550",
        MIMECAST;
    "Orange", "5xx", "*", ["un destinataire invalide"] => NoSuchRecipient,
        "550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]",
        ORANGE;
    "Orange", "5xx", "*", ["boite du destinataire archivee"] => NoSuchRecipient + shade(Shade::Inactive),
        "550 5.5.0 Boite du destinataire archivee. Archived recipient. OFR_420 [420]",
        ORANGE;
    "Orange", "5xx", "*", ["le compte du destinataire est bloque"] => NoSuchRecipient + shade(Shade::Inactive),
        "550 5.5.0 Le compte du destinataire est bloque. The recipient account isblocked. LPN007_426",
        ORANGE;
    "Yahoo", "554", "*", ["is no longer valid"] => NoSuchRecipient,
        "554 delivery error: dd anna@example.org is no longer valid.",
        YAHOO;
    "Apple", "550", "5.1.6", ["recipient no longer on server"] => NoSuchRecipient,
        "550 5.1.6 recipient no longer on server: anna@example.org",
        APPLE;
    "Apple", "550", "5.1.1", ["unknown or illegal alias"] => NoSuchRecipient,
        "550 5.1.1 unknown or illegal alias: anna@example.org",
        APPLE;
    "Cox", "5xx", "*", ["recipient rejected", "cox"] => NoSuchRecipient,
        "550 5.1.1 cox <anna@example.org> recipient rejected",
        "https://www.cox.com/residential/support/email-error-codes.html";
    "QQ", "5xx", "*", ["is a deactivated mailbox"] => NoSuchRecipient + shade(Shade::Inactive),
        "550 anna@example.org is a deactivated mailbox",
        "https://service.mail.qq.com/detail/122";
    "QQ", "5xx", "*", ["mailbox unavailable or access den"] => NoSuchRecipient + shade(Shade::Inactive),
        "550 Mailbox unavailable or access denined",
        "https://service.mail.qq.com/detail/122/166";
    "QQ", "5xx", "*", ["mail is rejected by recipients"] => RecipientPolicy,
        "550 Mail is rejected by recipients",
        "https://service.mail.qq.com/detail/122/92";
    "NetEase", "5xx", "*", ["user suspended"] => NoSuchRecipient + shade(Shade::Inactive),
        "550 User suspended",
        "https://mail.163.com/help/help_spam_16.htm";
    "Zoho", "541", "5.4.1", ["mail rejected by destination domain"] => RecipientPolicy,
        "541 5.4.1 Mail rejected by destination domain",
        "https://www.zoho.com/mail/help/";
    "GMX, web.de", "550", "*", ["mailbox unavailable"] => NoSuchRecipient,
        "550 Requested action not taken: mailbox unavailable",
        "https://postmaster.gmx.net/en/error-messages";
    "Postfix", "450/550", "x.1.1", ["user unknown"] => NoSuchRecipient,
        "550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
        POSTFIX;
    "Postfix", "450", "4.1.1", ["unverified address"] => NoSuchRecipient,
        "450 4.1.1 <anna@example.org>: Recipient address rejected: unverified address: Address verification in progress",
        "https://www.postfix.org/ADDRESS_VERIFICATION_README.html";
    "Postfix", "550", "5.1.0", ["undeliverable address"] => NoSuchRecipient,
        "550 5.1.0 <anna@example.org>: Recipient address rejected: undeliverable address",
        "https://www.postfix.org/ADDRESS_VERIFICATION_README.html";
    "Postfix", "450/550", "x.1.2", ["domain not found"] => NoSuchDomain,
        "450 4.1.2 <anna@example.org>: Recipient address rejected: Domain not found",
        POSTFIX;
    "Exim", "550", "*", ["unrouteable address"] => NoSuchRecipient,
        "550 Unrouteable address",
        EXIM;
    "Exim", "550", "*", ["unrouteable mail domain"] => NoSuchDomain,
        "550 Unrouteable mail domain \"example.org\"",
        EXIM;
    "qmail", "550", "*", ["no mailbox here by that name"] => NoSuchRecipient,
        "550 sorry, no mailbox here by that name (#5.1.1)",
        "https://cr.yp.to/qmail/faq.html";
    "qmail", "5xx", "*", ["(#5.1.1)"] => NoSuchRecipient,
        "550 5.7.1 That address is not here (#5.1.1)",
        "https://cr.yp.to/proto/qsbmf.txt";
    "Sendmail", "550", "*", ["user unknown"] => NoSuchRecipient,
        "550 <anna@example.org>... User unknown",
        SENDMAIL;
    "Sendmail", "550/553", "*", ["host unknown"] => NoSuchDomain,
        "550 Host unknown (Name server: example.org: host not found)",
        SENDMAIL;
    "Cisco", "550", "5.1.0", ["address rejected"] => NoSuchRecipient,
        "550 #5.1.0 Address rejected.",
        "https://www.cisco.com/c/en/us/support/docs/security/email-security-appliance/118059-qanda-esa-00.html";
    "mail.ru", "550", "*", ["non-local recipient"] => NoSuchRecipient,
        "550 Message was not accepted -- invalid mailbox: non-local recipient verification failed",
        "https://postmaster.mail.ru/";
};

/// Wordings that many share; the samples are examples of them.
pub(super) const COMMON: &[Signature] = signatures! {
    "many", "4xx/5xx", "*", ["mailbox full"] => MailboxFull,
        "452 4.2.2 Mailbox full",
        RFC_3463;
    "many", "4xx/5xx", "*", ["mailbox is full"] => MailboxFull,
        "552 5.2.2 The mailbox is full",
        RFC_3463;
    "many", "4xx/5xx", "*", ["inbox is full"] => MailboxFull,
        "552 5.2.2 Inbox is full",
        RFC_3463;
    "many", "4xx/5xx", "*", ["overquota"] => MailboxFull,
        "452 4.2.2 Recipient overquota",
        RFC_3463;
    "many", "4xx/5xx", "*", ["disk quota"] => MailboxFull,
        "451 example.org prohibited. Disk quota exceeded",
        "https://nic.ru/help/mail-diagnostics-and-troubleshooting_14426.html";
    "many", "4xx/5xx", "*", ["exceeded storage allocation"] => MailboxFull,
        "552 Requested mail action aborted: exceeded storage allocation",
        "https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3";
    "many", "4xx/5xx", "*", ["not enough space"] => MailboxFull,
        "452 Not enough space in the mailbox",
        RFC_3463;
    "many", "5xx", "*", ["account", "suspended"] => NoSuchRecipient + shade(Shade::Inactive),
        "550 5.2.1 The account anna has been suspended",
        RFC_3463;
    "many", "5xx", "*", ["account", "inactive"] => NoSuchRecipient + shade(Shade::Inactive),
        "550 This account is inactive",
        RFC_3463;
    "many", "5xx", "*", ["no such user"] => NoSuchRecipient,
        "550 5.1.1 No such user here",
        RFC_3463;
    "many", "5xx", "*", ["user not found"] => NoSuchRecipient,
        "550 User not found: anna@example.org",
        RFC_3463;
    "many", "5xx", "*", ["unknown user"] => NoSuchRecipient,
        "550 Unknown user anna",
        RFC_3463;
    "many", "5xx", "*", ["unknown recipient"] => NoSuchRecipient,
        "550 Unknown recipient",
        RFC_3463;
    "many", "5xx", "*", ["recipient unknown"] => NoSuchRecipient,
        "550 Recipient unknown",
        RFC_3463;
    "many", "5xx", "*", ["recipient not found"] => NoSuchRecipient,
        "550 Recipient not found",
        RFC_3463;
    "many", "5xx", "*", ["no such recipient"] => NoSuchRecipient,
        "550 No such recipient",
        RFC_3463;
    "many", "5xx", "*", ["no such mailbox"] => NoSuchRecipient,
        "550 No such mailbox",
        RFC_3463;
    "many", "5xx", "*", ["mailbox does not exist"] => NoSuchRecipient,
        "550 The mailbox does not exist",
        RFC_3463;
    "many", "5xx", "*", ["address does not exist"] => NoSuchRecipient,
        "550 The address does not exist",
        RFC_3463;
    "many", "5xx", "*", ["invalid mailbox"] => NoSuchRecipient,
        "550 invalid mailbox",
        RFC_3463;
    "many", "5xx", "*", ["bad destination mailbox"] => NoSuchRecipient,
        "550 Bad destination mailbox address",
        RFC_3463;
    "many", "5xx", "*", ["user not exist"] => NoSuchRecipient,
        "550 user not exist",
        "https://www.emailhost.com.cn/service.html";
    "many", "5xx", "*", ["not a valid mailbox"] => NoSuchRecipient,
        "550 anna is not a valid mailbox",
        RFC_3463;
    "many", "5xx", "*", ["this address no longer accepts mail"] => NoSuchRecipient + shade(Shade::Inactive),
        "550 This address no longer accepts mail",
        SISIMAI;
    "many", "5xx", "*", ["no longer", "address"] => NoSuchRecipient,
        "550 5.1.6 This address is no longer in use",
        RFC_3463;
    "many", "4xx/5xx", "*", ["over quota"] => MailboxFull,
        "452 4.2.2 Over quota",
        SISIMAI;
    "many", "4xx/5xx", "*", ["exceeding their quota"] => MailboxFull,
        "552 The account is exceeding their quota",
        SISIMAI;
    "many", "4xx/5xx", "*", ["quota violation for"] => MailboxFull,
        "550 quota violation for anna@example.org",
        SISIMAI;
    "many", "4xx/5xx", "*", ["exceeded quota, bouncing mail"] => MailboxFull,
        "552 user has exceeded quota, bouncing mail",
        SISIMAI;
    "many", "5xx", "*", ["does not have enough space"] => MailboxFull,
        "552 Mailbox does not have enough space",
        SISIMAI;
    "many", "5xx", "*", ["account storage limit"] => MailboxFull,
        "552 Account storage limit",
        SISIMAI;
    "many", "5xx", "*", ["mailbox disabled"] => NoSuchRecipient + shade(Shade::Inactive),
        "550 5.2.1 Mailbox disabled, not accepting messages",
        SISIMAI;
    "many", "5xx", "*", ["mailbox currently suspended"] => NoSuchRecipient + shade(Shade::Inactive),
        "550 Mailbox currently suspended",
        SISIMAI;
    "many", "5xx", "*", ["invalid recipient"] => NoSuchRecipient,
        "550 Invalid recipient anna@example.org",
        SISIMAI;
    "many", "5xx", "*", ["address unknown"] => NoSuchRecipient,
        "550 Address unknown",
        SISIMAI;
    "many", "5xx", "*", ["mailbox not found"] => NoSuchRecipient,
        "550 Mailbox not found",
        SISIMAI;
    "many", "5xx", "*", ["unknown local-part"] => NoSuchRecipient,
        "550 unknown local-part \"anna\" in domain \"example.org\"",
        SISIMAI;
    "many", "5xx", "*", ["no such person"] => NoSuchRecipient,
        "550 No such person at this address",
        SISIMAI;
    "many", "5xx", "*", ["no such address"] => NoSuchRecipient,
        "550 No such address here",
        SISIMAI;
    "many", "5xx", "*", ["no account by that name"] => NoSuchRecipient,
        "550 No account by that name here",
        SISIMAI;
    "many", "5xx", "*", ["recipient does not exist"] => NoSuchRecipient,
        "550 Recipient does not exist on this system",
        SISIMAI;
    "many", "5xx", "*", ["email address could not be found"] => NoSuchRecipient,
        "550 5.1.1 The email address could not be found",
        SISIMAI;
    "many", "5xx", "*", ["account does not exist"] => NoSuchRecipient,
        "550 Account does not exist",
        SISIMAI;
    "many", "5xx", "*", ["badrcptto"] => NoSuchRecipient,
        "553 sorry, your envelope recipient is in my badrcptto list (#5.7.1)",
        SISIMAI;
    "many", "5xx", "*", ["there is no one at this address"] => NoSuchRecipient,
        "550 There is no one at this address",
        SISIMAI;
};
