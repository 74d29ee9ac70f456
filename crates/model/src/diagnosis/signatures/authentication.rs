//! SPF, DKIM and DMARC, and the sender's address itself.

use super::super::Class;
use super::super::signature::Signature;
use super::super::verdict::Shade;
const GMAIL: &str = "https://support.google.com/a/answer/3726730";
const MICROSOFT: &str = "https://learn.microsoft.com/en-us/troubleshoot/exchange/email-delivery/ndr/non-delivery-reports-in-exchange-online";
const YAHOO: &str = "https://senders.yahooinc.com/smtp-error-codes/";
const RFC_7372: &str = "https://www.rfc-editor.org/rfc/rfc7372";
const APPLE: &str = "https://support.apple.com/en-us/102322";
const MIMECAST: &str = "https://mimecastsupport.zendesk.com/hc/en-us/articles/34000709564691";
const POSTFIX: &str = "https://www.postfix.org/postconf.5.html#reject_unknown_sender_domain";
const EXIM: &str = "https://www.exim.org/exim-html-current/doc/html/spec_html/ch-access_control_lists.html";
const GODADDY: &str = "https://www.godaddy.com/help/fix-rejected-email-with-a-bounce-error-40685";

/// What known servers write.
pub(super) const KNOWN: &[Signature] = signatures! {
    "Gmail", "550", "5.7.26", [] => SenderUnauthenticated,
        "550-5.7.26 Your email has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM.",
        GMAIL;
    "Gmail", "421", "4.7.26", [] => SenderUnauthenticated + minutes(30),
        "421-4.7.26 This mail has been rate limited because it is unauthenticated.",
        GMAIL;
    "Gmail", "421/550", "x.7.27", ["spf"] => SenderUnauthenticated,
        "550-5.7.27 Your email has been blocked because SPF did not pass.",
        GMAIL;
    "Gmail", "421/550", "x.7.30", ["dkim"] => SenderUnauthenticated,
        "550-5.7.30 Your email has been blocked because DKIM did not pass.",
        GMAIL;
    "Gmail", "421/550", "x.7.32", [] => SenderUnauthenticated,
        "421-4.7.32 Your email has been rate limited because the From: header is not aligned with either the authenticated SPF or DKIM organizational domain.",
        GMAIL;
    "Gmail", "550", "5.7.1", ["unauthenticated email from"] => SenderUnauthenticated,
        "550-5.7.1 Unauthenticated email from example.net is not accepted due to domain's DMARC policy.",
        GMAIL;
    "Microsoft", "550", "5.7.515", [] => SenderUnauthenticated,
        "550 5.7.515 Access denied, sending domain example.net does not meet the required authentication level.",
        MICROSOFT;
    "Microsoft", "550", "5.7.509", [] => SenderUnauthenticated,
        "550 5.7.509 Access denied, sending domain example.net does not pass DMARC verification and has a DMARC policy of reject.",
        MICROSOFT;
    "Microsoft", "550/450", "x.7.26", [] => SenderUnauthenticated,
        "450 4.7.26 Service does not accept messages sent over IPv6 [2001:db8::1] unless they pass either SPF or DKIM validation (message not signed)",
        MICROSOFT;
    "policyd-spf", "550", "*", ["message rejected due to: spf"] => SenderUnauthenticated,
        "550 5.7.23 <anna@example.org>: Recipient address rejected: Message rejected due to: SPF fail - not authorized.",
        "https://launchpad.net/spf-engine";
    "Microsoft", "550", "5.7.23", [] => SenderUnauthenticated,
        "550 5.7.23 The message was rejected because of Sender Policy Framework violation",
        MICROSOFT;
    "Microsoft", "550", "5.1.8", ["bad outbound sender"] => SenderBlocklisted,
        "550 5.1.8 Access denied, bad outbound sender AS(42003)",
        MICROSOFT;
    "Microsoft", "550", "5.7.12", [] => RecipientPolicy + shade(Shade::MembersOnly),
        "550 5.7.12 Access denied, sender was not authenticated by organization",
        MICROSOFT;
    "Yahoo", "554", "5.7.9", ["policy reasons"] => SenderUnauthenticated,
        "554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes",
        YAHOO;
    "Yahoo", "553", "5.7.2", ["[tss09]"] => SenderUnauthenticated,
        "553 5.7.2 [TSS09] All messages from 192.0.2.10 will be permanently deferred",
        YAHOO;
    "Yahoo", "553", "5.7.2", ["[tss11]"] => SenderUnauthenticated,
        "553 5.7.2 [TSS11] All messages from 192.0.2.10 will be permanently deferred",
        YAHOO;
    "Apple", "550/554", "*", ["was rejected due to", "dmarc policy"] => SenderUnauthenticated,
        "550 5.7.1 Your message was rejected due to example.net DMARC policy.",
        APPLE;
    "mail.ru", "550", "*", ["domain owner dmarc policy"] => SenderUnauthenticated,
        "550 5.7.1 This message was not accepted due to domain owner DMARC policy (RFC 7489) https://help.mail.ru/mail-help/postmaster/dmarc",
        "https://postmaster.mail.ru/";
    "Mimecast", "550", "*", ["anti-spoofing"] => SenderUnauthenticated,
        "550 Rejected by header based Anti-Spoofing policy: bella@example.net - https://community.mimecast.com/docs/DOC-1369#550",
        MIMECAST;
    "Mimecast", "550", "*", ["dmarc sender invalid"] => SenderUnauthenticated,
        "550 DMARC Sender Invalid - envelope rejected",
        MIMECAST;
    "Mimecast", "550", "*", ["dkim sender invalid"] => SenderUnauthenticated,
        "550 DKIM Sender Invalid - envelope rejected",
        MIMECAST;
    "Mimecast", "550", "*", ["spf sender invalid"] => SenderUnauthenticated,
        "550 SPF Sender Invalid - envelope rejected",
        MIMECAST;
    "Rackspace", "450", "4.4.0", ["dmarc dns lookup"] => SenderUnauthenticated,
        "450 4.4.0 <anna@example.org> Temporary DMARC DNS lookup failure (G1E)",
        "https://smtp.codes/rackspace";
    "OpenSPF", "4xx/5xx", "*", ["openspf"] => SenderUnauthenticated,
        "550 5.7.1 Recipient address rejected: Please see http://www.openspf.net/Why?s=mfrom;id=bella%40example.net",
        "http://www.open-spf.org/";
    "Exim", "550", "*", ["is not allowed to send mail from"] => SenderUnauthenticated,
        "550 [SPF] 192.0.2.10 is not allowed to send mail from example.net.",
        "https://www.exim.org/exim-html-current/doc/html/spec_html/ch-dkim_spf_srs_and_dmarc.html";
    "OpenDMARC", "4xx/5xx", "*", ["rejected by dmarc policy"] => SenderUnauthenticated,
        "550 5.7.1 rejected by DMARC policy for example.net",
        "http://www.trusteddomain.org/opendmarc/";
    "OpenDKIM", "4xx/5xx", "*", ["bad dkim signature"] => SenderUnauthenticated,
        "550 5.7.0 bad DKIM signature data",
        "http://www.opendkim.org/";
    "Gmail", "550", "5.7.24", [] => SenderUnauthenticated,
        "550 5.7.24 The SPF record of the sending domain has one or more suspicious entries.",
        GMAIL;
    "RFC 7372", "5xx", "5.7.20-23", [] => SenderUnauthenticated,
        "550 5.7.20 No passing DKIM signature found",
        RFC_7372;
    "RFC 7372", "4xx", "4.7.20-24", [] => SenderUnauthenticated,
        "451 4.7.24 SPF validation error",
        RFC_7372;
    "RFC 7505", "550", "5.7.27", [] => SenderUnauthenticated + shade(Shade::SenderAddress),
        "550 5.7.27 Sender address has null MX",
        "https://www.rfc-editor.org/rfc/rfc7505#section-4.2";
    "Postfix", "450/550", "x.1.8", ["domain not found"] => SenderUnauthenticated + shade(Shade::SenderAddress),
        "450 4.1.8 <bella@example.net>: Sender address rejected: Domain not found",
        POSTFIX;
    "Postfix", "450/550", "x.1.7", ["sender address rejected"] => SenderUnauthenticated + shade(Shade::SenderAddress),
        "550 5.1.7 <bella@example.net>: Sender address rejected: undeliverable address",
        POSTFIX;
    "Postfix", "4xx/5xx", "*", ["sender address rejected"] => SenderUnauthenticated + shade(Shade::SenderAddress),
        "554 5.7.1 <bella@example.net>: Sender address rejected: Access denied",
        POSTFIX;
    "Exim", "4xx/5xx", "*", ["sender verify fail"] => SenderUnauthenticated + shade(Shade::SenderAddress),
        "550-Verification failed for <bella@example.net> 550 Sender verify failed",
        EXIM;
    "Exim", "4xx/5xx", "*", ["could not complete sender verify"] => SenderUnauthenticated + shade(Shade::SenderAddress),
        "451 Could not complete sender verify",
        EXIM;
    "Exim", "4xx/5xx", "*", ["verification failed for"] => SenderUnauthenticated + shade(Shade::SenderAddress),
        "550-Verification failed for <bella@example.net> 550 Unrouteable address",
        EXIM;
    "Sendmail", "4xx/5xx", "*", ["sender address", "does not exist"] => SenderUnauthenticated + shade(Shade::SenderAddress),
        "553 5.1.8 Domain of sender address bella@example.net does not exist",
        "https://www.sendmail.org/~ca/email/doc8.12/op-sh-5.html";
    "Sendmail", "4xx/5xx", "*", ["sender address", "does not resolve"] => SenderUnauthenticated + shade(Shade::SenderAddress),
        "451 4.1.8 Domain of sender address bella@example.net does not resolve",
        "https://www.sendmail.org/~ca/email/doc8.12/op-sh-5.html";
    "Gmail", "421/550", "x.7.29", [] => TlsPolicy,
        "421-4.7.29 Your email has been rate limited because this message wasn't sent over a TLS connection.",
        GMAIL;
    "Gmail", "451", "4.7.26", [] => SenderUnauthenticated,
        "451-4.7.26 Unauthenticated email from example.net is not accepted due to domain's DMARC policy, but temporary DNS failures prevent authentication.",
        GMAIL;
    "Yahoo", "550", "5.7.9", ["unauthenticated"] => SenderUnauthenticated,
        "550 5.7.9 This mail has been blocked because the sender is unauthenticated. Yahoo requires all senders to authenticate with either SPF or DKIM.",
        YAHOO;
    "Yahoo", "451", "*", ["unresolvable rfc.5321 from domain"] => SenderUnauthenticated + shade(Shade::SenderAddress),
        "451 Message temporarily deferred due to unresolvable RFC.5321 from domain. See https://senders.yahooinc.com/error-codes#unresolvable-from-domain",
        YAHOO;
    "Apple", "550/554", "*", ["[hme1]"] => SenderUnauthenticated,
        "554 5.7.1 [HME1] This message was blocked for failing both SPF and DKIM authentication checks.",
        APPLE;
    "Cox", "4xx/5xx", "*", ["aup#cxsndr"] => SenderUnauthenticated,
        "550 cox sender rejected AUP#CXSNDR",
        "https://www.cox.com/residential/support/email-error-codes.html";
    "GoDaddy", "550", "*", ["ib508"] => SenderUnauthenticated,
        "550 bella@example.net Invalid SPF record. Inspect your SPF settings, and try again. IB508",
        GODADDY;
    "GoDaddy", "550", "*", ["ib506"] => SenderUnauthenticated + shade(Shade::SenderAddress),
        "550 example.net From: Domain is invalid. Provide a valid From: IB506",
        GODADDY;
    "GoDaddy", "550", "*", ["ib501"] => SenderUnauthenticated + shade(Shade::SenderAddress),
        "550 Blank From: addresses are not allowed. Provide a valid From. IB501",
        GODADDY;
    "QQ", "4xx/5xx", "*", ["spf check failed"] => SenderUnauthenticated,
        "550 SPF check failed",
        "https://service.mail.qq.com/detail/122/72";
    "QQ", "4xx/5xx", "*", ["dmarc check failed"] => SenderUnauthenticated,
        "550 DMARC check failed",
        "https://service.mail.qq.com/detail/122/72";
    "Orange", "5xx", "*", ["is not allowed to send mail. lpn"] => SenderUnauthenticated,
        "550 5.5.0 SPF: example.net is not allowed to send mail. LPN004_401",
        "https://postmaster.orange.fr/";
    "Orange", "5xx", "*", ["emetteur invalide"] => SenderUnauthenticated + shade(Shade::SenderAddress),
        "501 5.0.1 Emetteur invalide. Invalid Sender. LPN105_405",
        "https://postmaster.orange.fr/";
    "Spectrum", "5xx", "*", ["aup#", "-152"] => SenderUnauthenticated + shade(Shade::SenderAddress),
        "550 5.1.0 sender rejected. AUP#In-1520",
        "https://www.spectrumbusiness.net/support/internet/understanding-email-error-codes";
};

/// Wordings that many share; the samples are examples of them.
pub(super) const COMMON: &[Signature] = signatures! {
    "many", "5xx", "*", ["dmarc"] => SenderUnauthenticated,
        "550 5.7.1 Email rejected per DMARC policy for example.net",
        "https://www.rfc-editor.org/rfc/rfc7489#section-10.3";
    "many", "4xx/5xx", "*", ["spf check"] => SenderUnauthenticated,
        "550 5.7.1 SPF check: 192.0.2.10 is not authorized to send in the name of example.net.",
        RFC_7372;
    "many", "4xx/5xx", "*", ["spf fail"] => SenderUnauthenticated,
        "550 5.7.1 Rejected: SPF failure",
        RFC_7372;
    "many", "4xx/5xx", "*", ["sender policy framework"] => SenderUnauthenticated,
        "550 5.7.1 Refused by the Sender Policy Framework",
        RFC_7372;
    "many", "4xx/5xx", "*", ["spf record"] => SenderUnauthenticated,
        "550 The SPF record of example.net does not allow 192.0.2.10",
        RFC_7372;
    "many", "4xx/5xx", "*", ["dkim"] => SenderUnauthenticated,
        "550 5.7.1 DKIM signature is required",
        RFC_7372;
};
