//! Our address is listed, or is one of those that homes get. It is never the recipient's fault.
//!
//! The home addresses come first: their rows name a list as well, and the list is not the point.

use super::super::Class;
use super::super::signature::Signature;
const SPAMHAUS_PBL: &str = "https://www.spamhaus.org/blocklists/policy-blocklist/";
const SPAMHAUS: &str = "https://www.spamhaus.org/blocklists/zen-blocklist/";
const OUTLOOK: &str = "https://sendersupport.olc.protection.outlook.com/pm/troubleshooting.aspx";
const MICROSOFT: &str = "https://learn.microsoft.com/en-us/troubleshoot/exchange/email-delivery/ndr/non-delivery-reports-in-exchange-online";
const MIMECAST: &str = "https://mimecastsupport.zendesk.com/hc/en-us/articles/34000709564691";
const T_ONLINE: &str = "https://postmaster.t-online.de/index.en.html";
const GMX: &str = "https://postmaster.gmx.net/en/error-messages";
const YAHOO: &str = "https://senders.yahooinc.com/smtp-error-codes/";
const COMCAST: &str = "https://www.xfinity.com/support/articles/email-errors";
const MAIL_RU: &str = "https://postmaster.mail.ru/";
const AOL: &str = "https://postmaster.aol.com/error-codes";
const PROOFPOINT: &str = "https://ipcheck.proofpoint.com/";
const CLOUDMARK: &str = "https://csi.cloudmark.com/reset-request";
const SPECTRUM: &str = "https://www.spectrumbusiness.net/support/internet/understanding-email-error-codes";
const COX: &str = "https://www.cox.com/residential/support/email-error-codes.html";
const BARRACUDA: &str = "https://www.barracudacentral.org/rbl";
const NETEASE: &str = "https://mail.163.com/help/help_spam_16.htm";
const SISIMAI: &str = "https://libsisimai.org/en/reason/";
const GODADDY: &str = "https://www.godaddy.com/help/fix-rejected-email-with-a-bounce-error-40685";
const TENCENT: &str = "https://service.mail.qq.com/detail/122";

/// What known servers write.
pub(super) const KNOWN: &[Signature] = signatures! {
    // Home addresses.
    "Microsoft", "550", "*", ["dy-001"] => SenderDynamicIp,
        "550 DY-001 (COL004-MC3F8) Unfortunately, messages from 192.0.2.10 weren't sent. We're unable to accept mail from dynamic IP addresses.",
        OUTLOOK;
    "Microsoft", "550", "*", ["dy-002"] => SenderDynamicIp,
        "550 DY-002 Unfortunately, messages from 192.0.2.10 weren't sent. The likely cause is a compromised or virus infected server or personal computer.",
        OUTLOOK;
    "Mimecast", "550", "*", ["listed by pbl"] => SenderDynamicIp,
        "550 zen.mimecast.org Listed by PBL, see https://check.spamhaus.org/query/ip/192.0.2.10",
        MIMECAST;
    "T-Online", "554", "*", ["dialup/transient ip not allowed"] => SenderDynamicIp,
        "554 IP=192.0.2.10 - Dialup/transient IP not allowed. Use a mailgateway or contact toda@rx.t-online.de if obsolete. (DIAL)",
        T_ONLINE;
    "Comcast", "4xx/5xx", "*", ["es000001"] => SenderDynamicIp,
        "554 comcast 192.0.2.10 is in our dynamic address space; see http://postmaster.comcast.net/smtp-error-codes.php#ES000001",
        COMCAST;
    "Comcast", "4xx/5xx", "*", ["es000010"] => SenderDynamicIp,
        "550 5.1.0 comcast 192.0.2.10 Dynamic/residential address; see http://postmaster.comcast.net/smtp-error-codes.php#ES000010",
        COMCAST;
    "mail.ru", "550", "*", ["dynamic ips"] => SenderDynamicIp,
        "550 Sorry, we do not accept mail from dynamic IPs (192.0.2.10). Contact abuse@corp.mail.ru",
        MAIL_RU;
    "mail.ru", "550", "*", ["generic dns ptr-records"] => SenderDynamicIp,
        "550 We do not accept mail from hosts with dynamic IP or generic dns PTR-records. Contact abuse@corp.mail.ru",
        MAIL_RU;
    "mail.ru", "550", "*", ["hosts with dynamic ip"] => SenderDynamicIp,
        "550 We do not accept mail from hosts with dynamic IP",
        MAIL_RU;
    "AOL", "421/554", "*", ["rtr:du"] => SenderDynamicIp,
        "554- (RTR:DU) https://postmaster.info.aol.com/errors/554rtrdu.html",
        AOL;
    "AOL", "421/554", "*", ["rtr:bb"] => SenderDynamicIp,
        "554- (RTR:BB) https://postmaster.info.aol.com/errors/554rtrbb.html",
        AOL;
    "Yahoo", "553", "5.7.1", ["[bl21]"] => SenderDynamicIp,
        "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.10, because the ip is in Spamhaus's list; see https://postmaster.yahooinc.com/error-codes",
        YAHOO;
    "GoDaddy", "554", "*", ["ib106"] => SenderDynamicIp,
        "554 Connection refused. This IP address is listed on the Policy Block List (PBL). IB106",
        GODADDY;
    "EarthLink and others", "4xx/5xx", "*", ["dynamic/zombied/spam ips blocked"] => SenderDynamicIp,
        "550 Dynamic/zombied/spam IPs blocked. Write to support@example.org",
        SISIMAI;
    "EarthLink and others", "4xx/5xx", "*", ["please use the smtp server of your isp"] => SenderDynamicIp,
        "550 Please use the smtp server of your ISP.",
        SISIMAI;
    "Spamhaus PBL", "4xx/5xx", "*", ["spamhaus.org/pbl"] => SenderDynamicIp,
        "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; https://www.spamhaus.org/pbl/query/PBL000001",
        SPAMHAUS_PBL;
    "Spamhaus PBL", "4xx/5xx", "*", ["pbl.spamhaus.org"] => SenderDynamicIp,
        "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using pbl.spamhaus.org",
        SPAMHAUS_PBL;
    "Spamhaus PBL", "4xx/5xx", "*", ["spamhaus", "pbl"] => SenderDynamicIp,
        "554 5.7.1 192.0.2.10 is listed in the Spamhaus PBL",
        SPAMHAUS_PBL;
    "Spamhaus PBL", "4xx/5xx", "*", ["policy block list"] => SenderDynamicIp,
        "554 5.7.1 Your address is on the Policy Block List",
        SPAMHAUS_PBL;
    "SORBS DUHL", "4xx/5xx", "*", ["dul.dnsbl.sorbs"] => SenderDynamicIp,
        "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using dul.dnsbl.sorbs.net",
        "https://www.sorbs.net/general/using.shtml";
    "Microsoft", "550", "5.7.507", [] => SenderBlocklisted,
        "550 5.7.507 Access denied, rejected by recipient",
        MICROSOFT;
    "Microsoft", "550", "5.7.510", ["ipv6"] => SenderBlocklisted,
        "550 5.7.510 Access denied, example.org does not accept email over IPv6",
        MICROSOFT;
    "Microsoft", "550", "5.7.513", [] => SenderBlocklisted,
        "550 5.7.513 Service unavailable, Client host [192.0.2.10] blocked by example.org using Customer Block list (AS16012607)",
        MICROSOFT;
    "Microsoft", "550", "*", ["not currently accepting mail from your ip"] => SenderBlocklisted,
        "550 Not currently accepting mail from your ip",
        SISIMAI;
    "GoDaddy", "554", "*", ["ib103"] => SenderBlocklisted,
        "554 Connection refused. This IP has a poor reputation on Cloudmark Sender Intelligence (CSI). IB103",
        GODADDY;
    "GoDaddy", "554", "*", ["ib104"] => SenderBlocklisted,
        "554 Connection refused. This IP address is listed on the Spamhaus Block List (SBL). IB104",
        GODADDY;
    "GoDaddy", "554", "*", ["ib105"] => SenderBlocklisted,
        "554 Connection refused. This IP address is listed on the Exploits Block List (XBL). IB105",
        GODADDY;
    "GoDaddy", "554", "*", ["ib110"] => SenderBlocklisted + for_now + minutes(60),
        "554 This IP has been temporarily blocked for attempting to send too many messages containing content judged to be spam by the Internet community. IB110",
        GODADDY;
    "GoDaddy", "554", "*", ["ib111"] => SenderBlocklisted + for_now + minutes(240),
        "554 This IP has been blocked for the day, for attempting to send too many messages containing content judged to be spam by the Internet community. IB111",
        GODADDY;
    "GoDaddy", "554", "*", ["ib112"] => SenderBlocklisted + for_now + minutes(60),
        "554 This IP has been temporarily blocked for attempting to mail too many invalid recipients. IB112",
        GODADDY;
    "GoDaddy", "554", "*", ["ib113"] => SenderBlocklisted + for_now + minutes(240),
        "554 This IP has been blocked for the day, for attempting to mail too many invalid recipients. IB113",
        GODADDY;
    "GoDaddy", "554", "*", ["rbl reject"] => SenderBlocklisted,
        "554 RBL Reject.",
        GODADDY;
    "Cox", "4xx/5xx", "*", ["aup#cxbl"] => SenderBlocklisted,
        "554 cox Connection refused. 192.0.2.10 AUP#CXBL",
        COX;
    "Cox", "4xx/5xx", "*", ["aup#cdrbl"] => SenderBlocklisted + for_now + minutes(240),
        "554 cox Connection refused. 192.0.2.10 AUP#CDRBL",
        COX;
    "Cox", "4xx/5xx", "*", ["aup#ipbl"] => SenderBlocklisted,
        "554 cox Connection refused. 192.0.2.10 AUP#IPBL1000",
        COX;
    "Spectrum", "4xx/5xx", "*", ["aup#", "-1000"] => SenderBlocklisted,
        "554 cmsmtp esmtp server not available AUP#I-1000",
        SPECTRUM;
    "Spectrum", "4xx/5xx", "*", ["aup#", "-1010"] => SenderBlocklisted,
        "554 dnvrco-cmimta15 esmtp ESMTP server not available AUP#I-1010",
        SPECTRUM;
    "Spectrum", "4xx/5xx", "*", ["aup#", "-12"] => SenderBlocklisted,
        "554 cmsmtp 192.0.2.10 AUP#I-1210",
        SPECTRUM;
    "Orange", "5xx", "*", ["client host blocked for spamming issues"] => SenderBlocklisted,
        "550 mwinf5c04 ME Adresse IP source bloquee pour incident de spam. Client host blocked for spamming issues. OFR006_102",
        "https://postmaster.orange.fr/";
    "SFR", "4xx/5xx", "*", ["abus detecte gu_eib"] => SenderBlocklisted,
        "550 5.7.1 Client host rejected: Abus detecte GU_EIB_04",
        SISIMAI;
    "free.fr", "4xx/5xx", "*", ["too many spams from your ip"] => SenderBlocklisted,
        "550 Too many spams from your IP (192.0.2.10), please visit http://postmaster.free.fr/",
        "http://postmaster.free.fr/";
    "QQ", "4xx/5xx", "*", ["suspected spam ip"] => SenderBlocklisted,
        "550 Suspected spam ip",
        TENCENT;
    "QQ", "4xx/5xx", "*", ["suspected bounce attacks"] => SenderBlocklisted,
        "550 Suspected bounce attacks",
        TENCENT;
    "QQ", "4xx/5xx", "*", ["connection denied"] => SenderBlocklisted,
        "550 Connection denied",
        TENCENT;
    "AT&T", "4xx/5xx", "*", ["att.net/blocks"] => SenderBlocklisted,
        "553 5.3.0 192.0.2.10 blocked for abuse. See http://att.net/blocks",
        SISIMAI;
    "EarthLink", "4xx/5xx", "*", ["is blocked by earthlink"] => SenderBlocklisted,
        "550 IP 192.0.2.10 is blocked by EarthLink. Go to earthlink.net/block for details.",
        SISIMAI;
    "Apple", "550/554", "*", ["rejected due to listing in spamhaus"] => SenderBlocklisted,
        "550 5.7.1 Mail from IP 192.0.2.10 was rejected due to listing in Spamhaus SBL.",
        "https://support.apple.com/en-us/102322";
    "Apple", "554", "*", ["esmtp not accepting connections"] => SenderBlocklisted,
        "554 mr85p00im-smtpin001.me.com ESMTP not accepting connections",
        SISIMAI;
    "Proofpoint", "4xx/5xx", "*", ["support.proofpoint.com/dnsbl-lookup"] => SenderBlocklisted,
        "550 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.10",
        SISIMAI;
    // Listed addresses.
    "Microsoft", "550", "5.7.1", ["blocked using spamhaus"] => SenderBlocklisted,
        "550 5.7.1 Service unavailable, Client host [192.0.2.10] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/192.0.2.10",
        MICROSOFT;
    "Microsoft", "550", "5.7.1", ["on our block list"] => SenderBlocklisted,
        "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
        OUTLOOK;
    "Microsoft", "550", "*", ["(s3140)"] => SenderBlocklisted,
        "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent (S3140).",
        OUTLOOK;
    "Microsoft", "550", "5.7.606-649", [] => SenderBlocklisted,
        "550 5.7.606 Access denied, banned sending IP [192.0.2.10]. To request removal from this list please visit https://sender.office.com/",
        MICROSOFT;
    "Microsoft", "550", "5.7.511", [] => SenderBlocklisted,
        "550 5.7.511 Access denied, banned sender[192.0.2.10]. To request removal from this list please forward this message to delist@microsoft.com.",
        MICROSOFT;
    "Microsoft", "550", "5.7.508", [] => SenderBlocklisted + for_now + minutes(60),
        "550 5.7.508 Access denied, [2001:db8::1] has exceeded permitted limits within the range",
        MICROSOFT;
    "Microsoft", "550", "*", ["sc-00"] => SenderBlocklisted,
        "550 SC-001 (BAY004-MC6F5) Unfortunately, messages from 192.0.2.10 weren't sent. Your IP address was blocked for policy reasons.",
        OUTLOOK;
    "Microsoft", "550", "*", ["ou-00"] => SenderBlocklisted,
        "550 OU-002 (SNT004-MC1F32) Unfortunately, messages from 192.0.2.10 weren't sent. Please contact your Internet service provider.",
        OUTLOOK;
    "T-Online", "554", "*", ["none/bad reputation"] => SenderBlocklisted,
        "554 IP=192.0.2.10 - None/bad reputation. Ask your postmaster for help or to contact tobr@rx.t-online.de for reset. (NOWL)",
        T_ONLINE;
    "T-Online", "554", "*", ["a problem occurred", "(bl)"] => SenderBlocklisted,
        "554 IP=192.0.2.10 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.) (BL)",
        T_ONLINE;
    "GMX, web.de", "554", "*", ["ip address is block listed"] => SenderBlocklisted,
        "554-gmx.net (mxgmx104) Nemesis ESMTP Service not available 554-No SMTP service 554-IP address is block listed.",
        GMX;
    "GMX, web.de", "554", "*", ["ip address is black listed"] => SenderBlocklisted,
        "554-web.de (mxweb104) Nemesis ESMTP Service not available 554-IP address is black listed.",
        GMX;
    "Yahoo", "553", "5.7.1", ["[bl23]"] => SenderBlocklisted,
        "553 5.7.1 [BL23] Connections not accepted from IP addresses on Spamhaus XBL; see https://postmaster.yahooinc.com/error-codes",
        YAHOO;
    "Yahoo", "553", "5.7.1", ["[tss07]"] => SenderBlocklisted,
        "553 5.7.1 [TSS07] Connections will not be accepted from 192.0.2.10",
        YAHOO;
    "AOL", "421/554", "*", ["rtr:bl"] => SenderBlocklisted,
        "554- (RTR:BL) https://postmaster.info.aol.com/errors/554rtrbl.html",
        AOL;
    "AOL", "554", "*", ["hvu:b1"] => ContentRefused,
        "554- (HVU:B1) https://postmaster.info.aol.com/errors/554hvub1.html",
        AOL;
    "Comcast", "4xx/5xx", "*", ["bl000000"] => SenderBlocklisted,
        "554 resimta.example.net comcast 192.0.2.10 blocked; see http://postmaster.comcast.net/smtp-error-codes.php#BL000000",
        COMCAST;
    "Comcast", "4xx/5xx", "*", ["bl000001"] => SenderBlocklisted,
        "554 resimta.example.net comcast 192.0.2.10 blocked; see http://postmaster.comcast.net/smtp-error-codes.php#BL000001",
        COMCAST;
    "Comcast", "4xx/5xx", "*", ["bl000010"] => SenderBlocklisted,
        "554 resimta.example.net comcast 192.0.2.10 blocked; see http://postmaster.comcast.net/smtp-error-codes.php#BL000010",
        COMCAST;
    "Comcast", "4xx/5xx", "*", ["bl0001"] => SenderBlocklisted,
        "554 resimta.example.net comcast 192.0.2.10 blocked; see http://postmaster.comcast.net/smtp-error-codes.php#BL000100",
        COMCAST;
    "Proofpoint", "4xx/5xx", "*", ["ipcheck.proofpoint.com"] => SenderBlocklisted,
        "550 5.7.0 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.10",
        PROOFPOINT;
    "Cloudmark", "4xx/5xx", "*", ["csi.cloudmark.com"] => SenderBlocklisted,
        "554 5.7.1 192.0.2.10 blocked, see https://csi.cloudmark.com/reset-request/?ip=192.0.2.10",
        CLOUDMARK;
    "Barracuda", "4xx/5xx", "*", ["b.barracudacentral.org"] => SenderBlocklisted,
        "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using b.barracudacentral.org; http://www.barracudanetworks.com/reputation/",
        BARRACUDA;
    "Barracuda", "4xx/5xx", "*", ["barracudanetworks.com/reputation"] => SenderBlocklisted,
        "554 Service unavailable; blocked, see http://www.barracudanetworks.com/reputation/?pr=1&ip=192.0.2.10",
        BARRACUDA;
    "SpamCop", "4xx/5xx", "*", ["bl.spamcop.net"] => SenderBlocklisted,
        "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using bl.spamcop.net",
        "https://www.spamcop.net/bl.shtml";
    "Abusix", "4xx/5xx", "*", ["abusix"] => SenderBlocklisted,
        "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using combined.mail.abusix.zone",
        "https://docs.abusix.com/abusix-mail-intelligence";
    "Spamhaus", "4xx/5xx", "*", ["check.spamhaus.org/query"] => SenderBlocklisted,
        "550 zen.mimecast.org Listed by XBL, see https://check.spamhaus.org/query/ip/192.0.2.10",
        SPAMHAUS;
    "Spamhaus", "4xx/5xx", "*", ["spamhaus", "client host"] => SenderBlocklisted,
        "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.10",
        SPAMHAUS;
    "Spamhaus", "4xx/5xx", "*", ["spamhaus.org/query/ip"] => SenderBlocklisted,
        "550 5.7.1 Mail from 192.0.2.10 refused, see https://www.spamhaus.org/query/ip/192.0.2.10",
        SPAMHAUS;
    "Mimecast", "550", "*", ["local cbl"] => SenderBlocklisted,
        "550 Local CT IP Reputation - (reject) Local CBL",
        MIMECAST;
    "Mimecast", "550", "*", ["ip reputation"] => SenderBlocklisted,
        "550 csi.mimecast.org Poor IP Reputation. https://community.mimecast.com/docs/DOC-1369#550",
        MIMECAST;
    "Mimecast", "421/550", "*", ["sender address blocked"] => SenderBlocklisted,
        "421 Sender address blocked",
        MIMECAST;
    "NetEase", "450/554", "*", ["dt:rbl"] => SenderBlocklisted,
        "450 DT:RBL 163 mx9",
        NETEASE;
    "NetEase", "554", "*", ["hl:ihu"] => SenderBlocklisted,
        "554 HL:IHU 192.0.2.10",
        NETEASE;
    "NetEase", "554", "*", ["hl:ipb"] => SenderBlocklisted,
        "554 HL:IPB 192.0.2.10",
        NETEASE;
    "Yandex", "4xx/5xx", "*", ["blocked by spam statistics"] => SenderBlocklisted,
        "554 5.7.1 Blocked by spam statistics - see https://yandex.com/support/mail/bounces/",
        "https://yandex.com/support/mail/bounces/yandex/message-rejected-under-suspicion-of-spam.html";
    "Gmail", "550", "5.7.1", ["unusual rate of unsolicited mail"] => SenderBlocklisted,
        "550-5.7.1 Our system has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users from spam, mail sent from your IP address has been blocked.",
        "https://support.google.com/a/answer/3726730";
    "Gmail", "550/554", "5.7.1", ["ip you're using to send mail is not authorized"] => SenderDynamicIp,
        "550-5.7.1 The IP you're using to send mail is not authorized to send email directly to our servers. Please use the SMTP relay at your service provider instead.",
        "https://support.google.com/a/answer/3726730";
    "Gmail", "550", "5.7.1", ["very low reputation of the sending ip"] => SenderBlocklisted,
        "550-5.7.1 Our system has detected that this message is likely suspicious due to the very low reputation of the sending IP address.",
        "https://support.google.com/a/answer/3726730";
    "Gmail", "421/550", "x.7.0", ["ip not in whitelist"] => SenderBlocklisted,
        "421 4.7.0 IP not in whitelist for RCPT domain, closing connection.",
        "https://support.google.com/a/answer/3726730";
    "Apple", "550/554", "*", ["[cs01]"] => SenderBlocklisted,
        "550 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137",
        "https://support.apple.com/en-us/102322";
    "Postfix", "554", "5.7.1", ["client host rejected: access denied"] => SenderBlocklisted,
        "554 5.7.1 <unknown[192.0.2.10]>: Client host rejected: Access denied",
        "https://www.postfix.org/access.5.html";
    "Postfix", "4xx/5xx", "*", ["blocked using"] => SenderBlocklisted,
        "554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using dnsbl.example.net",
        "https://www.postfix.org/postconf.5.html#reject_rbl_client";
    "Exim", "4xx/5xx", "*", ["is in a black list"] => SenderBlocklisted,
        "550-rejected because 192.0.2.10 is in a black list at dnsbl.example.net",
        "https://www.exim.org/exim-html-current/doc/html/spec_html/ch-access_control_lists.html";
};

/// Wordings that many share; the samples are examples of them.
pub(super) const COMMON: &[Signature] = signatures! {
    "many", "4xx/5xx", "*", ["dynamic ip"] => SenderDynamicIp,
        "550 5.7.1 Mail from dynamic IP addresses is not accepted",
        SPAMHAUS_PBL;
    "many", "4xx/5xx", "*", ["dynamic address"] => SenderDynamicIp,
        "554 Mail from dynamic addresses is refused here",
        SPAMHAUS_PBL;
    "many", "4xx/5xx", "*", ["dynamically assigned"] => SenderDynamicIp,
        "554 5.7.1 Your address is dynamically assigned; use your provider's mail server",
        SPAMHAUS_PBL;
    "many", "4xx/5xx", "*", ["residential"] => SenderDynamicIp,
        "554 Mail from residential address space is not accepted",
        SPAMHAUS_PBL;
    "many", "4xx/5xx", "*", ["dial-up"] => SenderDynamicIp,
        "550 5.7.1 Mail from dial-up hosts is refused",
        SPAMHAUS_PBL;
    "many", "4xx/5xx", "*", ["dialup"] => SenderDynamicIp,
        "550 Dialup hosts may not send mail directly",
        SPAMHAUS_PBL;
    "many", "4xx/5xx", "*", ["generic ptr"] => SenderDynamicIp,
        "550 5.7.1 Generic PTR records are refused",
        SPAMHAUS_PBL;
    "many", "4xx/5xx", "*", ["generic reverse"] => SenderDynamicIp,
        "554 5.7.1 Client host rejected: generic reverse DNS name",
        SPAMHAUS_PBL;
    "many", "4xx/5xx", "*", ["your ip", "block list"] => SenderBlocklisted,
        "550 Your IP is on a block list",
        SPAMHAUS;
    "many", "4xx/5xx", "*", ["your ip", "blocked"] => SenderBlocklisted,
        "554 Your IP has been blocked",
        SPAMHAUS;
    "many", "4xx/5xx", "*", ["blacklist"] => SenderBlocklisted,
        "550 5.7.1 Your server is blacklisted",
        SPAMHAUS;
    "many", "4xx/5xx", "*", ["blocklist"] => SenderBlocklisted,
        "554 5.7.1 192.0.2.10 is on our blocklist",
        SPAMHAUS;
    "many", "4xx/5xx", "*", ["bad reputation"] => SenderBlocklisted,
        "554 Your address has a bad reputation",
        SPAMHAUS;
    "many", "4xx/5xx", "*", ["poor reputation"] => SenderBlocklisted,
        "554-mx1.example.org 554 Your access to this mail system has been rejected due to the sending MTA's poor reputation.",
        "https://talosintelligence.com/reputation_center";
    "many", "4xx/5xx", "*", ["your sender", "abuseat.org"] => SenderBlocklisted,
        "550 Your sender's IP address is listed at cbl.abuseat.org",
        SISIMAI;
    "many", "4xx/5xx", "*", ["listed as abusive"] => SenderBlocklisted,
        "554 Server IP 192.0.2.10 listed as abusive",
        SISIMAI;
    "many", "4xx/5xx", "*", ["bad sender ip address"] => SenderBlocklisted,
        "550 Bad sender IP address",
        SISIMAI;
    "many", "4xx/5xx", "*", ["access from ip address"] => SenderBlocklisted,
        "550 Access from ip address 192.0.2.10 blocked.",
        SISIMAI;
    "many", "4xx/5xx", "*", ["ip/domain reputation problems"] => SenderBlocklisted,
        "550 5.7.1 IP/domain reputation problems",
        SISIMAI;
    "many", "4xx/5xx", "*", ["a poor email reputation score"] => SenderBlocklisted,
        "554 5.7.1 Your server has a poor email reputation score",
        SISIMAI;
    "many", "4xx/5xx", "*", ["you are not allowed to connect"] => SenderBlocklisted,
        "554 You are not allowed to connect",
        SISIMAI;
    "many", "4xx/5xx", "*", ["looks suspiciously like spammer"] => SenderBlocklisted,
        "553 sorry, your remotehost looks suspiciously like spammer",
        SISIMAI;
};
