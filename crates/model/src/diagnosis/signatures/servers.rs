//! Faults of the other side, and of what stands between.

use super::super::Class;
use super::super::signature::Signature;
use super::super::verdict::Shade;
const SPAMHAUS: &str = "https://www.spamhaus.org/faqs/dnsbl-usage/";
const GMAIL: &str = "https://support.google.com/a/answer/3726730";
const MICROSOFT: &str = "https://learn.microsoft.com/en-us/troubleshoot/exchange/email-delivery/ndr/non-delivery-reports-in-exchange-online";
const POSTFIX: &str = "https://www.postfix.org/postconf.5.html";
const EXIM: &str = "https://www.exim.org/exim-html-current/doc/html/spec_html/";
const MIMECAST: &str = "https://mimecastsupport.zendesk.com/hc/en-us/articles/34000709564691";

/// What known servers write.
pub(super) const KNOWN: &[Signature] = signatures! {
    "Spamhaus, asked wrongly", "4xx/5xx", "*", ["error: open resolver"] => ReceiverMisconfigured + shade(Shade::BlockListQuery),
        "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; Error: open resolver; https://check.spamhaus.org/returnc/pub/198.51.100.53",
        SPAMHAUS;
    "Spamhaus, asked wrongly", "4xx/5xx", "*", ["spamhaus.org/returnc"] => ReceiverMisconfigured + shade(Shade::BlockListQuery),
        "554 5.7.1 Client host [192.0.2.10] blocked; https://check.spamhaus.org/returnc/pub/198.51.100.53",
        SPAMHAUS;
    "Spamhaus, asked wrongly", "4xx/5xx", "*", ["excessive number of queries"] => ReceiverMisconfigured + shade(Shade::BlockListQuery),
        "554 5.7.1 blocked using zen.spamhaus.org; Error: excessive number of queries",
        SPAMHAUS;
    "Postfix", "4xx/5xx", "*", ["mail for", "loops back to myself"] => ReceiverMisconfigured + shade(Shade::MailLoop),
        "550 5.4.6 mail for example.org loops back to myself",
        POSTFIX;
    "Postfix", "554", "5.4.6", ["too many hops"] => ReceiverMisconfigured + shade(Shade::MailLoop),
        "554 5.4.6 Error: too many hops",
        POSTFIX;
    "Microsoft", "554", "5.4.14", [] => ReceiverMisconfigured + shade(Shade::MailLoop),
        "554 5.4.14 Hop count exceeded - possible mail loop ATTR34",
        MICROSOFT;
    "Microsoft", "550", "5.4.310", [] => NoSuchDomain,
        "550 5.4.310 DNS domain example.org does not exist",
        MICROSOFT;
    "Microsoft", "450/550", "x.4.312", [] => DnsFailure,
        "450 4.4.312 DNS query failed",
        MICROSOFT;
    "Microsoft", "450/550", "x.4.316", [] => HostUnreachable,
        "450 4.4.316 Connection refused [Message=Socket error code 10061]",
        MICROSOFT;
    "Microsoft", "450/550", "x.4.317", [] => TlsPolicy,
        "450 4.4.317 Cannot establish session with remote server",
        MICROSOFT;
    "Microsoft", "452", "4.3.1", ["insufficient system resources"] => ReceiverMisconfigured + shade(Shade::ServerTrouble),
        "452 4.3.1 Insufficient system resources (UsedDiskSpace[C:])",
        MICROSOFT;
    "Postfix", "452", "4.3.1", ["insufficient system storage"] => ReceiverMisconfigured + shade(Shade::ServerTrouble),
        "452 4.3.1 Insufficient system storage",
        POSTFIX;
    "Postfix", "451", "4.3.0", ["queue file write error"] => ReceiverMisconfigured + shade(Shade::ServerTrouble),
        "451 4.3.0 Error: queue file write error",
        POSTFIX;
    "Postfix", "451", "4.3.5", ["server configuration"] => ReceiverMisconfigured,
        "451 4.3.5 Server configuration error",
        POSTFIX;
    "Postfix", "451", "4.3.0", ["temporary lookup failure"] => ReceiverMisconfigured + shade(Shade::ServerTrouble),
        "451 4.3.0 <anna@example.org>: Temporary lookup failure",
        POSTFIX;
    "Postfix", "451/450", "*", ["server configuration problem"] => ReceiverMisconfigured,
        "450 4.3.5 <anna@example.org>: Recipient address rejected: Server configuration problem",
        POSTFIX;
    "milters", "451", "4.7.1", ["=service unavailable - try again later"] => ReceiverMisconfigured + shade(Shade::ServerTrouble),
        "451 4.7.1 Service unavailable - try again later",
        "https://www.postfix.org/MILTER_README.html";
    "Exim", "451", "*", ["local problem"] => ReceiverMisconfigured + shade(Shade::ServerTrouble),
        "451 Temporary local problem - please try later",
        EXIM;
    "Exim", "421", "*", ["lost input connection"] => ProtocolError + shade(Shade::Closed),
        "421 mx1.example.org lost input connection",
        EXIM;
    "Gmail", "421/451", "4.3.0", ["temporary system problem"] => ReceiverMisconfigured + shade(Shade::ServerTrouble),
        "421 4.3.0 Temporary System Problem. Try again later.",
        GMAIL;
    "Gmail", "421", "4.7.0", ["temporary system problem"] => ReceiverMisconfigured + shade(Shade::ServerTrouble),
        "421 4.7.0 Temporary System Problem. Try again later.",
        GMAIL;
    "Gmail", "421", "4.7.0", ["tls required"] => TlsPolicy,
        "421 4.7.0 TLS required for RCPT domain, closing connection.",
        GMAIL;
    "Gmail", "451", "4.4.2", ["timeout - closing connection"] => ProtocolError + shade(Shade::Closed),
        "451 4.4.2 Timeout - closing connection.",
        GMAIL;
    "Postfix", "421", "4.4.2", ["timeout exceeded"] => ProtocolError + shade(Shade::Closed),
        "421 4.4.2 mx1.example.org Error: timeout exceeded",
        POSTFIX;
    "Gmail", "554", "*", ["message exceeded 50 hops"] => ReceiverMisconfigured + shade(Shade::MailLoop),
        "554 5.4.6 Message exceeded 50 hops, this may indicate a mail loop.",
        GMAIL;
    "Gmail", "501", "5.5.4", ["helo/ehlo argument"] => ProtocolError,
        "501-5.5.4 HELO/EHLO argument is invalid.",
        GMAIL;
    "Microsoft", "450/550", "x.7.320-325", [] => TlsPolicy,
        "450 4.7.322 certificate-expired: Destination mail server's certificate is expired",
        MICROSOFT;
    "qmail", "554", "*", ["this message is looping"] => ReceiverMisconfigured + shade(Shade::MailLoop),
        "554 This message is looping: it already has my Delivered-To line. (#5.4.6)",
        "https://cr.yp.to/qmail/faq.html";
    "Mimecast", "554", "*", ["mail loop detected"] => ReceiverMisconfigured + shade(Shade::MailLoop),
        "554 Mail loop detected",
        MIMECAST;
    "Mimecast", "451", "*", ["recipient temporarily unavailable"] => ReceiverMisconfigured + shade(Shade::ServerTrouble),
        "451 Recipient temporarily unavailable",
        MIMECAST;
    "Mimecast", "553", "*", ["this route requires encryption"] => TlsPolicy,
        "553 This route requires encryption (TLS)",
        MIMECAST;
    "Mimecast", "553", "*", ["this route requires tls version"] => TlsPolicy,
        "553 This route requires TLS version 1.2 or greater",
        MIMECAST;
    "Mimecast", "451", "*", ["account inbounds disabled"] => ReceiverMisconfigured,
        "451 Account inbounds disabled",
        MIMECAST;
    "Mimecast", "451", "*", ["open relay not allowed"] => ReceiverMisconfigured + shade(Shade::RelayDenied) + for_good,
        "451 Open relay not allowed",
        MIMECAST;
    "Rackspace", "450", "4.4.1", ["recipient's server was temporarily unavailable"] => ReceiverMisconfigured + shade(Shade::ServerTrouble),
        "450 4.4.1 <anna@example.org>: The recipient's server was temporarily unavailable to accept your message (G6)",
        "https://smtp.codes/rackspace";
    "Zoho", "452", "4.3.1", ["temporary system error"] => ReceiverMisconfigured + shade(Shade::ServerTrouble),
        "452 4.3.1 Temporary System Error",
        "https://www.zoho.com/mail/help/";
    "Yahoo", "550", "*", ["relaying denied for"] => ReceiverMisconfigured + shade(Shade::RelayDenied),
        "550 relaying denied for <anna@example.org>",
        "https://senders.yahooinc.com/smtp-error-codes/";
    "Postfix", "454/550/554", "*", ["relay access denied"] => ReceiverMisconfigured + shade(Shade::RelayDenied),
        "554 5.7.1 <anna@example.org>: Relay access denied",
        "https://www.postfix.org/SMTPD_ACCESS_README.html";
    "Exim", "550", "*", ["relay not permitted"] => ReceiverMisconfigured + shade(Shade::RelayDenied),
        "550 relay not permitted",
        EXIM;
    "Exchange", "550", "*", ["unable to relay"] => ReceiverMisconfigured + shade(Shade::RelayDenied),
        "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
        MICROSOFT;
    "Sendmail", "550", "*", ["relaying denied"] => ReceiverMisconfigured + shade(Shade::RelayDenied),
        "550 5.7.1 <anna@example.org>... Relaying denied",
        "https://www.sendmail.org/~ca/email/relayingdenied.html";
    "qmail", "553", "*", ["isn't in my list of allowed rcpthosts"] => ReceiverMisconfigured + shade(Shade::RelayDenied),
        "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
        "https://cr.yp.to/qmail/faq/servers.html";
    "qmail", "553", "*", ["not in my list of allowed"] => ReceiverMisconfigured + shade(Shade::RelayDenied),
        "553 Sorry, this domain is not in my list of allowed hosts (#5.7.1)",
        "https://cr.yp.to/qmail/faq/servers.html";
};

/// Wordings that many share; the samples are examples of them.
pub(super) const COMMON: &[Signature] = signatures! {
    "many", "530", "*", ["must issue a starttls"] => TlsPolicy,
        "530 5.7.0 Must issue a STARTTLS command first",
        "https://www.rfc-editor.org/rfc/rfc3207#section-4";
    "many", "454", "*", ["tls not available"] => TlsPolicy,
        "454 4.7.0 TLS not available due to local problem",
        "https://www.rfc-editor.org/rfc/rfc3207#section-4";
    "many", "5xx", "*", ["encryption required"] => TlsPolicy,
        "550 5.7.10 Encryption required by the recipient domain",
        "https://www.rfc-editor.org/rfc/rfc7372";
    "many", "5xx", "*", ["relaying not allowed"] => ReceiverMisconfigured + shade(Shade::RelayDenied),
        "551 relaying not allowed here",
        "https://www.rfc-editor.org/rfc/rfc5321#section-3.6.2";
    "many", "5xx", "*", ["relay", "denied"] => ReceiverMisconfigured + shade(Shade::RelayDenied),
        "550 5.7.1 Mail relay denied",
        "https://www.rfc-editor.org/rfc/rfc5321#section-3.6.2";
    "many", "5xx", "*", ["we do not relay"] => ReceiverMisconfigured + shade(Shade::RelayDenied),
        "550 we do not relay",
        "https://www.rfc-editor.org/rfc/rfc5321#section-3.6.2";
};
