use super::client_clean_goodbye::clean;
use crate::case::Case;
use crate::finding::Finding;
use hangup_wire::Side;

/// `server-clean-goodbye`: the server said goodbye first, and nothing was lost.
///
/// Signature: the server's `close_notify` (RFC 8446 §6.1), on plain connections its FIN (RFC 9293 §3.6),
/// before any word of the client's, nothing outstanding. Against: a RST, a bare FIN on TLS, something
/// outstanding. Server or proxy cannot be told apart.
pub(crate) fn rule(case: &Case<'_>) -> Option<Finding> {
    clean(case, Side::Server)
}
