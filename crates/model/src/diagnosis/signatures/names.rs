//! No reverse DNS, or one that does not lead back: ours to mend, or another route. Waiting rarely changes it, whatever
//! the code says.

use super::super::Class;
use super::super::signature::Signature;
const GMAIL: &str = "https://support.google.com/a/answer/3726730";
const POSTFIX: &str = "https://www.postfix.org/postconf.5.html#reject_unknown_reverse_client_hostname";
const YAHOO: &str = "https://senders.yahooinc.com/smtp-error-codes/";
const GMX: &str = "https://postmaster.gmx.net/en/case?c=rdns";
const COMCAST: &str = "https://www.xfinity.com/support/articles/email-errors";
const SISIMAI: &str = "https://libsisimai.org/en/reason/";
const GODADDY: &str = "https://www.godaddy.com/help/fix-rejected-email-with-a-bounce-error-40685";
const COX: &str = "https://www.cox.com/residential/support/email-error-codes.html";
const SPECTRUM: &str = "https://www.spectrumbusiness.net/support/internet/understanding-email-error-codes";

/// What known servers write.
pub(super) const KNOWN: &[Signature] = signatures! {
    "Yahoo", "450/550", "*", ["forward-confirmed reverse dns failed"] => SenderNoRdns,
        "450 4.7.25 Forward-confirmed reverse DNS failed for 192.0.2.10",
        YAHOO;
    "Gmail", "550/421", "x.7.25", [] => SenderNoRdns,
        "550-5.7.25 The IP address sending this message does not have a PTR record setup, or the corresponding forward DNS entry does not point to the sending IP.",
        GMAIL;
    "Gmail", "550/421", "*", ["does not have a ptr record"] => SenderNoRdns,
        "550 5.7.1 [192.0.2.10] The IP address sending this message does not have a PTR record setup.",
        GMAIL;
    "Gmail", "550", "5.7.1", ["ipv6 sending guidelines"] => SenderNoRdns,
        "550-5.7.1 [2001:db8::1] Our system has detected that this message does not meet IPv6 sending guidelines regarding PTR records and authentication.",
        GMAIL;
    "Postfix", "450/550", "x.7.1", ["cannot find your reverse hostname"] => SenderNoRdns,
        "450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.10]",
        POSTFIX;
    "Postfix", "450/550", "*", ["cannot find your hostname"] => SenderNoRdns,
        "450 4.7.1 Client host rejected: cannot find your hostname, [192.0.2.10]",
        POSTFIX;
    "GMX, web.de", "554", "*", ["bad dns ptr resource record"] => SenderNoRdns,
        "554-gmx.net (mxgmx104) Nemesis ESMTP Service not available 554 Bad DNS PTR resource record.",
        GMX;
    "freenet", "550", "*", ["no dns ptr record"] => SenderNoRdns,
        "550 inconsistent or no DNS PTR record for 192.0.2.10 (see RFC 1912 2.1)",
        "https://kundenservice.freenet.de/";
    // A lookup that failed, says Comcast, and may be tried again.
    "Comcast", "421", "*", ["reverse dns failure"] => SenderNoRdns + for_now + minutes(30),
        "421 Reverse DNS failure : Try again later",
        COMCAST;
    "Cox", "421/55x", "*", ["no rdns"] => SenderNoRdns,
        "554 eastrmimpi209.cox.net cox 192.0.2.10 rejected - no rDNS - http://postmaster.cox.net/confluence/display/postmaster/Error+Codes",
        "https://www.cox.com/residential/support/email-error-codes.html";
    "Rackspace", "450/550", "4.7.1", ["has no ptr record"] => SenderNoRdns,
        "450 4.7.1 Client host 192.0.2.10 has no PTR record (G1F)",
        "https://smtp.codes/rackspace";
    "Cox", "4xx/5xx", "*", ["aup#cxdns"] => SenderNoRdns,
        "554 cox 192.0.2.10 DNS check failure - try again later AUP#CXDNS",
        COX;
    "Spectrum", "4xx/5xx", "*", ["aup#", "-1100"] => SenderNoRdns,
        "554 cmsmtp 192.0.2.10 rejected. AUP#I-1100",
        SPECTRUM;
    "GoDaddy", "421", "*", ["ib108"] => SenderNoRdns,
        "421 Temporarily rejected. Reverse DNS for this IP failed. IB108",
        GODADDY;
    "Comcast", "4xx/5xx", "*", ["all mail servers must have a ptr record with a valid reverse dns entry"] => SenderNoRdns,
        "554 comcast 192.0.2.10 Comcast requires that all mail servers must have a PTR record with a valid Reverse DNS entry.",
        COMCAST;
    // The name in HELO is made from the address's name, so a name that is refused is the same fault.
    "Postfix", "4xx/5xx", "*", ["helo command rejected"] => SenderNoRdns,
        "450 4.7.1 <home.example.net>: Helo command rejected: Host not found",
        "https://www.postfix.org/postconf.5.html#reject_unknown_helo_hostname";
    "Microsoft", "550", "5.7.506", [] => SenderNoRdns,
        "550 5.7.506 Access Denied, Bad HELO",
        "https://learn.microsoft.com/en-us/troubleshoot/exchange/email-delivery/ndr/non-delivery-reports-in-exchange-online";
};

/// Wordings that many share; the samples are examples of them.
pub(super) const COMMON: &[Signature] = signatures! {
    "many", "4xx/5xx", "*", ["reverse dns lookup failed"] => SenderNoRdns,
        "550 Reverse DNS lookup failed for host 192.0.2.10",
        SISIMAI;
    "many", "4xx/5xx", "*", ["please get a custom reverse dns name from your isp"] => SenderNoRdns,
        "550 Please get a custom reverse DNS name from your ISP for your host 192.0.2.10",
        SISIMAI;
    "many", "4xx/5xx", "*", ["fix reverse dns for"] => SenderNoRdns,
        "550 Fix reverse DNS for 192.0.2.10",
        SISIMAI;
    "many", "4xx/5xx", "*", ["unresolvable relay host name"] => SenderNoRdns,
        "554 Unresolvable relay host name",
        SISIMAI;
    "many", "4xx/5xx", "*", ["ips with missing ptr records"] => SenderNoRdns,
        "550 5.7.1 We do not accept messages from IPs with missing PTR records",
        SISIMAI;
    "many", "4xx/5xx", "*", ["no ptr record found"] => SenderNoRdns,
        "550 No PTR Record found.",
        SISIMAI;
    "many", "4xx/5xx", "*", ["reverse dns required"] => SenderNoRdns,
        "554 Reverse DNS required",
        SISIMAI;
    "many", "4xx/5xx", "*", ["reverse dns failed"] => SenderNoRdns,
        "550 5.7.1 Reverse DNS failed",
        SISIMAI;
    "many", "4xx/5xx", "*", ["ip name lookup failed"] => SenderNoRdns,
        "550 Access denied. IP name lookup failed [192.0.2.10]",
        SISIMAI;
    "many", "4xx/5xx", "*", ["sender ip reverse lookup rejected"] => SenderNoRdns,
        "550 Sender IP reverse lookup rejected",
        SISIMAI;
    "many", "4xx/5xx", "*", ["by invalid rdns record of your mail server"] => SenderNoRdns,
        "550 Server access forbidden by invalid RDNS record of your mail server",
        SISIMAI;
    "many", "4xx/5xx", "*", ["servers/devices with no reverse dns"] => SenderNoRdns,
        "550 This system will not accept messages from servers/devices with no reverse DNS",
        SISIMAI;
    "many", "4xx/5xx", "*", ["must have a reverse dns record"] => SenderNoRdns,
        "550 5.7.1 Your address must have a reverse DNS record",
        SISIMAI;
    "many", "4xx/5xx", "*", ["helo", "invalid"] => SenderNoRdns,
        "550 Invalid HELO name (see RFC 5321 4.1.1.1)",
        SISIMAI;
    "many", "4xx/5xx", "*", ["bad helo"] => SenderNoRdns,
        "550 Bad HELO name",
        SISIMAI;
    "many", "4xx/5xx", "*", ["forged helo"] => SenderNoRdns,
        "550 Forged HELO: you are not mx1.example.org",
        SISIMAI;
};
