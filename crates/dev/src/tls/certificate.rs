//! A certificate that parses: X.509 version 3 (RFC 5280 §4.1), a key and a signature of noise.

use super::message::vector;
use crate::dice::Dice;

const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// A certificate of `name`, signed by `issuer`.
pub(super) fn der(name: &str, issuer: Option<&str>, dice: &mut Dice) -> Vec<u8> {
    let mut modulus = vec![0, 0xc1];
    modulus.extend(dice.bytes(255));
    let key = sequence(&[tlv(0x02, modulus), tlv(0x02, vec![1, 0, 1])]);
    let key = sequence(&[algorithm(RSA_ENCRYPTION), bits(key)]);
    let alternative = sequence(&[tlv(0x82, name.as_bytes().to_vec())]);
    let extension = sequence(&[tlv(0x06, SUBJECT_ALT_NAME.to_vec()), tlv(0x04, alternative)]);
    let mut serial = vec![0x4b];
    serial.extend(dice.bytes(7));
    let body = sequence(&[
        tlv(0xa0, tlv(0x02, vec![2])),
        tlv(0x02, serial),
        algorithm(SHA256_WITH_RSA),
        common_name(issuer.unwrap_or("Example Issuing CA")),
        sequence(&[tlv(0x17, b"150101000000Z".to_vec()), tlv(0x17, b"400101000000Z".to_vec())]),
        common_name(name),
        key,
        tlv(0xa3, sequence(&[extension])),
    ]);
    sequence(&[body, algorithm(SHA256_WITH_RSA), bits(dice.bytes(256))])
}

fn algorithm(id: &[u8]) -> Vec<u8> {
    sequence(&[tlv(0x06, id.to_vec()), tlv(0x05, Vec::new())])
}

fn common_name(name: &str) -> Vec<u8> {
    let pair = sequence(&[tlv(0x06, COMMON_NAME.to_vec()), tlv(0x0c, name.as_bytes().to_vec())]);
    sequence(&[tlv(0x31, pair)])
}

fn bits(body: Vec<u8>) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(body);
    tlv(0x03, bytes)
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, parts.concat())
}

/// Tag, length, value (X.690 §8.1).
fn tlv(tag: u8, body: Vec<u8>) -> Vec<u8> {
    let mut bytes = vec![tag];
    match body.len() {
        0..=0x7f => bytes.extend(vector(1, body)),
        0x80..=0xff => {
            bytes.push(0x81);
            bytes.extend(vector(1, body));
        }
        _ => {
            bytes.push(0x82);
            bytes.extend(vector(2, body));
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_lengths() {
        assert_eq!(tlv(4, vec![7]), [4, 1, 7]);
        assert_eq!(tlv(4, vec![7; 200])[..3], [4, 0x81, 200]);
        assert_eq!(tlv(4, vec![7; 300])[..4], [4, 0x82, 1, 44]);
    }

    #[test]
    fn the_outer_length_is_the_whole() {
        let der = der("a.example", None, &mut Dice::new(1));
        assert_eq!(usize::from(u16::from_be_bytes([der[2], der[3]])) + 4, der.len());
    }
}
