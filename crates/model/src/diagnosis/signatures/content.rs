//! The letter: too large, or its content refused.

use super::super::Class;
use super::super::signature::Signature;
use super::super::verdict::Shade;
const GMAIL: &str = "https://support.google.com/a/answer/3726730";
const MICROSOFT: &str = "https://learn.microsoft.com/en-us/troubleshoot/exchange/email-delivery/ndr/non-delivery-reports-in-exchange-online";
const YAHOO: &str = "https://senders.yahooinc.com/smtp-error-codes/";
const APPLE: &str = "https://support.apple.com/en-us/102322";
const MIMECAST: &str = "https://mimecastsupport.zendesk.com/hc/en-us/articles/34000709564691";
const POSTFIX: &str = "https://www.postfix.org/postconf.5.html#message_size_limit";
const RSPAMD: &str = "https://rspamd.com/doc/configuration/metrics.html";
const NETEASE: &str = "https://mail.163.com/help/help_spam_16.htm";
const RFC_1870: &str = "https://www.rfc-editor.org/rfc/rfc1870#section-6";
const SISIMAI: &str = "https://libsisimai.org/en/reason/";
const GODADDY: &str = "https://www.godaddy.com/help/fix-rejected-email-with-a-bounce-error-40685";

/// What known servers write.
pub(super) const KNOWN: &[Signature] = signatures! {
    // Too large.
    "Gmail", "552", "5.3.4", ["exceeded google's message size limit"] => MessageTooLarge,
        "552-5.3.4 Your message exceeded Google's message size limits.",
        GMAIL;
    "Gmail", "552", "5.2.3", [] => MessageTooLarge,
        "552 5.2.3 Your message exceeded Google's message size limits.",
        GMAIL;
    "Postfix", "552", "5.3.4", ["message size exceeds"] => MessageTooLarge,
        "552 5.3.4 Message size exceeds fixed limit",
        POSTFIX;
    "Microsoft", "552/554", "*", ["message size exceeds fixed maximum"] => MessageTooLarge,
        "552 5.2.0 Message size exceeds fixed maximum message size",
        MICROSOFT;
    "Microsoft", "550/554", "*", ["recipsizelimit"] => MessageTooLarge,
        "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient",
        MICROSOFT;
    "Mimecast", "552/554", "*", ["maximum email size exceeded"] => MessageTooLarge,
        "554 Maximum email size exceeded",
        MIMECAST;
    "qmail", "552", "*", ["message is too big"] => MessageTooLarge,
        "552 sorry, that message size exceeds my databytes limit: message is too big (#5.3.4)",
        "https://cr.yp.to/qmail/faq.html";
    "qmail", "552", "*", ["databytes"] => MessageTooLarge,
        "552 sorry, that message size exceeds my databytes limit",
        "https://cr.yp.to/qmail/faq.html";
    "RFC 5248", "523", "*", [] => MessageTooLarge,
        "523 The message's size exceeds the limit of the recipient",
        RFC_1870;
    // Attachments.
    "Gmail", "552", "5.7.0", ["blocked because its content presents a potential security issue"] => ContentRefused + shade(Shade::Attachment),
        "552-5.7.0 This message was blocked because its content presents a potential security issue.",
        "https://support.google.com/mail/answer/6590";
    "Gmail", "552", "*", ["illegal attachment"] => ContentRefused + shade(Shade::Attachment),
        "552 5.7.0 Our system detected an illegal attachment on your message.",
        GMAIL;
    "GoDaddy", "552", "*", ["ib705"] => ContentRefused + shade(Shade::Attachment),
        "552 Virus infected message rejected. IB705",
        GODADDY;
    "Mimecast", "550", "*", ["content examination policy"] => ContentRefused,
        "550 Message bounced due to Content Examination Policy",
        MIMECAST;
    "Zoho", "552", "5.7.1", ["detected by zoho mail"] => ContentRefused + shade(Shade::Attachment),
        "552 5.7.1 Eicar-Test-Signature detected by Zoho Mail",
        "https://www.zoho.com/mail/help/";
    // Form.
    "Gmail", "550", "5.7.1", ["not rfc 5322 compliant"] => ContentRefused + shade(Shade::Form),
        "550-5.7.1 This message is not RFC 5322 compliant. There are multiple From headers.",
        GMAIL;
    "Exim", "5xx", "*", ["maximum allowed line length"] => ContentRefused + shade(Shade::Form),
        "550 maximum allowed line length is 998 octets, got 1203",
        "https://www.exim.org/exim-html-current/doc/html/spec_html/";
    // Taken for junk.
    "Gmail", "550", "5.7.1", ["likely unsolicited mail"] => ContentRefused,
        "550-5.7.1 Our system has detected that this message is likely unsolicited mail. To reduce the amount of spam sent to Gmail, this message has been blocked.",
        GMAIL;
    "Gmail", "550", "5.7.1", ["likely suspicious"] => ContentRefused,
        "550-5.7.1 Our system has detected that this message is likely suspicious due to the very low reputation of the sending domain.",
        GMAIL;
    "Gmail", "550", "5.7.1", ["violates", "email policy"] => RecipientPolicy,
        "550 5.7.1 This message violates example.org email policy. - gcdp abc123 - gsmtp",
        GMAIL;
    "Microsoft", "550", "5.7.350", [] => ContentRefused,
        "550 5.7.350 Remote server returned message detected as spam",
        MICROSOFT;
    "Microsoft", "550", "*", ["transport.rules.rejectmessage"] => RecipientPolicy,
        "550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy",
        MICROSOFT;
    "Microsoft", "550", "5.7.703", [] => ContentRefused,
        "550 5.7.703 Your message can't be delivered because messages to example.org are blocked by your organization",
        MICROSOFT;
    "Yahoo", "554", "*", ["[ph01]"] => ContentRefused,
        "554 Message not allowed - [PH01] Email not accepted for policy reasons. Please visit https://postmaster.yahooinc.com/error-codes",
        YAHOO;
    "Yahoo", "554", "*", ["message not allowed"] => ContentRefused,
        "554 Message not allowed - [299]",
        YAHOO;
    "Apple", "550/554", "*", ["[hm08]"] => ContentRefused,
        "554 5.7.1 [HM08] Message rejected due to local policy.",
        APPLE;
    "Apple", "550/554", "*", ["[cs02]"] => ContentRefused,
        "554 5.7.1 [CS02] Message rejected due to local policy.",
        APPLE;
    "Apple", "550/554", "*", ["spamhaus dbl"] => ContentRefused,
        "550 5.7.1 Your email was rejected due to having a domain present in the Spamhaus DBL -- see https://www.spamhaus.org/dbl/",
        APPLE;
    "Mimecast", "554", "*", ["rejected due to security policies"] => ContentRefused,
        "554 Email rejected due to security policies - https://community.mimecast.com/docs/DOC-1369#554",
        MIMECAST;
    "Mimecast", "550", "*", ["administrative prohibition"] => RecipientPolicy,
        "550 Administrative prohibition - envelope blocked - https://community.mimecast.com/docs/DOC-1369#550",
        MIMECAST;
    "NetEase", "550/554", "*", ["dt:spm"] => ContentRefused,
        "554 DT:SPM 163 mx1",
        NETEASE;
    "NetEase", "553/554", "*", ["mi:spb"] => RecipientPolicy,
        "554 MI:SPB 163 smtp1",
        NETEASE;
    "Orange", "550/554", "*", ["mail rejete"] => ContentRefused,
        "550 5.2.0 Mail rejete. Mail rejected. OFR_506 [506]",
        "https://postmaster.orange.fr/";
    "mail.ru", "550", "*", ["spam message rejected"] => ContentRefused,
        "550 spam message rejected. Please visit http://help.mail.ru/notspam-support/id?c=abc",
        "https://postmaster.mail.ru/";
    "Yandex", "554", "5.7.1", ["suspicion of spam"] => ContentRefused,
        "554 5.7.1 Message rejected under suspicion of SPAM; https://ya.cc/1IrBc",
        "https://yandex.com/support/mail/bounces/yandex/message-rejected-under-suspicion-of-spam.html";
    "GoDaddy", "552", "*", ["ib212"] => ContentRefused,
        "552 This message has been rejected due to content judged to be spam by the internet community. IB212",
        GODADDY;
    "Cox", "4xx/5xx", "*", ["aup#urlbl"] => ContentRefused,
        "552 cox message refused AUP#URLBL011",
        "https://www.cox.com/residential/support/email-error-codes.html";
    "Spectrum", "5xx", "*", ["aup#", "-1530"] => MessageTooLarge,
        "552 message too big. AUP#In-1530",
        "https://www.spectrumbusiness.net/support/internet/understanding-email-error-codes";
    "QQ", "5xx", "*", ["mail content denied"] => ContentRefused,
        "550 Mail content denied",
        "https://service.mail.qq.com/detail/122/171";
    "QQ", "5xx", "*", ["spam is embedded in the email"] => ContentRefused,
        "550 Spam is embedded in the email",
        "https://service.mail.qq.com/detail/122/59";
    "Orange", "5xx", "*", ["taille limite du message atteinte"] => MessageTooLarge,
        "552 5.3.4 Taille limite du message atteinte. LPN007_514",
        "https://postmaster.orange.fr/";
    "Zoho", "554", "5.7.1", ["email flagged as spam"] => ContentRefused,
        "554 5.7.1 Email cannot be delivered. Reason: Email flagged as Spam.",
        "https://www.zoho.com/mail/help/";
    "Zoho", "554", "5.7.7", ["email policy violation detected"] => ContentRefused,
        "554 5.7.7 Email policy violation detected",
        "https://www.zoho.com/mail/help/";
    "Yahoo", "554", "*", ["headers are not rfc compliant"] => ContentRefused + shade(Shade::Form),
        "554 Message headers are not RFC compliant",
        YAHOO;
    "Mimecast", "550", "*", ["envelope blocked"] => RecipientPolicy,
        "550 Envelope blocked – User Entry",
        MIMECAST;
    "Mimecast", "550", "*", ["rejected by header-based"] => RecipientPolicy,
        "550 Rejected by header-based Blocked Senders - Block policy for Header From",
        MIMECAST;
    "Mimecast", "554", "*", ["host network not allowed"] => SenderBlocklisted,
        "554 Host network not allowed",
        MIMECAST;
    "rspamd", "554/550", "*", ["spam message rejected"] => ContentRefused,
        "554 5.7.1 Spam message rejected",
        RSPAMD;
    "rspamd", "554/550", "*", ["gtube"] => ContentRefused,
        "554 5.7.1 Gtube pattern",
        RSPAMD;
    "SpamAssassin", "5xx", "*", ["blocked by spamassassin"] => ContentRefused,
        "550 5.7.1 Blocked by SpamAssassin",
        "https://spamassassin.apache.org/doc.html";
    "Amavis", "554", "5.7.0", ["reject, id="] => ContentRefused,
        "554 5.7.0 Reject, id=04371-02 - SPAM",
        "https://www.amavis.org/";
    "Spamhaus DBL", "5xx", "*", ["dbl.spamhaus.org"] => ContentRefused,
        "554 5.7.1 Message contains a domain listed in dbl.spamhaus.org",
        "https://www.spamhaus.org/blocklists/domain-blocklist/";
    "SURBL", "5xx", "*", ["surbl"] => ContentRefused,
        "554 5.7.1 Message contains a link listed by multi.surbl.org",
        "https://surbl.org/";
};

/// Wordings that many share; the samples are examples of them.
pub(super) const COMMON: &[Signature] = signatures! {
    "many", "5xx", "*", ["message too large"] => MessageTooLarge,
        "550 Message too large",
        RFC_1870;
    "many", "5xx", "*", ["message size exceeds"] => MessageTooLarge,
        "550 The message size exceeds our limit",
        RFC_1870;
    "many", "5xx", "*", ["exceeded mailsize limit"] => MessageTooLarge,
        "552 exceeded mailsize limit",
        "https://www.emailhost.com.cn/service.html";
    "many", "5xx", "*", ["maximum message size"] => MessageTooLarge,
        "552 Message exceeds maximum message size",
        RFC_1870;
    "many", "5xx", "*", ["size limit exceeded"] => MessageTooLarge,
        "552 Size limit exceeded",
        RFC_1870;
    "many", "552", "*", ["message is too long"] => MessageTooLarge,
        "552 message is too long",
        RFC_1870;
    "many", "5xx", "*", ["virus"] => ContentRefused + shade(Shade::Attachment),
        "550 5.7.1 This message contains a virus (Eicar-Test-Signature)",
        "https://docs.clamav.net/manual/Usage/Configuration.html";
    "many", "5xx", "*", ["malware"] => ContentRefused + shade(Shade::Attachment),
        "550 5.7.1 Message rejected: malware found",
        RSPAMD;
    "many", "5xx", "*", ["attachment"] => ContentRefused + shade(Shade::Attachment),
        "552 5.7.0 Attachments of this type are not accepted",
        RSPAMD;
    "many", "5xx", "*", ["bare lf"] => ContentRefused + shade(Shade::Form),
        "550 5.5.2 mx1.example.org Error: bare LF received",
        "https://www.postfix.org/smtp-smuggling.html";
    "many", "5xx", "*", ["bare <lf>"] => ContentRefused + shade(Shade::Form),
        "550 5.5.2 mx1.example.org Error: bare <LF> received",
        "https://www.postfix.org/smtp-smuggling.html";
    "many", "5xx", "*", ["looks like spam"] => ContentRefused,
        "554 5.7.1 Sorry, message looks like SPAM to me",
        RSPAMD;
    "many", "5xx", "*", ["classified as spam"] => ContentRefused,
        "571 5.7.1 message classified as spam",
        RSPAMD;
    "many", "5xx", "*", ["rejected as spam"] => ContentRefused,
        "554 5.7.1 Message rejected as spam by Content Filtering",
        RSPAMD;
    "many", "5xx", "*", ["anti-spam"] => ContentRefused,
        "552 message rejected by anti-spam engine",
        RSPAMD;
    "many", "5xx", "*", ["content reject"] => ContentRefused,
        "550 Content reject",
        "https://www.emailhost.com.cn/service.html";
    "many", "5xx", "*", ["appears to be unsolicited"] => ContentRefused,
        "550 5.7.1 Mail appears to be unsolicited",
        SISIMAI;
    "many", "5xx", "*", ["spam detected"] => ContentRefused,
        "550 5.7.1 Spam detected",
        SISIMAI;
    "many", "5xx", "*", ["spam refused"] => ContentRefused,
        "554 Spam refused",
        SISIMAI;
    "many", "5xx", "*", ["spam not accepted"] => ContentRefused,
        "550 Spam not accepted",
        SISIMAI;
    "many", "5xx", "*", ["identified as spam"] => ContentRefused,
        "550 5.7.1 This message has been identified as spam",
        SISIMAI;
    "many", "5xx", "*", ["spam filter"] => ContentRefused,
        "550 Sending address not accepted due to spam filter",
        SISIMAI;
    "many", "5xx", "*", ["message filtered"] => ContentRefused,
        "550 Message filtered. Refer to the Troubleshooting page",
        SISIMAI;
    "many", "5xx", "*", ["appears to be spam"] => ContentRefused,
        "550 This message appears to be spam",
        SISIMAI;
    "many", "5xx", "*", ["spam score"] => ContentRefused,
        "550 5.7.1 Rejected: spam score 12.3",
        SISIMAI;
    "many", "5xx", "*", ["probable spam"] => ContentRefused,
        "550 probable spam",
        SISIMAI;
    "many", "5xx", "*", ["unacceptable content"] => ContentRefused,
        "550 Message rejected because of unacceptable content",
        SISIMAI;
    "many", "5xx", "*", ["content filter"] => ContentRefused,
        "554 5.7.1 Content filter rejection",
        SISIMAI;
    "many", "5xx", "*", ["suspected spam"] => ContentRefused,
        "550 5.7.1 Suspected spam",
        SISIMAI;
    "many", "5xx", "*", ["due to spam content"] => ContentRefused,
        "554 Rejected due to spam content",
        SISIMAI;
    "many", "5xx", "*", ["detected your message as spam"] => ContentRefused,
        "550 The mail server detected your message as spam and has prevented delivery.",
        SISIMAI;
};
