//! Requests to whoever can mend something, ready to be sent: what a person has to ask for who has never heard of it.

use crate::checks::finding::Copyable;
use crate::checks::reverse_name::WantedName;
use std::net::IpAddr;

/// To open port 25.
pub(crate) fn port_25(family: &str) -> String {
    format!(
        "Dear support team,\nI would like to send mail from my connection directly, with my own mail program. Outgoing TCP \
         connections to port 25 ({family}) do not get through. Please open port 25 (outgoing) for my connection, or tell me \
         how I can do so, or which of your tariffs allows it.\nThank you."
    )
}

/// To give an address this name, and the record by which the name leads back to it, where there is none yet.
pub(crate) fn reverse_name(ip: IpAddr, wanted: &WantedName) -> Vec<Copyable> {
    let name = &wanted.name;
    let leads = if wanted.leads_here {
        format!("That name leads to {ip} already.")
    } else {
        format!("I let that name lead to {ip} in the DNS of my domain.")
    };
    let text = format!(
        "Dear support team,\nplease set the reverse DNS (PTR record) of my address {ip} to {name}. {leads}\nThank you."
    );
    let request = Copyable { label: "Request to your provider".to_owned(), text };
    if wanted.leads_here {
        return vec![request];
    }
    let kind = if ip.is_ipv4() { "A" } else { "AAAA" };
    let record = Copyable { label: "Record for your domain".to_owned(), text: format!("{name}. IN {kind} {ip}") };
    vec![request, record]
}

/// To give an address a name, where it is not known which names are free.
pub(crate) fn some_reverse_name(ip: IpAddr) -> Copyable {
    let text = format!(
        "Dear support team,\nmail servers refuse letters from my address {ip}, because they find no name for it (reverse DNS, PTR \
         record) that leads back to it. Please tell me how I can have it set to a name in my own domain.\nThank you."
    );
    Copyable { label: "Request to your provider".to_owned(), text }
}

/// For an address that mail servers take letters from.
pub(crate) fn own_address() -> String {
    "Dear support team,\nmail servers refuse letters that I send directly from my connection, because my address is one of those \
     that are given to homes and change. Please give me a fixed public address that is not on the policy list of Spamhaus \
     (PBL), and whose name (reverse DNS) I can choose, or tell me which of your tariffs includes one.\nThank you."
        .to_owned()
}
