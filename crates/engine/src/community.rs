//! Community ID v1: one name for a connection over all tools (github.com/corelight/community-id-spec).

use base64::Engine;
use hangup_verdict::Endpoint;
use hangup_wire::Addr;
use sha1::{Digest, Sha1};

const TCP: u8 = 6;

/// The Community ID of a TCP connection, seed 0.
pub(crate) fn id(one: Endpoint, other: Endpoint) -> String {
    let (low, high) = if one <= other { (one, other) } else { (other, one) };
    let mut hash = Sha1::new();
    hash.update([0, 0]);
    for end in [low, high] {
        let address = Addr(end.address);
        match address.to_ip() {
            core::net::IpAddr::V4(v4) => hash.update(v4.octets()),
            core::net::IpAddr::V6(v6) => hash.update(v6.octets()),
        }
    }
    hash.update([TCP, 0]);
    hash.update(low.port.to_be_bytes());
    hash.update(high.port.to_be_bytes());
    format!("1:{}", base64::engine::general_purpose::STANDARD.encode(hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(ip: &str, port: u16) -> Endpoint {
        let address = match ip.parse().unwrap() {
            core::net::IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
            core::net::IpAddr::V6(v6) => v6.octets(),
        };
        Endpoint { address, port }
    }

    /// The specification's own baseline (`baseline/baseline_deflt.json`).
    #[test]
    fn agrees_with_the_specification() {
        let cases = [
            ("128.232.110.120", 34855, "66.35.250.204", 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
            ("66.35.250.204", 80, "128.232.110.120", 34855, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
        ];
        for (one, one_port, other, other_port, expected) in cases {
            assert_eq!(id(end(one, one_port), end(other, other_port)), expected);
        }
    }
}
