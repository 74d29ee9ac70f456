//! Throttling and reputation: slow down. `about_us` marks those that look at our address and not at our pace.

use super::super::Class;
use super::super::signature::Signature;
use super::super::verdict::Shade;
const GMAIL: &str = "https://support.google.com/a/answer/3726730";
const MICROSOFT: &str = "https://learn.microsoft.com/en-us/troubleshoot/exchange/email-delivery/ndr/non-delivery-reports-in-exchange-online";
const OUTLOOK: &str = "https://sendersupport.olc.protection.outlook.com/pm/troubleshooting.aspx";
const YAHOO: &str = "https://senders.yahooinc.com/smtp-error-codes/";
const APPLE: &str = "https://support.apple.com/en-us/102322";
const COMCAST: &str = "https://www.xfinity.com/support/articles/email-errors";
const ORANGE: &str = "https://postmaster.orange.fr/";
const GMX: &str = "https://postmaster.gmx.net/en/error-messages";
const RACKSPACE: &str = "https://smtp.codes/rackspace";
const POSTFIX: &str = "https://www.postfix.org/anvil.8.html";
const NETEASE: &str = "https://mail.163.com/help/help_spam_16.htm";
const NIC_RU: &str = "https://nic.ru/help/mail-diagnostics-and-troubleshooting_14426.html";
const SISIMAI: &str = "https://libsisimai.org/en/reason/";
const GODADDY: &str = "https://www.godaddy.com/help/fix-rejected-email-with-a-bounce-error-40685";
const TENCENT: &str = "https://service.mail.qq.com/detail/122";
const COX: &str = "https://www.cox.com/residential/support/email-error-codes.html";
const SPECTRUM: &str = "https://www.spectrumbusiness.net/support/internet/understanding-email-error-codes";
const MIMECAST: &str = "https://mimecastsupport.zendesk.com/hc/en-us/articles/34000709564691";

/// What known servers write.
pub(super) const KNOWN: &[Signature] = signatures! {
    "Gmail", "421", "4.7.0", ["unusual rate of unsolicited mail"] => Throttled + about_us + minutes(30),
        "421-4.7.0 Our system has detected an unusual rate of unsolicited mail originating from your IP address.",
        GMAIL;
    "Gmail", "421", "4.7.28", ["unusual rate of"] => Throttled + about_us + minutes(30),
        "421-4.7.28 Gmail has detected an unusual rate of mail originating from your IP address.",
        GMAIL;
    "Gmail", "421", "4.7.0", ["very low reputation"] => Throttled + about_us + minutes(60),
        "421-4.7.0 Our system has detected that this message is suspicious due to the very low reputation of the sending IP address.",
        GMAIL;
    "Gmail", "421", "4.7.0", ["try again later, closing connection"] => Throttled + minutes(10),
        "421 4.7.0 Try again later, closing connection.",
        GMAIL;
    "Gmail", "450", "4.2.1", ["receiving mail at a rate"] => Throttled + shade(Shade::BusyRecipient) + minutes(10),
        "450-4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.",
        GMAIL;
    "Gmail", "450", "4.2.1", ["receiving mail too quickly"] => Throttled + shade(Shade::BusyRecipient) + minutes(10),
        "450 4.2.1 The user you are trying to contact is receiving mail too quickly.",
        GMAIL;
    "Gmail", "550", "5.2.1", ["receiving mail at a rate"] => Throttled + shade(Shade::BusyRecipient) + for_now + minutes(60),
        "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.",
        GMAIL;
    "Gmail", "421", "4.4.5", ["server busy"] => Throttled,
        "421 4.4.5 Server busy, try again later.",
        GMAIL;
    "Gmail", "452", "4.5.3", ["your message has too many recipients"] => Throttled + shade(Shade::TooManyRecipients),
        "452 4.5.3 Your message has too many recipients.",
        GMAIL;
    "Gmail", "452", "4.5.3", ["separate transaction"] => Throttled + shade(Shade::TooManyRecipients),
        "452 4.5.3 Domain policy size per transaction exceeded, please try this recipient in a separate transaction.",
        GMAIL;
    "Gmail", "451", "4.3.0", ["multiple destination domains"] => Throttled + shade(Shade::TooManyRecipients),
        "451 4.3.0 Multiple destination domains per transaction is unsupported. Please try again.",
        GMAIL;
    "Microsoft", "451", "4.7.650", [] => Throttled + about_us + minutes(30),
        "451 4.7.650 The mail server [192.0.2.10] has been temporarily rate limited due to IP reputation.",
        OUTLOOK;
    "Microsoft", "451", "4.7.651", [] => Throttled + about_us + minutes(30),
        "451 4.7.651 The mail server [192.0.2.10] has been temporarily rate limited due to IP reputation.",
        OUTLOOK;
    "Microsoft", "451", "4.7.652", [] => Throttled + minutes(10),
        "451 4.7.652 The mail server [192.0.2.10] has exceeded the maximum number of connections.",
        OUTLOOK;
    "Microsoft", "451", "4.7.500-699", [] => Throttled + about_us + minutes(10),
        "451 4.7.500 Server busy. Please try again later from [192.0.2.10]. (AS761)",
        MICROSOFT;
    "Microsoft", "421", "*", ["rp-00"] => Throttled + about_us + minutes(30),
        "421 RP-001 (COL004-MC1F12) Unfortunately, some messages from 192.0.2.10 weren't sent. The mail server IP connecting to Outlook.com has exceeded the rate limit allowed.",
        OUTLOOK;
    "Microsoft", "432", "4.3.2", ["storedrv"] => Throttled + shade(Shade::BusyRecipient),
        "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded",
        MICROSOFT;
    "Microsoft", "432", "4.3.2", ["concurrent connections exceeded"] => Throttled,
        "432 4.3.2 Concurrent connections exceeded",
        MICROSOFT;
    "Microsoft", "451", "4.7.0", ["temporary server error"] => ReceiverMisconfigured + shade(Shade::ServerTrouble),
        "451 4.7.0 Temporary server error. Please try again later. PRX2",
        MICROSOFT;
    "Microsoft", "4xx", "4.4.2", ["message submission rate"] => Throttled,
        "421 4.4.2 Message submission rate for this client has exceeded the configured limit",
        MICROSOFT;
    "Yahoo", "421", "4.7.1", ["[ts03]"] => Throttled + about_us + for_good,
        "421 4.7.1 [TS03] All messages from 192.0.2.10 will be permanently deferred; Retrying will NOT succeed. See https://postmaster.yahooinc.com/error-codes",
        YAHOO;
    "Yahoo", "421", "*", ["permanently deferred"] => Throttled + about_us + for_good,
        "421 4.7.1 Messages from 192.0.2.10 permanently deferred; Retrying will NOT succeed.",
        YAHOO;
    "Yahoo", "421", "4.7.0", ["[tss04]"] => Throttled + about_us + minutes(240),
        "421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
        YAHOO;
    "Yahoo", "421", "4.7.0", ["[tss05]"] => Throttled + about_us + minutes(240),
        "421 4.7.0 [TSS05] Messages from 192.0.2.10 temporarily deferred due to unexpected volume or user complaints",
        YAHOO;
    "Yahoo", "421", "4.7.0", ["[ipts04]"] => Throttled + about_us + minutes(240),
        "421 4.7.0 [IPTS04] Messages from 192.0.2.10 temporarily deferred due to user complaints",
        YAHOO;
    "Yahoo", "421", "4.7.0", ["[ts01]"] => Throttled + about_us + minutes(240),
        "421 4.7.0 [TS01] Messages from 192.0.2.10 temporarily deferred due to user complaints - 4.16.55.1",
        YAHOO;
    "Yahoo", "421", "4.7.0", ["[ts02]"] => Throttled + about_us + minutes(240),
        "421 4.7.0 [TS02] Messages from 192.0.2.10 temporarily deferred due to user complaints - 4.16.56.1",
        YAHOO;
    "Yahoo", "421", "*", ["temporarily deferred"] => Throttled + about_us + minutes(240),
        "421 Message from (192.0.2.10) temporarily deferred - 4.16.50. Please refer to https://help.yahoo.com/",
        YAHOO;
    "Yahoo", "421", "*", ["max message per connection"] => Throttled,
        "421 Max message per connection reached, closing transmission channel",
        YAHOO;
    "Yahoo", "450", "*", ["user is receiving mail too quickly"] => Throttled + shade(Shade::BusyRecipient),
        "450 User is receiving mail too quickly",
        YAHOO;
    "Yahoo", "451", "*", ["resources temporarily unavailable"] => ReceiverMisconfigured + shade(Shade::ServerTrouble),
        "451 mta1.example.yahoo.com Resources temporarily unavailable. Please try again later [#4.16.1].",
        YAHOO;
    "Apple", "421", "*", ["[hcm1]"] => Throttled + about_us + minutes(30),
        "421 4.7.1 [HCM1] Messages from 192.0.2.10 deferred, please try again later",
        APPLE;
    "Apple", "451", "*", ["[bs02]"] => Throttled + about_us + minutes(30),
        "451 4.7.1 [BS02] Service unavailable - try again later",
        APPLE;
    "Apple", "421", "*", ["deferred due to excessive volume"] => Throttled + shade(Shade::BusyRecipient) + minutes(30),
        "421 4.7.1 Messages to anna@example.org deferred due to excessive volume. Try again later - https://support.apple.com/en-us/HT204137",
        APPLE;
    "Comcast", "421", "*", ["too many sessions opened"] => Throttled,
        "421 4.7.0 resimta-ch2-01.example.net comcast Too many sessions opened",
        COMCAST;
    "Comcast", "421/45x", "*", ["rl0000"] => Throttled + minutes(60),
        "421 4.1.0 192.0.2.10 Throttled - try again later. Please see http://postmaster.comcast.net/smtp-error-codes.php#RL000001",
        COMCAST;
    "Orange", "421", "*", ["too many connections, slow down"] => Throttled,
        "421 mwinf5c04 ME Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR004_104 [104]",
        ORANGE;
    "Orange", "421", "*", ["service refused, please try later"] => Throttled + about_us,
        "421 mwinf5c10 ME Service refuse. Veuillez essayer plus tard. Service refused, please try later. LPN007_510",
        ORANGE;
    "GMX, web.de", "421", "*", ["rate limit reached"] => Throttled + minutes(60),
        "421 gmx.net (mxgmx004) Nemesis ESMTP Service not available; Rate limit reached. Please try again later.",
        GMX;
    "GMX, web.de", "421/450", "*", ["reject due to policy violations"] => Throttled + about_us + minutes(60),
        "450-Requested mail action not taken: mailbox unavailable; 450 Reject due to policy violations.",
        GMX;
    "Rackspace", "451", "4.7.1", ["new or untrusted ip"] => Throttled + about_us,
        "451 4.7.1 Received too many messages from a new or untrusted IP: 192.0.2.10 (G28)",
        RACKSPACE;
    "Rackspace", "421", "*", ["too many concurrent connections"] => Throttled,
        "421 Too many concurrent connections from this client (G2)",
        RACKSPACE;
    "Rackspace", "450", "4.2.1", ["received too much email"] => Throttled + shade(Shade::BusyRecipient),
        "450 4.2.1 <anna@example.org>: Mailbox received too much email in a short period of time (G30)",
        RACKSPACE;
    "Postfix", "421", "4.7.0", ["error: too many connections from"] => Throttled,
        "421 4.7.0 mx1.example.org Error: too many connections from 192.0.2.10",
        POSTFIX;
    "Postfix", "421", "4.7.0", ["too many errors"] => Throttled,
        "421 4.7.0 mx1.example.org Error: too many errors",
        POSTFIX;
    "Postfix", "450", "4.7.1", ["too much mail from"] => Throttled,
        "450 4.7.1 Error: too much mail from 192.0.2.10",
        POSTFIX;
    "Postfix", "450", "4.7.1", ["too many recipients from"] => Throttled,
        "450 4.7.1 Error: too many recipients from 192.0.2.10",
        POSTFIX;
    "Postfix", "421", "4.7.0", ["connection rate limit exceeded"] => Throttled,
        "421 4.7.0 mx1.example.org Error: connection rate limit exceeded",
        POSTFIX;
    "Postfix", "452", "4.5.3", ["error: too many recipients"] => Throttled + shade(Shade::TooManyRecipients),
        "452 4.5.3 Error: too many recipients",
        POSTFIX;
    "Exim, Amazon SES", "421", "*", ["too many concurrent smtp connections"] => Throttled,
        "421 Too many concurrent SMTP connections from this IP address; please try again later",
        "https://www.exim.org/exim-html-current/doc/html/spec_html/ch-main_configuration.html";
    "Exim", "421", "*", ["too many smtp connections"] => Throttled,
        "421 mx1.example.org: Too many SMTP connections, try again later",
        "https://www.exim.org/exim-html-current/doc/html/spec_html/ch-main_configuration.html";
    "Sendmail", "421/452", "4.3.2", ["connection rate limit exceeded"] => Throttled,
        "421 4.3.2 Connection rate limit exceeded.",
        "https://www.sendmail.org/~ca/email/doc8.12/op-sh-5.html";
    "Sendmail", "421", "4.3.2", ["too many open connections"] => Throttled,
        "421 4.3.2 Too many open connections.",
        "https://www.sendmail.org/~ca/email/doc8.12/op-sh-5.html";
    "NetEase", "421/450", "*", ["hl:rep"] => Throttled + about_us + minutes(60),
        "421 HL:REP 192.0.2.10",
        NETEASE;
    "NetEase", "421/450", "*", ["hl:icc"] => Throttled,
        "421 HL:ICC 192.0.2.10",
        NETEASE;
    "NetEase", "421", "*", ["hl:ifc"] => Throttled + minutes(60),
        "421 HL:IFC 192.0.2.10",
        NETEASE;
    "NetEase", "450/451", "*", ["mi:dmc"] => Throttled,
        "451 MI:DMC 163 smtp4",
        NETEASE;
    "NetEase", "451", "*", ["dt:spm"] => Greylisted + minutes(2),
        "451 DT:SPM 163 mx1, please try again",
        NETEASE;
    "NetEase", "451", "*", ["mi:sfq"] => Throttled + minutes(15),
        "451 MI:SFQ 163 smtp1",
        NETEASE;
    "RU-CENTER", "451", "*", ["please try another server"] => ReceiverMisconfigured + shade(Shade::ServerTrouble),
        "451 Please try another server",
        NIC_RU;
    "Mimecast", "421/451", "*", ["unable to process connection at this time"] => Throttled,
        "421 Unable to process connection at this time, please try again later",
        "https://mimecastsupport.zendesk.com/hc/en-us/articles/34000709564691";
    "Gmail", "550", "5.7.28", ["unusual rate of unsolicited mail"] => Throttled + about_us,
        "550-5.7.28 There is an unusual rate of unsolicited mail originating from your IP address. To protect our users from spam, mail sent from your IP address has been blocked.",
        GMAIL;
    "Gmail", "421", "4.7.0", ["connection expired"] => ProtocolError + shade(Shade::Closed),
        "421 4.7.0 Connection expired, try reconnecting.",
        GMAIL;
    "Microsoft", "4xx", "4.7.850-899", [] => Throttled + about_us + minutes(30),
        "451 4.7.850 Access denied, please try again later",
        MICROSOFT;
    "Cox", "4xx/5xx", "*", ["aup#cxcnct"] => Throttled,
        "421 cox too many sessions from 192.0.2.10 AUP#CXCNCT",
        COX;
    "Cox", "4xx/5xx", "*", ["aup#cxmxrt"] => Throttled + for_now + minutes(60),
        "452 cox requested action aborted: try again later AUP#CXMXRT",
        COX;
    "Cox", "4xx", "*", ["message threshold exceeded"] => Throttled,
        "421 cox message threshold exceeded",
        COX;
    "Spectrum", "4xx/5xx", "*", ["aup#", "-13"] => Throttled + about_us + minutes(60),
        "421 cmsmtp 192.0.2.10 blocked. AUP#In-1370",
        SPECTRUM;
    "Spectrum", "4xx/5xx", "*", ["aup#", "-14"] => Throttled + about_us + minutes(60),
        "421 cmsmtp 192.0.2.10 blocked. AUP#In-1430",
        SPECTRUM;
    "Spectrum", "4xx/5xx", "*", ["aup#", "-1540"] => Throttled,
        "421 cmsmtp too many messages in one session. AUP#In-1540",
        SPECTRUM;
    "Spectrum", "4xx/5xx", "*", ["aup#", "-1550"] => Throttled + shade(Shade::TooManyRecipients) + for_now,
        "452 cmsmtp too many recipients. AUP#In-1550",
        SPECTRUM;
    "GoDaddy", "421", "*", ["ib007"] => Throttled,
        "421 Connection refused, too many sessions from This IP. Lower the number of concurrent sessions. IB007",
        GODADDY;
    "GoDaddy", "421", "*", ["ib101"] => Throttled,
        "421 Server temporarily unavailable. Try again later. IB101",
        GODADDY;
    "GoDaddy", "550", "*", ["ib504"] => Throttled + for_now + minutes(60),
        "550 This IP has sent too many messages this hour. IB504",
        GODADDY;
    "GoDaddy", "550", "*", ["ib607"] => Throttled + for_now + minutes(60),
        "550 This IP has sent too many to too many recipients this hour. IB607",
        GODADDY;
    "GoDaddy", "550", "*", ["ib510"] => Throttled + for_now,
        "550 This message has exceeded the max number of messages per session. Open a new session and try again. IB510",
        GODADDY;
    "GoDaddy", "452", "*", ["ib605"] => Throttled + shade(Shade::TooManyRecipients),
        "452 This message contains too many recipients. Reduce the number of recipients and retry. IB605",
        GODADDY;
    "QQ", "4xx/5xx", "*", ["ip frequency limited"] => Throttled + about_us + for_now + minutes(60),
        "550 Ip frequency limited",
        TENCENT;
    "QQ", "4xx/5xx", "*", ["domain frequency limited"] => Throttled + for_now + minutes(60),
        "550 Domain frequency limited",
        TENCENT;
    "QQ", "4xx/5xx", "*", ["sender frequency limited"] => Throttled + for_now + minutes(60),
        "550 Sender frequency limited",
        TENCENT;
    "QQ", "4xx/5xx", "*", ["connection frequency limited"] => Throttled + for_now + minutes(60),
        "550 Connection frequency limited",
        TENCENT;
    "free.fr", "4xx/5xx", "*", ["too many errors from your ip"] => Throttled + about_us + for_now + minutes(60),
        "421 Too many errors from your ip (192.0.2.10), please visit http://postmaster.free.fr/",
        "http://postmaster.free.fr/";
    "Mimecast", "451", "*", ["ip temporarily blacklisted"] => Throttled + about_us + minutes(15),
        "451 IP temporarily blacklisted",
        MIMECAST;
    "Mimecast", "451", "*", ["account service is temporarily unavailable"] => Throttled + minutes(5),
        "451 Account service is temporarily unavailable",
        MIMECAST;
    "rspamd", "4xx", "*", ["ratelimit"] => Throttled,
        "451 4.7.1 Ratelimit \"bounce_to_ip\" exceeded",
        "https://rspamd.com/doc/modules/ratelimit.html";
};

/// Wordings that many share; the samples are examples of them.
pub(super) const COMMON: &[Signature] = signatures! {
    "many", "4xx", "*", ["too many messages"] => Throttled,
        "452 4.3.1 Too many messages from your address, please slow down",
        POSTFIX;
    "many", "4xx", "*", ["rate limit"] => Throttled,
        "451 4.7.1 You are over the rate limit",
        "https://rspamd.com/doc/modules/ratelimit.html";
    "many", "4xx", "*", ["throttl"] => Throttled,
        "421 4.7.1 Your host is being throttled",
        "https://www.rfc-editor.org/rfc/rfc6647";
    "many", "452/552", "*", ["too many recipients"] => Throttled + shade(Shade::TooManyRecipients) + for_now,
        "552 Too many recipients (RFC 821)",
        "https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.10";
    "many", "421/45x", "*", ["too many connections"] => Throttled,
        "421 Too many connections, please try again later",
        POSTFIX;
    "many", "4xx", "*", ["too many sessions"] => Throttled,
        "421 Too many sessions from your host",
        SISIMAI;
    "many", "4xx", "*", ["try again slower"] => Throttled,
        "451 Please try again slower",
        SISIMAI;
};
