//! JA4: a fingerprint of the client's hello (`FoxIO`, JA4 technical details; the client fingerprint JA4 alone is
//! under the BSD 3-clause licence, and it alone is computed here).

use hangup_wire::tls::{ClientHello, ExtensionType, ProtocolVersion, is_grease};
use sha2::{Digest, Sha256};

/// The fingerprint of `hello`, which came over TCP.
pub(crate) fn ja4(hello: &ClientHello<'_>) -> String {
    let mut suites: Vec<u16> =
        hello.cipher_suites().map(|suite| suite.0).filter(|&code| !is_grease(code)).collect();
    let mut extensions: Vec<u16> =
        hello.extensions().map(|extension| extension.kind.0).filter(|&code| !is_grease(code)).collect();
    let algorithms: Vec<u16> = hello.signature_algorithms().filter(|&code| !is_grease(code)).collect();
    let named = if extensions.contains(&ExtensionType::SERVER_NAME.0) { 'd' } else { 'i' };
    let (first, last) = alpn_ends(hello.alpn().next());
    let mut text = format!(
        "t{}{named}{:02}{:02}{first}{last}_",
        version(hello),
        suites.len().min(99),
        extensions.len().min(99)
    );

    suites.sort_unstable();
    text.push_str(&hash(&list(&suites)));
    text.push('_');
    extensions.retain(|&code| code != ExtensionType::SERVER_NAME.0 && code != ExtensionType::ALPN.0);
    extensions.sort_unstable();
    let mut second = list(&extensions);
    if !extensions.is_empty() && !algorithms.is_empty() {
        second.push('_');
        second.push_str(&list(&algorithms));
    }
    text.push_str(&hash(&second));
    text
}

/// The highest version offered.
fn version(hello: &ClientHello<'_>) -> &'static str {
    let offered = hello.supported_versions().filter(|version| !is_grease(version.0)).max();
    match offered.unwrap_or(hello.legacy_version) {
        ProtocolVersion::TLS_1_3 => "13",
        ProtocolVersion::TLS_1_2 => "12",
        ProtocolVersion::TLS_1_1 => "11",
        ProtocolVersion::TLS_1_0 => "10",
        ProtocolVersion::SSL_3 => "s3",
        ProtocolVersion::SSL_2 => "s2",
        _ => "00",
    }
}

/// First and last character of the first protocol offered; of its hexadecimal form where they are no letters or
/// digits.
fn alpn_ends(first: Option<&[u8]>) -> (char, char) {
    match first {
        None | Some([]) => ('0', '0'),
        Some(name) => {
            let (first, last) = (name.first().copied().unwrap_or(0), name.last().copied().unwrap_or(0));
            if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
                (first.into(), last.into())
            } else {
                let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('0');
                (digit(first >> 4), digit(last & 15))
            }
        }
    }
}

fn list(codes: &[u16]) -> String {
    let mut text = String::with_capacity(codes.len() * 5 + 1);
    for (n, code) in codes.iter().enumerate() {
        if n > 0 {
            text.push(',');
        }
        push_hex(&mut text, &code.to_be_bytes());
    }
    text
}

/// The first six bytes of the SHA-256 of `text`, in hexadecimal; zeros for an empty text.
fn hash(text: &str) -> String {
    if text.is_empty() {
        return "0".repeat(12);
    }
    let mut hex = String::with_capacity(12);
    push_hex(&mut hex, Sha256::digest(text).get(..6).unwrap_or_default());
    hex
}

/// Lower-case hexadecimal, two digits a byte. Done for every hello, and several times as fast as formatting.
fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{alpn_ends, hash, ja4};
    use hangup_wire::tls::ClientHello;

    /// The two halves of the example in the technical details.
    #[test]
    fn hashes_of_the_published_example() {
        assert_eq!(
            hash("002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9"),
            "8daaf6152771"
        );
        let second = "0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_\
                      0403,0804,0401,0503,0805,0501,0806,0601";
        assert_eq!(hash(second), "e5627efa2ab1");
        assert_eq!(hash(""), "000000000000");
    }

    #[test]
    fn protocol_names_that_are_no_words() {
        assert_eq!(alpn_ends(Some(b"h2")), ('h', '2'));
        assert_eq!(alpn_ends(Some(b"http/1.1")), ('h', '1'));
        assert_eq!(alpn_ends(Some(&[0xab, 0xcd])), ('a', 'd'));
        assert_eq!(alpn_ends(None), ('0', '0'));
    }

    #[test]
    fn order_and_grease_of_suites_do_not_matter() {
        let hello = |suites: [u8; 6]| {
            let mut body = vec![3, 3];
            body.extend([0; 32]);
            body.extend([0, 0, 6]);
            body.extend(suites);
            body.extend([1, 0, 0, 8, 0, 23, 0, 0, 0x1a, 0x1a, 0, 0]);
            ja4(&ClientHello::parse(&body).unwrap())
        };
        let one = hello([0x13, 1, 0xc0, 0x2f, 0x0a, 0x0a]);
        assert_eq!(one, hello([0x5a, 0x5a, 0xc0, 0x2f, 0x13, 1]));
        assert!(one.starts_with("t12i020100_"), "{one}");
    }
}
