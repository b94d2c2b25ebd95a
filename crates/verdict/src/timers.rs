//! Idle times after which known products hang up or forget: a match is a hint, never proof.

/// Who keeps such a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeper {
    /// A program that calls: it closes its pooled connections.
    Client,
    /// A program that is called, or a proxy in its place.
    Server,
    /// Something between that forgets without a word.
    Middlebox,
}

/// A known idle time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timer {
    /// Seconds.
    pub(crate) seconds: f64,
    /// Products that have it as a default.
    pub(crate) product: &'static str,
    keeper: Keeper,
}

const fn timer(keeper: Keeper, seconds: f64, product: &'static str) -> Timer {
    Timer { seconds, product, keeper }
}

/// Defaults as the vendors document them, by keeper and time.
const TIMERS: &[Timer] = &[
    // Java: sun.net.www.http.KeepAliveCache, 5 s, swept every 5 s. Others: vendor documentation.
    timer(Keeper::Client, 5.0, "Java's HTTP connection cache"),
    timer(Keeper::Client, 30.0, "Java's HttpClient"),
    timer(Keeper::Client, 60.0, "Windows WinINet"),
    timer(Keeper::Client, 90.0, "Go's default HTTP transport"),
    timer(Keeper::Client, 115.0, "Firefox"),
    timer(Keeper::Client, 118.0, "curl"),
    timer(Keeper::Client, 300.0, "Chrome"),
    timer(Keeper::Client, 540.0, "Kafka clients"),
    timer(Keeper::Client, 600.0, "HikariCP, pgbouncer"),
    timer(Keeper::Server, 5.0, "Apache KeepAliveTimeout, uvicorn, Node.js"),
    timer(Keeper::Server, 6.0, "Node.js (5 s and its buffer)"),
    timer(Keeper::Server, 15.0, "older Apache KeepAliveTimeout"),
    timer(Keeper::Server, 20.0, "Tomcat as shipped"),
    timer(Keeper::Server, 30.0, "Jetty"),
    timer(Keeper::Server, 50.0, "HAProxy as packaged by Debian"),
    timer(Keeper::Server, 60.0, "AWS ALB, Tomcat, nginx request timers"),
    timer(Keeper::Server, 65.0, "nginx as shipped"),
    timer(Keeper::Server, 75.0, "nginx keepalive_timeout"),
    timer(Keeper::Server, 120.0, "Microsoft IIS"),
    timer(Keeper::Server, 300.0, "Postfix, Envoy, vsftpd"),
    timer(Keeper::Server, 400.0, "Cloudflare"),
    timer(Keeper::Server, 600.0, "Kafka brokers, nginx stream"),
    timer(Keeper::Server, 610.0, "Google Cloud HTTP load balancer"),
    timer(Keeper::Server, 900.0, "Active Directory LDAP, Oracle Forms"),
    timer(Keeper::Server, 3600.0, "Envoy"),
    timer(Keeper::Server, 28_800.0, "MySQL wait_timeout"),
    timer(Keeper::Middlebox, 240.0, "Azure load balancer and NAT"),
    timer(Keeper::Middlebox, 300.0, "home routers"),
    timer(Keeper::Middlebox, 350.0, "AWS NLB, NAT gateway and network firewall"),
    timer(Keeper::Middlebox, 600.0, "Google Cloud firewall"),
    timer(Keeper::Middlebox, 900.0, "IPVS and kube-proxy"),
    timer(Keeper::Middlebox, 1200.0, "Google Cloud NAT, Huawei firewalls"),
    timer(Keeper::Middlebox, 1800.0, "Juniper SRX"),
    timer(Keeper::Middlebox, 3600.0, "Cisco ASA, FortiGate, Palo Alto, Check Point"),
    timer(Keeper::Middlebox, 86_400.0, "Kubernetes and OpenBSD state tables"),
    timer(Keeper::Middlebox, 432_000.0, "Linux connection tracking"),
];

/// The shortest idle time after which a device between is known to forget, in seconds.
pub(crate) const SHORTEST_MEMORY: f64 = 239.0;

impl Timer {
    /// The timer of `keeper` that fires after `idle` seconds: within 2 %, or one second below a minute.
    pub(crate) fn matching(keeper: Keeper, idle: f64) -> Option<&'static Self> {
        TIMERS
            .iter()
            .filter(|timer| timer.keeper == keeper)
            .filter(|timer| {
                let late = if timer.seconds < 60.0 { 1.0 } else { timer.seconds * 0.02 };
                // A timer may fire late, hardly ever early.
                idle >= timer.seconds - 0.1 && idle <= timer.seconds + late
            })
            .min_by(|a, b| (idle - a.seconds).abs().total_cmp(&(idle - b.seconds).abs()))
    }

    /// The longest timer of `keeper` that `idle` seconds exceed.
    pub(crate) fn exceeded(keeper: Keeper, idle: f64) -> Option<&'static Self> {
        TIMERS
            .iter()
            .filter(|timer| timer.keeper == keeper && timer.seconds <= idle)
            .max_by(|a, b| a.seconds.total_cmp(&b.seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_fires_a_little_late_and_never_early() {
        assert_eq!(Timer::matching(Keeper::Server, 75.05).map(|timer| timer.seconds), Some(75.0));
        assert!(Timer::matching(Keeper::Server, 74.0).is_none());
        assert!(Timer::matching(Keeper::Server, 78.0).is_none());
        assert_eq!(Timer::exceeded(Keeper::Middlebox, 400.0).map(|timer| timer.seconds), Some(350.0));
    }
}
