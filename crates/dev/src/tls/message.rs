//! The bodies of handshake messages: those that a reader can see parse, those that are sealed have their length.

use hangup_wire::Side;

use super::certificate;
use super::protection::{Choice, Cipher};
use crate::dice::Dice;

/// What the hello messages say.
pub(super) struct Hello<'a> {
    pub(super) choice: &'a Choice,
    pub(super) name: &'a str,
    pub(super) alpn: Option<&'a str>,
    pub(super) session_id: &'a [u8],
    pub(super) extra: Extra<'a>,
}

/// What a story asks of one message.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extra<'a> {
    /// Who signed the certificate.
    pub(super) issuer: Option<&'a str>,
    /// There is no certificate in the message.
    pub(super) no_certificate: bool,
    /// The client offers a share of X25519MLKEM768 too.
    pub(super) large_share: bool,
}

/// A handshake message.
pub(super) struct Body {
    /// With its header of four bytes.
    pub(super) bytes: Vec<u8>,
    /// The session id in it, of a `ClientHello`.
    pub(super) session_id: Vec<u8>,
}

/// A name that a story may use.
pub(crate) fn is_message(name: &str) -> bool {
    name == "ChangeCipherSpec" || NAMES.iter().any(|(known, _)| *known == name)
}

/// `TLS HandshakeType` of IANA; `HelloRetryRequest` is a `ServerHello` (RFC 8446 §4.1.4).
const NAMES: &[(&str, u8)] = &[
    ("HelloRequest", 0),
    ("ClientHello", 1),
    ("ServerHello", 2),
    ("HelloRetryRequest", 2),
    ("NewSessionTicket", 4),
    ("EncryptedExtensions", 8),
    ("Certificate", 11),
    ("ServerKeyExchange", 12),
    ("CertificateRequest", 13),
    ("ServerHelloDone", 14),
    ("CertificateVerify", 15),
    ("ClientKeyExchange", 16),
    ("Finished", 20),
    ("KeyUpdate", 24),
];

/// `HelloRetryRequest`'s fixed random (RFC 8446 §4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// x25519 in the registry of groups.
const X25519: u16 = 29;

/// X25519MLKEM768, whose share makes a hello longer than one packet.
const X25519_ML_KEM_768: u16 = 0x11ec;

/// The message of this name.
pub(super) fn body(name: &str, from: Side, hello: &Hello<'_>, dice: &mut Dice) -> Result<Body, String> {
    let kind = NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    let kind = kind.ok_or_else(|| format!("no TLS message: `{name}`"))?;
    let client_says = matches!(name, "ClientHello" | "ClientKeyExchange");
    let anybody_says = matches!(name, "Certificate" | "CertificateVerify" | "Finished" | "KeyUpdate");
    if !anybody_says && client_says != (from == Side::Client) {
        return Err(format!("{name} is not the {}'s to say", from.name()));
    }
    let mut session_id = Vec::new();
    let is_13 = hello.choice.is_13();
    let inner = match name {
        "ClientHello" => {
            let length = if is_13 || hello.choice.resumed { 32 } else { 0 };
            session_id = dice.bytes(length);
            client_hello(hello, &session_id, dice)
        }
        "ServerHello" => server_hello(hello, dice.bytes(32), dice),
        "HelloRetryRequest" => server_hello(hello, RETRY.to_vec(), dice),
        "NewSessionTicket" if is_13 => dice.bytes(229),
        "NewSessionTicket" => [7200u32.to_be_bytes().to_vec(), vector(2, dice.bytes(192))].concat(),
        "EncryptedExtensions" => vector(2, alpn_extension(hello.alpn)),
        "Certificate" if hello.extra.no_certificate => {
            if is_13 {
                [vec![0], vector(3, Vec::new())].concat()
            } else {
                vector(3, Vec::new())
            }
        }
        "Certificate" => {
            let der = certificate::der(hello.name, hello.extra.issuer, dice);
            let entry = vector(3, der);
            if is_13 { [vec![0], vector(3, [entry, vec![0, 0]].concat())].concat() } else { vector(3, entry) }
        }
        "ServerKeyExchange" => {
            let key = [vec![3, 0, 29], vector(1, dice.bytes(32))].concat();
            [key, signature(hello.choice, dice)].concat()
        }
        "CertificateRequest" if is_13 => dice.bytes(39),
        "CertificateRequest" => {
            let algorithms = vector(2, vec![4, 1, 4, 3]);
            let algorithms = if hello.choice.version == 0x0303 { algorithms } else { Vec::new() };
            [vector(1, vec![1, 64]), algorithms, vector(2, Vec::new())].concat()
        }
        "CertificateVerify" => signature(hello.choice, dice),
        "ClientKeyExchange" => vector(1, dice.bytes(32)),
        "Finished" if is_13 => dice.bytes(hello.choice.hash()),
        "Finished" => dice.bytes(12),
        "KeyUpdate" => vec![0],
        _ => Vec::new(),
    };
    let mut bytes = vec![kind];
    bytes.extend(vector(3, inner));
    Ok(Body { bytes, session_id })
}

fn client_hello(hello: &Hello<'_>, session_id: &[u8], dice: &mut Dice) -> Vec<u8> {
    let choice = hello.choice;
    let legacy = choice.version.min(0x0303);
    let mut extensions = Vec::new();
    let host = [vec![0], vector(2, hello.name.as_bytes().to_vec())].concat();
    extensions.extend(extension(0, &vector(2, host)));
    extensions.extend(extension(10, &vector(2, numbers(&[X25519, 23, 24]))));
    extensions.extend(extension(11, &[1, 0]));
    if choice.version >= 0x0303 {
        let algorithms = numbers(&[0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0403, 0x0201]);
        extensions.extend(extension(13, &vector(2, algorithms)));
    }
    extensions.extend(alpn_extension(hello.alpn));
    extensions.extend(extension(35, &[]));
    if matches!(choice.cipher, Cipher::CbcEtm) {
        extensions.extend(extension(22, &[]));
    }
    extensions.extend(extension(23, &[]));
    if choice.is_13() {
        extensions.extend(extension(43, &vector(1, numbers(&[0x0304, 0x0303]))));
        extensions.extend(extension(45, &[1, 1]));
        let mut shares = Vec::new();
        if hello.extra.large_share {
            shares.extend([numbers(&[X25519_ML_KEM_768]), vector(2, dice.bytes(1184 + 32))].concat());
        }
        shares.extend([numbers(&[X25519]), vector(2, dice.bytes(32))].concat());
        extensions.extend(extension(51, &vector(2, shares)));
        if choice.resumed {
            // pre_shared_key stands last (RFC 8446 §4.2.11).
            let identity = [vector(2, dice.bytes(192)), dice.bytes(4)].concat();
            let binder = vector(1, dice.bytes(choice.hash()));
            extensions.extend(extension(41, &[vector(2, identity), vector(2, binder)].concat()));
        }
    }
    let suites = match choice.version {
        0x0304 => numbers(&[0x1301, 0x1302, 0x1303, 0xc02f, 0xc030, 0xcca8, 0xc013]),
        0x0303 => numbers(&[0xc02f, 0xc030, 0xcca8, 0xc027, 0xc028, 0xc013, 0x003c, 0x002f, 0x00ff]),
        _ => numbers(&[0xc013, 0xc014, 0xc011, 0x002f, 0x0005, 0x00ff]),
    };
    [
        legacy.to_be_bytes().to_vec(),
        dice.bytes(32),
        vector(1, session_id.to_vec()),
        vector(2, suites),
        vec![1, 0],
        vector(2, extensions),
    ]
    .concat()
}

fn server_hello(hello: &Hello<'_>, random: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
    let choice = hello.choice;
    let legacy = choice.version.min(0x0303);
    // TLS 1.3 echoes the client's session id; before, an id that comes back means that the session goes on.
    let echo = choice.is_13() || choice.resumed;
    let session_id = if echo { hello.session_id.to_vec() } else { dice.bytes(32) };
    let mut extensions = Vec::new();
    if choice.is_13() {
        extensions.extend(extension(43, &numbers(&[0x0304])));
        let retry = random == RETRY;
        let share =
            if retry { numbers(&[X25519]) } else { [numbers(&[X25519]), vector(2, dice.bytes(32))].concat() };
        extensions.extend(extension(51, &share));
        if choice.resumed && !retry {
            extensions.extend(extension(41, &[0, 0]));
        }
    } else {
        extensions.extend(extension(0xff01, &[0]));
        extensions.extend(extension(23, &[]));
        if matches!(choice.cipher, Cipher::CbcEtm) {
            extensions.extend(extension(22, &[]));
        }
        extensions.extend(alpn_extension(hello.alpn));
    }
    [
        legacy.to_be_bytes().to_vec(),
        random,
        vector(1, session_id),
        numbers(&[choice.suite().unwrap_or_default()]),
        vec![0],
        vector(2, extensions),
    ]
    .concat()
}

/// RSA-PSS or RSA with SHA-256, 2048 bits; TLS 1.0 and 1.1 do not name the algorithm.
fn signature(choice: &Choice, dice: &mut Dice) -> Vec<u8> {
    let algorithm = if choice.version >= 0x0303 { numbers(&[0x0804]) } else { Vec::new() };
    [algorithm, vector(2, dice.bytes(256))].concat()
}

fn alpn_extension(alpn: Option<&str>) -> Vec<u8> {
    alpn.map(|name| extension(16, &vector(2, vector(1, name.as_bytes().to_vec())))).unwrap_or_default()
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    [kind.to_be_bytes().to_vec(), vector(2, body.to_vec())].concat()
}

fn numbers(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

/// `body` behind its length, in so many bytes (1 to 3).
pub(super) fn vector(width: usize, body: Vec<u8>) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut bytes: Vec<u8> = length.iter().copied().skip(4 - width).collect();
    bytes.extend(body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_agree_with_what_they_count() {
        for words in [&["1.0"][..], &["1.2"], &["1.2", "cbc-etm"], &["1.3"], &["1.3", "resumed"]] {
            let choice = Choice::parse(words).unwrap();
            let hello = Hello {
                choice: &choice,
                name: "a.example",
                alpn: Some("h2"),
                session_id: &[7; 32],
                extra: Extra::default(),
            };
            for (name, _) in NAMES {
                let from = if name.starts_with("Client") { Side::Client } else { Side::Server };
                let body = body(name, from, &hello, &mut Dice::new(1)).unwrap();
                let length = u32::from_be_bytes([0, body.bytes[1], body.bytes[2], body.bytes[3]]);
                assert_eq!(length as usize + 4, body.bytes.len(), "{name}");
            }
        }
    }

    #[test]
    fn nobody_says_what_is_the_others_to_say() {
        let choice = Choice::parse(&["1.2"]).unwrap();
        let hello =
            Hello { choice: &choice, name: "a", alpn: None, session_id: &[], extra: Extra::default() };
        assert!(body("ServerHello", Side::Client, &hello, &mut Dice::new(1)).is_err());
        assert!(body("ClientKeyExchange", Side::Server, &hello, &mut Dice::new(1)).is_err());
    }
}
