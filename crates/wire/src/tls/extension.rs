//! Extensions of the hellos (RFC 8446 §4.2).

use super::cursor::Cursor;

/// The type of an extension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtensionType(pub u16);

impl ExtensionType {
    /// `server_name` (RFC 6066 §3).
    pub const SERVER_NAME: Self = Self(0);
    /// `supported_groups` (RFC 7919).
    pub const SUPPORTED_GROUPS: Self = Self(10);
    /// `signature_algorithms` (RFC 8446 §4.2.3).
    pub const SIGNATURE_ALGORITHMS: Self = Self(13);
    /// `application_layer_protocol_negotiation` (RFC 7301).
    pub const ALPN: Self = Self(16);
    /// `encrypt_then_mac` (RFC 7366).
    pub const ENCRYPT_THEN_MAC: Self = Self(22);
    /// `extended_master_secret` (RFC 7627).
    pub const EXTENDED_MASTER_SECRET: Self = Self(23);
    /// `session_ticket` (RFC 5077).
    pub const SESSION_TICKET: Self = Self(35);
    /// `pre_shared_key` (RFC 8446 §4.2.11).
    pub const PRE_SHARED_KEY: Self = Self(41);
    /// `early_data` (RFC 8446 §4.2.10).
    pub const EARLY_DATA: Self = Self(42);
    /// `supported_versions` (RFC 8446 §4.2.1).
    pub const SUPPORTED_VERSIONS: Self = Self(43);
    /// `key_share` (RFC 8446 §4.2.8).
    pub const KEY_SHARE: Self = Self(51);

    /// The name in the IANA registry of TLS extensions, for those that hellos carry in practice.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "server_name",
            1 => "max_fragment_length",
            2 => "client_certificate_url",
            3 => "trusted_ca_keys",
            4 => "truncated_hmac",
            5 => "status_request",
            10 => "supported_groups",
            11 => "ec_point_formats",
            12 => "srp",
            13 => "signature_algorithms",
            14 => "use_srtp",
            15 => "heartbeat",
            16 => "application_layer_protocol_negotiation",
            17 => "status_request_v2",
            18 => "signed_certificate_timestamp",
            19 => "client_certificate_type",
            20 => "server_certificate_type",
            21 => "padding",
            22 => "encrypt_then_mac",
            23 => "extended_master_secret",
            24 => "token_binding",
            25 => "cached_info",
            27 => "compress_certificate",
            28 => "record_size_limit",
            34 => "delegated_credential",
            35 => "session_ticket",
            41 => "pre_shared_key",
            42 => "early_data",
            43 => "supported_versions",
            44 => "cookie",
            45 => "psk_key_exchange_modes",
            47 => "certificate_authorities",
            48 => "oid_filters",
            49 => "post_handshake_auth",
            50 => "signature_algorithms_cert",
            51 => "key_share",
            53 => "connection_id",
            57 => "quic_transport_parameters",
            58 => "ticket_request",
            0xfd00 => "ech_outer_extensions",
            0xfe0d => "encrypted_client_hello",
            0xff01 => "renegotiation_info",
            _ => return None,
        })
    }
}

/// An extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Its type.
    pub kind: ExtensionType,
    /// Its contents, cut where the bytes end.
    pub data: &'a [u8],
}

/// The extensions of a hello, in its order. The last may be cut.
#[derive(Clone, Debug)]
pub struct Extensions<'a>(Cursor<'a>);

impl<'a> Extensions<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(Cursor(bytes))
    }

    /// The contents of the first extension of type `kind`.
    pub fn find(mut self, kind: ExtensionType) -> Option<&'a [u8]> {
        Iterator::find(&mut self, |extension| extension.kind == kind).map(|extension| extension.data)
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = Extension<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let kind = ExtensionType(self.0.u16()?);
        Some(Extension { kind, data: self.0.vector16()? })
    }
}

/// A list of 16-bit codes, some of which may be GREASE. A code cut in half is left out.
#[derive(Clone, Debug, Default)]
pub struct U16s<'a>(pub(super) &'a [u8]);

impl Iterator for U16s<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        let (front, rest) = self.0.split_first_chunk::<2>()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*front))
    }
}

/// A list of protocol names (RFC 7301 §3.1). The last may be cut.
#[derive(Clone, Debug)]
pub struct Alpn<'a>(Cursor<'a>);

impl<'a> Alpn<'a> {
    pub(super) fn new(data: Option<&'a [u8]>) -> Self {
        Self(Cursor(data.and_then(|data| Cursor(data).vector16()).unwrap_or_default()))
    }
}

impl<'a> Iterator for Alpn<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        self.0.vector8()
    }
}
