//! Requests to whoever can mend something, ready to be sent: what a person has to ask for who has never heard of it.

use crate::checks::finding::Copyable;
use std::net::IpAddr;

/// To open port 25.
pub(crate) fn port_25(family: &str) -> String {
    format!(
        "Dear support team,\nI would like to send mail from my connection directly, with my own mail program. Outgoing TCP \
         connections to port 25 ({family}) do not get through. Please open port 25 (outgoing) for my connection, or tell me \
         how I can do so, or which of your tariffs allows it.\nThank you."
    )
}

/// To give an address this name, and the record by which the name leads back to it.
pub(crate) fn reverse_name(ip: IpAddr, wanted: &str) -> [Copyable; 2] {
    let kind = if ip.is_ipv4() { "A" } else { "AAAA" };
    let request = format!(
        "Dear support team,\nplease set the reverse DNS (PTR record) of my address {ip} to {wanted}. The name {wanted} leads to \
         {ip} already, or will by then.\nThank you."
    );
    [
        Copyable { label: "Request to your provider".to_owned(), text: request },
        Copyable { label: "Record for your domain".to_owned(), text: format!("{wanted}. IN {kind} {ip}") },
    ]
}

/// For an address that mail servers take letters from.
pub(crate) fn own_address() -> String {
    "Dear support team,\nmail servers refuse letters that I send directly from my connection, because my address is one of those \
     that are given to homes and change. Please give me a fixed public address that is not on the policy list of Spamhaus \
     (PBL), and whose name (reverse DNS) I can choose, or tell me which of your tariffs includes one.\nThank you."
        .to_owned()
}
