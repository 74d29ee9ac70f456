//! Words for encryption that is demanded and not had. They say who demands it, because that is who can be asked: the
//! recipient's domain (MTA-STS, DANE), the letter (REQUIRETLS), or the settings here.

use super::super::verdict::{Shade, Verdict};
use super::{Names, Words, detail, words};
use crate::TlsPolicy;

const SAFELY: &str = "Postrider tries again by itself, and hands the letter over only when it is safe.";
const OTHERWISE: &str = "Choose a smart host that offers REQUIRETLS, or send the letter again without that demand.";

pub(super) fn encryption(verdict: &Verdict, names: &Names) -> Words {
    match verdict.shade {
        Shade::NotInPolicy => not_in_policy(verdict, names),
        Shade::Downgrade => downgrade(verdict),
        Shade::Forged => forged(verdict, names),
        Shade::RequireTls => words(
            format!("{} does not promise safe passage", names.who),
            format!(
                "The letter may travel over verified encryption only, here and beyond (REQUIRETLS), and {} does not offer \
                 to see to that. The letter was not sent.",
                names.server
            ),
            if names.is_direct() {
                OTHERWISE
            } else {
                "Choose another route, or send the letter again without that demand."
            },
        ),
        Shade::UnprovenHosts => words(
            format!("Nothing proves which mail servers are those of {}", names.domain()),
            format!(
                "The letter may travel over verified encryption only (REQUIRETLS), and for that it must be certain which \
                 mail servers are those of {}, which publishes no proof of it (DNSSEC or MTA-STS).",
                names.domain()
            ),
            OTHERWISE,
        ),
        Shade::Untrusted => untrusted(verdict, names),
        Shade::NotOffered => words(
            format!("{} offers no encryption", names.who),
            match demand(names) {
                Some(demand) => format!("{demand}, and {} offers none. The letter was not sent.", names.server),
                None => {
                    format!(
                        "The letter may go to {} only over an encrypted connection, and it offers none.",
                        names.server
                    )
                }
            },
            advice(verdict, names),
        ),
        _ => words(
            format!("No secure connection to {}", names.host()),
            format!(
                "{} and Postrider could not agree on encryption.{}{}",
                names.server_first,
                demand(names).map(|demand| format!(" {demand}.")).unwrap_or_default(),
                detail(verdict)
            ),
            advice(verdict, names),
        ),
    }
}

fn untrusted(verdict: &Verdict, names: &Names) -> Words {
    let (server, domain, said) = (&names.server, names.domain(), detail(verdict));
    let explanation = match names.tls_policy() {
        Some(TlsPolicy::MtaSts) => format!(
            "{domain} itself demands that its mail servers show a valid certificate (MTA-STS). That of {server} cannot be \
             trusted, so somebody else might be listening.{said}"
        ),
        Some(TlsPolicy::Dane) => format!(
            "{domain} publishes which certificates its mail servers have (DANE). That of {server} does not fit, so \
             somebody else might be listening.{said}"
        ),
        _ => format!("The certificate of {server} cannot be trusted, so somebody else might be listening.{said}"),
    };
    words(format!("{} could not prove who it is", names.who), explanation, advice(verdict, names))
}

fn not_in_policy(verdict: &Verdict, names: &Names) -> Words {
    let domain = names.domain();
    words(
        format!("{domain} does not vouch for its mail server"),
        format!(
            "{domain} publishes a list of its mail servers (MTA-STS), and {} is not on it. The list may be out of date, or \
             somebody may be leading the letter astray, so it was not sent there.",
            verdict.detail
        ),
        bound(names),
    )
}

fn downgrade(verdict: &Verdict) -> Words {
    let host = &verdict.detail;
    words(
        format!("{host} no longer offers encryption"),
        format!(
            "{host} encrypted its connections before and does not now, so somebody may be listening. Your settings say that \
             letters are not sent then."
        ),
        "Postrider tries again by itself. If the letter may go in clear text, let the settings show downgrades instead of \
         refusing them.",
    )
}

fn forged(verdict: &Verdict, names: &Names) -> Words {
    words(
        format!("What is said of {} cannot be believed", names.domain()),
        format!(
            "The answers about {} do not fit their signatures (DNSSEC). Mostly that is a mistake of whoever keeps that name; \
             it may also be a forgery. Your settings say that letters wait for that (DANE: strict).",
            verdict.detail
        ),
        "Postrider tries again by itself. If the letter is to go all the same, let the settings use DANE only where it is \
         proven.",
    )
}

/// Who demands encryption of a recipient's host, as the beginning of a sentence.
fn demand(names: &Names) -> Option<String> {
    let domain = names.domain();
    match names.tls_policy()? {
        TlsPolicy::MtaSts => Some(format!("{domain} itself demands encryption of its mail servers (MTA-STS)")),
        TlsPolicy::Dane => Some(format!("{domain} itself demands encryption of its mail servers (DANE)")),
        TlsPolicy::Verified if names.is_direct() => {
            Some("The letter may travel over verified encryption only (REQUIRETLS)".to_owned())
        }
        _ => None,
    }
}

fn advice(verdict: &Verdict, names: &Names) -> String {
    match (names.is_direct(), verdict.temporary, names.tls_policy()) {
        (true, true, Some(TlsPolicy::MtaSts | TlsPolicy::Dane)) => bound(names),
        (true, true, Some(TlsPolicy::Verified)) => {
            format!("{SAFELY} If it need not be that safe, send the letter again without that demand.")
        }
        (true, true, _) => SAFELY.to_owned(),
        (true, false, _) => "Choose another route, or tell the recipient in another way.".to_owned(),
        (false, ..) => {
            "Neither password nor letter was sent. If this network has a sign-in page, sign in first; otherwise \
                        check security and port in the settings of the smart host. Postrider tries again by itself."
                .to_owned()
        }
    }
}

/// A smart host is bound by what the recipient's domain demands as much as we are.
fn bound(names: &Names) -> String {
    format!(
        "{SAFELY} Another route would not help: every sender is bound by what {domain} demands. If it is urgent, tell the \
         recipient in another way; whoever runs the mail of {domain} has to mend it.",
        domain = names.domain()
    )
}
