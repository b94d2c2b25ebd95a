//! Words of the report `hangup/1` that stories claim and that the lab's truths are told in.

/// Whether an ending is normal.
pub(crate) const VERDICTS: &[&str] = &["normal", "abnormal", "undecided", "open"];

/// Who ended a connection.
pub(crate) const ENDERS: &[&str] =
    &["client", "server", "middlebox", "network", "crossing", "nobody", "unknown"];

/// Who has to do something about it.
pub(crate) const RESPONSIBLE: &[&str] = &[
    "client-app",
    "client-host",
    "server-app",
    "server-host",
    "middlebox",
    "path",
    "configuration",
    "nobody",
    "unknown",
];
