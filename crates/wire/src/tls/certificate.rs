//! Who signed a certificate, as far as an X.509 certificate says (RFC 5280 §4.1).

use super::cursor::Cursor;

const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// `[0]`, which holds the version.
const VERSION: u8 = 0xa0;

/// `id-at-commonName` (RFC 5280 appendix A.1).
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// `id-at-organizationName`.
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];

/// An X.509 certificate in DER, as much of it as there is. Nothing of it is verified.
#[derive(Clone, Copy, Debug)]
pub struct Certificate<'a> {
    issuer: &'a [u8],
    /// Something stands behind it, as in every whole certificate.
    followed: bool,
}

impl<'a> Certificate<'a> {
    /// Reads as far as the issuer. None where the bytes end before it or are no certificate.
    pub fn parse(der: &'a [u8]) -> Option<Self> {
        let mut certificate = Cursor(value(&mut Cursor(der), SEQUENCE)?);
        let mut body = Cursor(value(&mut certificate, SEQUENCE)?);
        if body.0.first() == Some(&VERSION) {
            value(&mut body, VERSION)?;
        }
        value(&mut body, INTEGER)?;
        value(&mut body, SEQUENCE)?;
        let issuer = value(&mut body, SEQUENCE)?;
        Some(Self { issuer, followed: !body.0.is_empty() })
    }

    /// The bytes do not end within the issuer.
    pub const fn has_whole_issuer(&self) -> bool {
        self.followed
    }

    /// The issuer's common name, as the bytes on the wire.
    pub fn issuer_common_name(&self) -> Option<&'a [u8]> {
        self.attribute(COMMON_NAME)
    }

    /// The issuer's organisation, as the bytes on the wire.
    pub fn issuer_organization(&self) -> Option<&'a [u8]> {
        self.attribute(ORGANIZATION)
    }

    /// The first attribute of the issuer's name with this type (RFC 5280 §4.1.2.4).
    fn attribute(&self, wanted: &[u8]) -> Option<&'a [u8]> {
        let mut names = Cursor(self.issuer);
        loop {
            let mut set = Cursor(value(&mut names, SET)?);
            while let Some(pair) = value(&mut set, SEQUENCE) {
                let mut pair = Cursor(pair);
                if value(&mut pair, OBJECT_IDENTIFIER) == Some(wanted) {
                    return any(&mut pair).map(|(_, text)| text);
                }
            }
        }
    }
}

/// The value of the next element, which has to have this tag.
fn value<'a>(cursor: &mut Cursor<'a>, tag: u8) -> Option<&'a [u8]> {
    any(cursor).filter(|&(found, _)| found == tag).map(|(_, value)| value)
}

/// The next element: tag and value, cut where the bytes end (X.690 §8.1).
fn any<'a>(cursor: &mut Cursor<'a>) -> Option<(u8, &'a [u8])> {
    let tag = cursor.u8()?;
    let length = match cursor.u8()? {
        short @ 0..=0x7f => u32::from(short),
        0x81 => u32::from(cursor.u8()?),
        0x82 => u32::from(cursor.u16()?),
        0x83 => cursor.u24()?,
        _ => return None,
    };
    Some((tag, cursor.take_up_to(usize::try_from(length).unwrap_or(usize::MAX))))
}

#[cfg(test)]
mod tests {
    use super::Certificate;

    /// Version, serial number, algorithm, then the issuer: O=Ex, CN=Proxy.
    const DER: &[u8] = &[
        0x30, 0x81, 0x2b, 0x30, 0x29, 0xa0, 3, 2, 1, 2, 2, 1, 7, 0x30, 0, 0x30, 0x1d, 0x31, 0x0b, 0x30, 9, 6,
        3, 0x55, 4, 10, 0x0c, 2, b'E', b'x', 0x31, 0x0e, 0x30, 0x0c, 6, 3, 0x55, 4, 3, 0x0c, 5, b'P', b'r',
        b'o', b'x', b'y',
    ];

    #[test]
    fn the_issuer_is_read() {
        let certificate = Certificate::parse(DER).expect("a certificate");
        assert_eq!(certificate.issuer_organization(), Some(b"Ex".as_slice()));
        assert_eq!(certificate.issuer_common_name(), Some(b"Proxy".as_slice()));
    }

    #[test]
    fn any_cut_is_survived() {
        for end in 0..DER.len() {
            let cut = Certificate::parse(&DER[..end]);
            let name = cut.and_then(|cut| cut.issuer_common_name()).unwrap_or_default();
            assert!(b"Proxy".starts_with(name), "{end}");
            assert!(!cut.is_some_and(|cut| cut.has_whole_issuer()), "{end}");
        }
        assert!(Certificate::parse(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).is_none());
    }
}
