//! Greylisting: nothing is wrong; same address, same HELO, same envelope, a little later.
//!
//! A bare “try again later” is not enough by itself: throttles say it too.

use super::super::Class;
use super::super::signature::Signature;

const POSTGREY: &str = "https://postgrey.schweikert.ch/";
const MILTER_GREYLIST: &str = "http://hcpnet.free.fr/milter-greylist/ (greylist.conf(5))";
const RSPAMD: &str = "https://rspamd.com/doc/modules/greylisting.html";
const STALWART: &str = "https://stalw.art/docs/";
const POSTSCREEN: &str = "https://www.postfix.org/POSTSCREEN_README.html (“after 220” tests)";
const MIMECAST: &str = "https://mimecastsupport.zendesk.com/hc/en-us/articles/34000709564691";
const SQLGREY: &str = "https://sqlgrey.sourceforge.net/";
const EXIM: &str = "https://github.com/Exim/exim/wiki/SimpleGreylisting";

/// What known servers write.
pub(super) const KNOWN: &[Signature] = signatures! {
    "postgrey", "450", "4.2.0", ["greylisted"] => Greylisted,
        "450 4.2.0 <anna@example.org>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.org.html",
        POSTGREY;
    "milter-greylist", "451", "4.7.1", ["greylisting in action"] => Greylisted,
        "451 4.7.1 Greylisting in action, please come back in 00:05:00",
        MILTER_GREYLIST;
    "rspamd", "451", "4.7.1", ["=try again later"] => Greylisted + minutes(5) + first_tries,
        "451 4.7.1 Try again later",
        RSPAMD;
    "OpenBSD spamd", "451", "*", ["temporary failure, please try again later"] => Greylisted,
        "451 Temporary failure, please try again later.",
        "https://man.openbsd.org/spamd.8";
    "Stalwart", "452", "4.2.2", ["greylisted"] => Greylisted,
        "452 4.2.2 Greylisted, please try again in 299 seconds",
        STALWART;
    "greyfix", "450", "4.7.1", ["greylisted by greyfix"] => Greylisted,
        "450 4.7.1 <anna@example.org>: Recipient address rejected: Greylisted by greyfix 0.4.0, try again in 30 seconds.",
        "https://www.kim-minh.com/pub/greyfix/";
    "Forward Email", "450", "4.2.1", ["message was greylisted"] => Greylisted,
        "450 4.2.1 Message was greylisted, try again in 59 seconds",
        "https://forwardemail.net/en/faq#do-you-have-a-greylist";
    "freenet", "457", "*", ["greylisted"] => Greylisted,
        "457 Greylisted, please come back later",
        "https://kundenservice.freenet.de/";
    "Postfix postscreen", "450", "4.3.2", ["service currently unavailable"] => Greylisted + minutes(5) + first_tries,
        "450 4.3.2 Service currently unavailable",
        POSTSCREEN;
    "Mimecast", "451", "*", ["internal resource", "temporarily unavailable"] => Greylisted + minutes(5),
        "451 Internal resources are temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451",
        MIMECAST;
    "grey lists in DNS", "421/45x", "4.7.1", ["blocked using grey"] => Greylisted,
        "451 4.7.1 Service unavailable; Client host [192.0.2.10] blocked using grey.rbl.example.net",
        "https://www.postfix.org/postconf.5.html#reject_rbl_client";
    "SQLgrey", "450", "*", ["greylisted for"] => Greylisted,
        "450 4.7.1 <anna@example.org>: Recipient address rejected: Greylisted for 5 minutes (1)",
        SQLGREY;
    "Exim", "45x", "*", ["greylisting in progress"] => Greylisted,
        "451 Greylisting in progress, please try again later",
        EXIM;
    "Zoho", "451", "4.7.1", ["greylisted, try again after some time"] => Greylisted,
        "451 4.7.1 Greylisted, try again after some time",
        "https://www.zoho.com/mail/help/";
};

/// Wordings that many share; the samples are examples of them.
pub(super) const COMMON: &[Signature] = signatures! {
    "many", "4xx", "*", ["greylist"] => Greylisted,
        "451 4.7.1 greylisting, please try again later",
        "https://www.rfc-editor.org/rfc/rfc6647";
    "many", "4xx", "*", ["graylist"] => Greylisted,
        "451 4.7.1 Graylisted, please try again in 10 minutes",
        "https://www.rfc-editor.org/rfc/rfc6647";
    "many", "4xx", "*", ["grey-list"] => Greylisted,
        "450 You have been grey-listed. Try again later.",
        "https://www.rfc-editor.org/rfc/rfc6647";
    "many", "4xx", "*", ["grey listed"] => Greylisted,
        "451 Grey listed, please try again later",
        "https://www.rfc-editor.org/rfc/rfc6647";
};
