//! Images that are there to tell the sender when and where a letter was opened.
//!
//! Two signs, either of which is enough: the image cannot be seen (at most 2 pixels, or hidden), or it comes from a
//! host and path that services for tracking publish in their own documentation.

use super::style;
use super::tokens::Attributes;

/// The largest side of an image that nobody is meant to see, in pixels.
const UNSEEN: f64 = 2.0;

/// Hosts (with every name under them) and the beginning of a path there.
const KNOWN: &[(&str, &str)] = &[
    ("list-manage.com", "/track/"),
    ("mailchimp.com", "/track/"),
    ("sendgrid.net", "/wf/open"),
    ("sendgrid.net", "/mpss/o"),
    ("mandrillapp.com", "/track/"),
    ("mailgun.org", "/o/"),
    ("mailgun.net", "/o/"),
    ("sparkpostmail.com", "/q/"),
    ("pstmrk.it", "/open"),
    ("mjt.lu", "/oo/"),
    ("rs6.net", "/on.jsp"),
    ("hubspotlinks.com", ""),
    ("hubspotemail.net", ""),
    ("t.sidekickopen.com", ""),
    ("google-analytics.com", "/collect"),
    ("google-analytics.com", "/__utm.gif"),
    ("awstrack.me", ""),
    ("emltrk.com", ""),
    ("litmus.com", "/tracker"),
    ("mailtrack.io", ""),
    ("getnotify.com", ""),
    ("yesware.com", "/t/"),
    ("bananatag.com", ""),
    ("mixmax.com", "/api/track"),
    ("superhuman.com", "/~"),
    ("customeriomail.com", "/e/o"),
    ("intercom-mail.com", "/via/o"),
    ("klclick.com", ""),
    ("exct.net", "/open.aspx"),
    ("exacttarget.com", "/open.aspx"),
    ("sibautomation.com", ""),
    ("sendibt3.com", "/tr/op"),
    ("createsend.com", "/t/"),
    ("cmail19.com", "/t/"),
    ("cmail20.com", "/t/"),
    ("facebook.com", "/email_open_log_pic.php"),
    ("linkedin.com", "/emimp/"),
    ("pixel.watch", ""),
    ("doubleclick.net", ""),
];

/// Whether a remote image of this host and path, with these attributes, is a tracker.
pub(crate) fn is_tracker(host: &str, path: &str, attributes: &Attributes) -> bool {
    is_known(host, path) || is_unseen(attributes)
}

fn is_known(host: &str, path: &str) -> bool {
    let under =
        |known: &str| host.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    KNOWN.iter().any(|(known, start)| under(known) && path.starts_with(start))
}

fn is_unseen(attributes: &Attributes) -> bool {
    let styled = attributes.get("style").unwrap_or_default();
    let side = |name: &str| {
        let from_style = style::value_of(styled, name).and_then(style::pixels);
        from_style.or_else(|| attributes.get(name).and_then(style::pixels))
    };
    let hidden = style::value_of(styled, "display").is_some_and(|value| value.eq_ignore_ascii_case("none"))
        || style::value_of(styled, "visibility").is_some_and(|value| value.eq_ignore_ascii_case("hidden"));
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
        let table = [
            ("x.test", "/a.png", with(&[("width", "1"), ("height", "1")]), true),
            ("x.test", "/a.png", with(&[("width", "1px"), ("height", "0")]), true),
            ("x.test", "/a.png", with(&[("style", "width:1px;height:1px")]), true),
            ("x.test", "/a.png", with(&[("style", "display:none")]), true),
            ("x.test", "/spacer.gif", with(&[("width", "1"), ("height", "20")]), false),
            ("x.test", "/a.png", with(&[("width", "600")]), false),
            ("x.test", "/a.png", with(&[]), false),
            ("u123.ct.sendgrid.net", "/wf/open?upn=x", with(&[("width", "600")]), true),
            ("notsendgrid.net", "/wf/open", with(&[]), false),
            ("cdn.sendgrid.net", "/logo.png", with(&[]), false),
        ];
        for (host, path, attributes, tracker) in table {
            assert_eq!(is_tracker(host, path, &attributes), tracker, "{host}{path} {attributes:?}");
        }
    }
}
