//! Alerts: two bytes that end a session, or warn (RFC 8446 §6, RFC 5246 §7.2).

/// How grave an alert claims to be. TLS 1.3 ignores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AlertLevel(pub u8);

impl AlertLevel {
    /// A warning.
    pub const WARNING: Self = Self(1);
    /// Fatal: the connection ends.
    pub const FATAL: Self = Self(2);

    /// "warning" or "fatal".
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::WARNING => Some("warning"),
            Self::FATAL => Some("fatal"),
            _ => None,
        }
    }
}

/// What an alert says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AlertDescription(pub u8);

impl AlertDescription {
    /// The sender will send no more: the goodbye.
    pub const CLOSE_NOTIFY: Self = Self(0);
    /// The user gave up; must be followed by `close_notify`.
    pub const USER_CANCELED: Self = Self(90);
    /// The sender has no certificate (SSL 3.0 only); a warning.
    pub const NO_CERTIFICATE: Self = Self(41);
    /// A renegotiation is refused; a warning (TLS up to 1.2).
    pub const NO_RENEGOTIATION: Self = Self(100);
    /// The server name is not known here; up to TLS 1.2 it may be a warning.
    pub const UNRECOGNIZED_NAME: Self = Self(112);

    /// The name in the IANA registry of TLS alerts, historic ones too.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "close_notify",
            10 => "unexpected_message",
            20 => "bad_record_mac",
            21 => "decryption_failed",
            22 => "record_overflow",
            30 => "decompression_failure",
            40 => "handshake_failure",
            41 => "no_certificate",
            42 => "bad_certificate",
            43 => "unsupported_certificate",
            44 => "certificate_revoked",
            45 => "certificate_expired",
            46 => "certificate_unknown",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            51 => "decrypt_error",
            52 => "too_many_cids_requested",
            60 => "export_restriction",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            100 => "no_renegotiation",
            109 => "missing_extension",
            110 => "unsupported_extension",
            111 => "certificate_unobtainable",
            112 => "unrecognized_name",
            113 => "bad_certificate_status_response",
            114 => "bad_certificate_hash_value",
            115 => "unknown_psk_identity",
            116 => "certificate_required",
            117 => "general_error",
            120 => "no_application_protocol",
            121 => "ech_required",
            _ => return None,
        })
    }
}

/// An alert in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// How grave.
    pub level: AlertLevel,
    /// What.
    pub description: AlertDescription,
}

impl Alert {
    /// Reads two bytes, whatever they are.
    pub const fn parse(bytes: [u8; 2]) -> Self {
        let [level, description] = bytes;
        Self { level: AlertLevel(level), description: AlertDescription(description) }
    }

    /// Whether both bytes are known values: what tells an alert in clear from two encrypted bytes.
    pub const fn plausible(self) -> bool {
        self.level.name().is_some() && self.description.name().is_some()
    }

    /// Whether the session may go on after it: a warning other than `close_notify` (RFC 5246 §7.2.2).
    pub const fn is_mere_warning(self) -> bool {
        self.level.0 == AlertLevel::WARNING.0 && self.description.0 != AlertDescription::CLOSE_NOTIFY.0
    }
}

#[cfg(test)]
mod tests {
    use super::Alert;

    #[test]
    fn the_goodbye_is_a_warning_that_ends() {
        let goodbye = Alert::parse([1, 0]);
        assert!(goodbye.plausible() && !goodbye.is_mere_warning());
        assert_eq!(goodbye.description.name(), Some("close_notify"));
        assert!(Alert::parse([1, 112]).is_mere_warning());
        assert!(!Alert::parse([3, 0]).plausible());
        assert!(!Alert::parse([2, 99]).plausible());
    }
}
