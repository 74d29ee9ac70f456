//! What it means when an attempt ended without a reply.

use super::verdict::{Shade, Verdict};
use super::{Class, Known};
use crate::{DnsFault, Fault, Phase, Route};

/// What this fault in this phase means.
pub(super) fn verdict(phase: Phase, fault: &Fault, known: &Known) -> Verdict {
    match fault {
        Fault::NoNetwork => Verdict::new(Class::NetworkDown),
        Fault::CaptivePortal => Verdict::new(Class::NetworkDown).shade(Shade::CaptivePortal),
        Fault::Dns(fault) => dns(fault, known),
        Fault::NullMx(_) => Verdict::new(Class::NullMx),
        Fault::Loop(_) => Verdict::new(Class::ReceiverMisconfigured).shade(Shade::MailLoop).temporary(false),
        Fault::ConnectionRefused(host) | Fault::ConnectTimeout(host) | Fault::Unreachable(host) => {
            unreached(host, known)
        }
        Fault::Timeout(seconds) => {
            Verdict::new(Class::ProtocolError).shade(Shade::Silent).detail(format!("{seconds} seconds"))
        }
        Fault::Closed if phase == Phase::Body => Verdict::new(Class::ProtocolError).shade(Shade::ClosedAfterContent),
        Fault::Closed => Verdict::new(Class::ProtocolError).shade(Shade::Closed),
        Fault::TlsHandshake(why) => Verdict::new(Class::TlsPolicy).detail(why),
        Fault::TlsUntrusted(why) => Verdict::new(Class::TlsPolicy).shade(Shade::Untrusted).detail(why),
        Fault::TlsNotOffered => Verdict::new(Class::TlsPolicy).shade(Shade::NotOffered),
        Fault::NotInPolicy { host, .. } => Verdict::new(Class::TlsPolicy).shade(Shade::NotInPolicy).detail(host),
        Fault::TlsDowngrade(host) => Verdict::new(Class::TlsPolicy).shade(Shade::Downgrade).detail(host),
        Fault::Bogus(name) => Verdict::new(Class::TlsPolicy).shade(Shade::Forged).detail(name),
        Fault::RequireTlsNotOffered(_) => Verdict::new(Class::TlsPolicy).shade(Shade::RequireTls).temporary(false),
        Fault::HostsNotProven(_) => Verdict::new(Class::TlsPolicy).shade(Shade::UnprovenHosts).temporary(false),
        Fault::LoginRefused(_) => Verdict::new(Class::AuthFailed),
        Fault::NoAuthOffered => Verdict::new(Class::AuthFailed).shade(Shade::NoMechanism),
        Fault::NoPassword(_) => Verdict::new(Class::AuthFailed).shade(Shade::NoPassword),
        Fault::SignInAgain(_) => Verdict::new(Class::AuthFailed).shade(Shade::SignInAgain),
        Fault::NoSuchSmartHost(name) => {
            Verdict::new(Class::Unknown).shade(Shade::NoSuchSmartHost).temporary(false).detail(name)
        }
        Fault::TooLarge { size, limit } => Verdict::new(Class::MessageTooLarge).detail(sizes(*size, *limit)),
        Fault::Unsupported(keyword) => {
            Verdict::new(Class::ProtocolError).shade(Shade::MissingExtension).temporary(false).detail(keyword)
        }
        Fault::Protocol(what) => Verdict::new(Class::ProtocolError).detail(what),
        Fault::Interrupted => Verdict::new(Class::ProtocolError).shade(interrupted(phase)),
        Fault::Expired => Verdict::new(Class::Expired),
        Fault::Local(what) => Verdict::new(Class::Unknown).shade(Shade::LocalTrouble).detail(what),
    }
}

/// The name in the fault tells whose it is: the smart host's, the recipient's domain, or a host that its MX names.
fn dns(fault: &DnsFault, known: &Known) -> Verdict {
    let smart_host = matches!(known.route, Route::SmartHost(_));
    match fault {
        DnsFault::NoResolver(_) => Verdict::new(Class::DnsFailure).shade(Shade::NoResolver),
        DnsFault::ServerFailure(name) => Verdict::new(Class::DnsFailure).detail(name),
        DnsFault::NoSuchDomain(name) | DnsFault::NoRecords(name) if smart_host => {
            Verdict::new(Class::HostUnreachable).shade(Shade::NoSuchHost).detail(name)
        }
        DnsFault::NoSuchDomain(name) | DnsFault::NoRecords(name) if !same_name(name, &known.domain) => {
            Verdict::new(Class::ReceiverMisconfigured).shade(Shade::BrokenMx).detail(name)
        }
        DnsFault::NoSuchDomain(_) => Verdict::new(Class::NoSuchDomain),
        DnsFault::NoRecords(_) => Verdict::new(Class::NoSuchDomain).shade(Shade::NoMailServer),
    }
}

fn same_name(a: &str, b: &str) -> bool {
    a.trim_end_matches('.').eq_ignore_ascii_case(b.trim_end_matches('.'))
}

/// One silent host says nothing about this network; only the caller has seen the others.
fn unreached(host: &str, known: &Known) -> Verdict {
    match known.route {
        Route::Direct if known.all_hosts_silent => Verdict::new(Class::Port25Blocked),
        _ => Verdict::new(Class::HostUnreachable).detail(host),
    }
}

/// Killed after the content went out, the letter may have arrived: that is said, as it may arrive twice.
fn interrupted(phase: Phase) -> Shade {
    if phase == Phase::Body { Shade::InterruptedAfterContent } else { Shade::Interrupted }
}

fn sizes(size: u64, limit: u64) -> String {
    format!("It has {}; {} is the limit there", readable_size(size), readable_size(limit))
}

fn readable_size(octets: u64) -> String {
    match octets {
        0..1_000 => format!("{octets} bytes"),
        1_000..1_000_000 => format!("{} kB", octets / 1_000),
        _ => format!("{}.{} MB", octets / 1_000_000, octets % 1_000_000 / 100_000),
    }
}
