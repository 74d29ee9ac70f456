//! Images that are there to tell the sender when and where a letter was opened.
//!
//! Two signs, either of which is enough: the image cannot be seen (at most 2 pixels, or hidden), or it comes from a
//! host and path that services for tracking publish in their own documentation.

use super::style;
use super::tokens::Attributes;

/// The largest side of an image that nobody is meant to see, in pixels.
const UNSEEN: f64 = 2.0;

/// Services, with their hosts (and every name under them) and what the path there begins with.
const KNOWN: &[(&str, &str, &str)] = &[
    ("ActiveCampaign", "activehosted.com", "/lt.php"),
    ("ActiveCampaign", "acems1.com", "/lt.php"),
    ("Adobe Campaign", "adobe-campaign.com", "/r/"),
    ("Adobe Campaign", "campaign.adobe.com", "/r/"),
    ("Amazon SES", "awstrack.me", ""),
    ("AWeber", "openrate.aweber.com", ""),
    ("AWeber", "clicks.aweber.com", ""),
    ("Bananatag", "bananatag.com", ""),
    ("Boxbe", "boxbe.com", "/stfopen"),
    ("Braze", "links.email.braze.com", ""),
    ("Brevo", "sibautomation.com", ""),
    ("Brevo", "sendibt3.com", "/tr/op"),
    ("Brevo", "sendibt2.com", "/tr/op"),
    ("Brevo", "sendibm1.com", "/mk/op"),
    ("Brevo", "sendibw.com", "/tr/op"),
    ("Campaign Monitor", "createsend.com", "/t/"),
    ("Campaign Monitor", "createsend1.com", "/t/"),
    ("Campaign Monitor", "cmail19.com", "/t/"),
    ("Campaign Monitor", "cmail20.com", "/t/"),
    ("CleverReach", "crsend.com", "/track/"),
    ("Cloudinary Track", "contactmonkey.com", "/api/v1/tracker"),
    ("Constant Contact", "rs6.net", "/on.jsp"),
    ("Constant Contact", "constantcontact.com", "/images/p1x1.gif"),
    ("ConvertKit", "convertkit-mail.com", "/o/"),
    ("ConvertKit", "convertkit-mail2.com", "/o/"),
    ("ConvertKit", "open.convertkit-mail.com", ""),
    ("Cordial", "track.cordial.io", ""),
    ("Customer.io", "customeriomail.com", "/e/o"),
    ("Customer.io", "track.customer.io", "/e/o"),
    ("Doubleclick", "doubleclick.net", ""),
    ("Drip", "getdrip.com", "/o/"),
    ("Emarsys", "emarsys.net", "/mo/"),
    ("Epsilon", "email-epsilon.com", "/o/"),
    ("Facebook", "facebook.com", "/email_open_log_pic.php"),
    ("Facebook", "facebook.com", "/tr"),
    ("Front", "app.frontapp.com", "/api/1/noauth/companies"),
    ("Front", "web.frontapp.com", "/api/1/noauth/companies"),
    ("GetNotify", "getnotify.com", ""),
    ("GetResponse", "getresponse.com", "/open.html"),
    ("GetResponse", "gr-mail.com", "/open"),
    ("Google Analytics", "google-analytics.com", "/collect"),
    ("Google Analytics", "google-analytics.com", "/__utm.gif"),
    ("Google Analytics", "google-analytics.com", "/g/collect"),
    ("Grammarly", "r.grammarly.com", ""),
    ("HubSpot", "hubspotlinks.com", ""),
    ("HubSpot", "hubspotemail.net", ""),
    ("HubSpot", "track.hubspot.com", ""),
    ("HubSpot", "t.sidekickopen.com", ""),
    ("HubSpot", "t.signauxtrois.com", ""),
    ("HubSpot", "t.signauxdeux.com", ""),
    ("HubSpot", "sidekickopen05.com", ""),
    ("Intercom", "via.intercom.io", "/o"),
    ("Intercom", "intercom-mail.com", "/via/o"),
    ("Iterable", "links.iterable.com", "/e/encryptedopen"),
    ("Iterable", "links.iterable.com", "/u/open"),
    ("Klaviyo", "klclick.com", ""),
    ("Klaviyo", "klclick1.com", ""),
    ("Klaviyo", "trk.klaviyomail.com", ""),
    ("Klaviyo", "trk.klclick.com", ""),
    ("LinkedIn", "linkedin.com", "/emimp/"),
    ("LinkedIn", "px.ads.linkedin.com", ""),
    ("Litmus", "emltrk.com", ""),
    ("Litmus", "litmus.com", "/tracker"),
    ("Mailbutler", "bowtie.mailbutler.io", "/tracking"),
    ("Mailchimp", "list-manage.com", "/track/"),
    ("Mailchimp", "mailchimp.com", "/track/"),
    ("Mailchimp", "mandrillapp.com", "/track/"),
    ("MailerLite", "mlsend.com", "/o/"),
    ("MailerLite", "mailerlite.com", "/o/"),
    ("MailerLite", "clicks.mlsend.com", "/o"),
    ("Mailgun", "mailgun.org", "/o/"),
    ("Mailgun", "mailgun.net", "/o/"),
    ("Mailjet", "mjt.lu", "/oo/"),
    ("Mailspring", "link.getmailspring.com", "/open"),
    ("Mailtrack", "mailtrack.io", ""),
    ("Mailtrack", "mltrk.io", ""),
    ("Marketo", "mktoresp.com", ""),
    ("Marketo", "mkto-mail.com", "/trk"),
    ("Microsoft Dynamics", "dynamics.com", "/api/orgs"),
    ("MixMax", "mixmax.com", "/api/track"),
    ("MixMax", "mixmax.com", "/e/o"),
    ("Mixpanel", "api.mixpanel.com", "/track"),
    ("Oracle Eloqua", "en25.com", "/e/"),
    ("Oracle Responsys", "rsys1.net", "/pub/as"),
    ("Oracle Responsys", "rsys2.net", "/pub/as"),
    ("Oracle Responsys", "rsys5.net", "/pub/as"),
    ("Outreach", "outrch.com", "/api/mailings/opened"),
    ("Outreach", "getoutreach.com", "/api/mailings/opened"),
    ("Pardot", "pardot.com", "/r/"),
    ("pixel.watch", "pixel.watch", ""),
    ("Polymail", "polymail.io", "/v2/z"),
    ("Postmark", "pstmrk.it", "/open"),
    ("Return Path", "returnpath.net", "/pixel.gif"),
    ("Sailthru", "sailthru.com", "/img/"),
    ("Salesforce", "exct.net", "/open.aspx"),
    ("Salesforce", "exacttarget.com", "/open.aspx"),
    ("Salesforce", "salesforce.com", "/servlet/servlet.ImageServer"),
    ("Salesloft", "salesloft.com", "/t/"),
    ("Selligent", "slgnt.eu", "/optiext/optiextension.dll"),
    ("SendGrid", "sendgrid.net", "/wf/open"),
    ("SendGrid", "sendgrid.net", "/mpss/o"),
    ("SendGrid", "sendgrid.com", "/wf/open"),
    ("Sendinblue", "sendinblue.com", "/tr/op"),
    ("SparkPost", "sparkpostmail.com", "/q/"),
    ("SparkPost", "sparkpostmail2.com", "/q/"),
    ("Streak", "mailfoogae.appspot.com", ""),
    ("Substack", "substack.com", "/o/"),
    ("Substack", "email.mg1.substack.com", "/o/"),
    ("Superhuman", "superhuman.com", "/~"),
    ("Superhuman", "r.superhuman.com", ""),
    ("Thunderhead", "thunderhead.com", "/one/rt/track"),
    ("Twitter", "twitter.com", "/scribe/ibis"),
    ("Vero", "getvero.com", "/open"),
    ("WordFly", "wordfly.com", "/view"),
    ("Yesware", "yesware.com", "/t/"),
    ("Yesware", "t.yesware.com", ""),
    ("Zendesk", "sell.zendesk.com", "/track"),
    ("Zoho", "zohocampaigns.com", "/campaigns/open"),
    ("Zoho", "maillist-manage.com", "/clicks/"),
];

/// Paths that are used for nothing else, whatever host the sender gave them.
const KNOWN_PATHS: &[(&str, &str)] = &[
    ("SendGrid", "/wf/open?upn="),
    ("Mailchimp", "/track/open.php?u="),
    ("Iterable", "/e/encryptedopen"),
    ("HubSpot", "/e2t/o/"),
    ("Salesforce", "/open.aspx?"),
    ("Marketo", "/trk?t="),
    ("Intercom", "/via/o?h="),
];

/// An image that reports to its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tracker {
    /// That of a service whose name is known.
    Of(&'static str),
    /// One that nobody is meant to see.
    Unseen,
}

/// Whether a remote image of this host and path (with its query), with these attributes, is a tracker.
pub(crate) fn tracker(host: &str, path: &str, attributes: &Attributes) -> Option<Tracker> {
    service(host, path).map(Tracker::Of).or_else(|| is_unseen(attributes).then_some(Tracker::Unseen))
}

/// The service that is known to track by this address.
pub(crate) fn service(host: &str, path: &str) -> Option<&'static str> {
    let under =
        |known: &str| host.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    let by_host =
        KNOWN.iter().find(|(_, known, start)| under(known) && path.starts_with(start)).map(|(name, ..)| *name);
    by_host.or_else(|| KNOWN_PATHS.iter().find(|(_, start)| path.starts_with(start)).map(|(name, _)| *name))
}

fn is_unseen(attributes: &Attributes) -> bool {
    let styled = attributes.get("style").unwrap_or_default();
    let side = |name: &str| {
        let from_style = style::value_of(styled, name).and_then(style::pixels);
        from_style.or_else(|| attributes.get(name).and_then(style::pixels))
    };
    let said = |property, word: &str| {
        style::value_of(styled, property).is_some_and(|value| value.trim().eq_ignore_ascii_case(word))
    };
    let hidden = said("display", "none") || said("visibility", "hidden") || said("opacity", "0");
    let small = |side: Option<f64>| side.is_some_and(|pixels| pixels <= UNSEEN);
    let (width, height) = (side("width"), side("height"));
    // A spacer is small on one side alone.
    hidden || (small(width) && (small(height) || height.is_none())) || (small(height) && width.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trackers_are_known_by_size_or_by_name() {
        let with = |pairs: &[(&str, &str)]| {
            let mut attributes = Attributes::default();
            for (name, value) in pairs {
                attributes.set(name, *value);
            }
            attributes
        };
        let (unseen, sendgrid) = (Some(Tracker::Unseen), Some(Tracker::Of("SendGrid")));
        let table = [
            ("x.test", "/a.png", with(&[("width", "1"), ("height", "1")]), unseen),
            ("x.test", "/a.png", with(&[("width", "1px"), ("height", "0")]), unseen),
            ("x.test", "/a.png", with(&[("style", "width:1px;height:1px")]), unseen),
            ("x.test", "/a.png", with(&[("style", "display:none")]), unseen),
            ("x.test", "/a.png", with(&[("style", "opacity:0")]), unseen),
            ("x.test", "/spacer.gif", with(&[("width", "1"), ("height", "20")]), None),
            ("x.test", "/a.png", with(&[("width", "600")]), None),
            ("x.test", "/a.png", with(&[]), None),
            ("u123.ct.sendgrid.net", "/wf/open?upn=x", with(&[("width", "600")]), sendgrid),
            ("links.shop.test", "/wf/open?upn=x", with(&[]), sendgrid),
            ("notsendgrid.net", "/wf/open", with(&[]), None),
            ("cdn.sendgrid.net", "/logo.png", with(&[]), None),
            ("mailtrack.io", "/x", with(&[]), Some(Tracker::Of("Mailtrack"))),
        ];
        for (host, path, attributes, expected) in table {
            assert_eq!(tracker(host, path, &attributes), expected, "{host}{path} {attributes:?}");
        }
    }
}
