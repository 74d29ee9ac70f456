//! Where a service is, as SRV records say it (RFC 2782).

/// A host that offers a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The lower, the sooner it is tried.
    pub priority: u16,
    /// The higher, the more often it is tried first among equals.
    pub weight: u16,
}

/// In the order in which to try them. Among equals the heaviest comes first: it is written into an account once, and
/// balances nobody's load. The root as the target says that the service is not offered.
pub(crate) fn in_order(mut services: Vec<Service>) -> Vec<Service> {
    services.retain(|service| !service.host.is_empty() && service.port != 0);
    services.sort_by(|a, b| {
        (a.priority, std::cmp::Reverse(a.weight), &a.host).cmp(&(b.priority, std::cmp::Reverse(b.weight), &b.host))
    });
    services
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_and_heaviest_comes_first_and_a_service_that_is_not_offered_not_at_all() {
        let service = |host: &str, port, priority, weight| Service { host: host.into(), port, priority, weight };
        let ordered = in_order(vec![
            service("late.test", 993, 20, 9),
            service("light.test", 993, 10, 1),
            service("", 0, 0, 0),
            service("heavy.test", 993, 10, 5),
        ]);
        let hosts: Vec<_> = ordered.iter().map(|service| service.host.as_str()).collect();
        assert_eq!(hosts, ["heavy.test", "light.test", "late.test"]);
    }
}
