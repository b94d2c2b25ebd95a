//! JA4: a fingerprint of the client's hello (`FoxIO`, JA4 technical details; the client fingerprint JA4 alone is
//! under the BSD 3-clause licence, and it alone is computed here).

use hangup_wire::tls::{ClientHello, ExtensionType, ProtocolVersion, is_grease};
use sha2::{Digest, Sha256};

/// The fingerprint of `hello`, which came over TCP. Made for every hello, so with as few allocations as there are
/// lists to be sorted.
pub(crate) fn ja4(hello: &ClientHello<'_>) -> String {
    let suites = sorted(hello.cipher_suites().map(|suite| suite.0));
    let mut extensions = sorted(hello.extensions().map(|extension| extension.kind.0));
    let named = extensions.contains(&ExtensionType::SERVER_NAME.0);
    let (first, last) = alpn_ends(hello.alpn().next());
    let mut text = String::with_capacity(36);
    text.push('t');
    text.push_str(version(hello));
    text.push(if named { 'd' } else { 'i' });
    push_count(&mut text, suites.len());
    push_count(&mut text, extensions.len());
    text.extend([first, last, '_']);

    let mut list = Vec::with_capacity(5 * (suites.len().max(extensions.len()) + 32));
    push_list(&mut list, suites.iter().copied());
    push_hash(&mut text, &list);
    text.push('_');
    list.clear();
    let but_names = |code: &u16| *code != ExtensionType::SERVER_NAME.0 && *code != ExtensionType::ALPN.0;
    push_list(&mut list, extensions.drain(..).filter(but_names));
    if !list.is_empty() {
        let before = list.len();
        list.push(b'_');
        push_list(&mut list, hello.signature_algorithms().filter(|&code| !is_grease(code)));
        if list.len() == before + 1 {
            list.truncate(before);
        }
    }
    push_hash(&mut text, &list);
    text
}

/// The codes that are no GREASE, lowest first.
fn sorted(codes: impl Iterator<Item = u16>) -> Vec<u16> {
    let mut sorted = Vec::with_capacity(48);
    sorted.extend(codes.filter(|&code| !is_grease(code)));
    sorted.sort_unstable();
    sorted
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
                (digit(first >> 4).into(), digit(last & 15).into())
            }
        }
    }
}

/// Two decimal digits, 99 for more.
fn push_count(text: &mut String, count: usize) {
    let count = u8::try_from(count).unwrap_or(99).min(99);
    text.extend([char::from(b'0' + count / 10), char::from(b'0' + count % 10)]);
}

/// Four hexadecimal digits for each code, with commas.
fn push_list(list: &mut Vec<u8>, codes: impl Iterator<Item = u16>) {
    for (n, code) in codes.enumerate() {
        if n > 0 {
            list.push(b',');
        }
        let [high, low] = code.to_be_bytes();
        list.extend_from_slice(&[digit(high >> 4), digit(high & 15), digit(low >> 4), digit(low & 15)]);
    }
}

/// The first six bytes of the SHA-256 of `list`, in hexadecimal; zeros for an empty list.
fn push_hash(text: &mut String, list: &[u8]) {
    if list.is_empty() {
        text.push_str("000000000000");
        return;
    }
    for byte in Sha256::digest(list).iter().take(6) {
        text.extend([char::from(digit(byte >> 4)), char::from(digit(byte & 15))]);
    }
}

/// Lower-case hexadecimal.
const fn digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

#[cfg(test)]
mod tests {
    use super::{alpn_ends, ja4, push_hash};
    use hangup_wire::tls::ClientHello;

    fn hash(list: &str) -> String {
        let mut text = String::new();
        push_hash(&mut text, list.as_bytes());
        text
    }

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
