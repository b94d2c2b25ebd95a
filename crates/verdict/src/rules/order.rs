//! Which cause wins: the first in this list that holds. Those after it that hold too could not be excluded,
//! and become its alternatives.

use crate::case::Case;
use crate::finding::Finding;
use crate::signs::{
    ANY, CLIENT, CROSSING, ENDED, FOREIGN, MUTE_SERVER, OPEN, OWED, RESET, SERVER, SHAKING, SILENCE, STATUS,
    Signs, TLS, TOGETHER, TROUBLE, UNANSWERED, UNLIKE_TLS, UNTALKED,
};

/// A cause and its rule.
pub(crate) struct Rule {
    /// Its id in the catalogue.
    pub(crate) id: &'static str,
    /// Signs without which it never holds.
    pub(crate) needs: Signs,
    /// Whether it holds.
    pub(crate) find: fn(&Case<'_>) -> Option<Finding>,
    /// What it states is a fact that may hold beside another cause, not instead of it.
    pub(crate) beside: bool,
}

const fn rule(id: &'static str, needs: Signs, find: fn(&Case<'_>) -> Option<Finding>) -> Rule {
    Rule { id, needs, find, beside: false }
}

const fn fact(id: &'static str, needs: Signs, find: fn(&Case<'_>) -> Option<Finding>) -> Rule {
    Rule { id, needs, find, beside: true }
}

/// All causes, in the order in which they are tried.
pub(crate) const ORDER: &[Rule] = &[
    // There never was a connection.
    rule("connection-refused", ENDED.and(UNANSWERED), super::connection_refused::rule),
    rule("port-reuse-challenge", UNANSWERED, super::port_reuse_challenge::rule),
    rule("connect-timeout", SILENCE, super::connect_timeout::rule),
    // A reset that its claimed sender did not send, or cannot have meant.
    rule("duplicate-ip", FOREIGN, super::duplicate_ip::rule),
    rule("client-local-security-software", FOREIGN, super::client_local_security_software::rule),
    rule("conntrack-invalid-reset", FOREIGN, super::conntrack_invalid_reset::rule),
    rule("big-clienthello-dropped", TLS.and(MUTE_SERVER), super::big_clienthello_dropped::rule),
    rule("middlebox-policy-reset", FOREIGN, super::middlebox_policy_reset::rule),
    rule("middlebox-lost-state-rst", ENDED.and(RESET), super::middlebox_lost_state_rst::rule),
    rule("middlebox-idle-rst-both", FOREIGN, super::middlebox_idle_rst_both::rule),
    rule("injected-rst", FOREIGN, super::injected_rst::rule),
    // Before application data.
    rule("wrong-protocol-on-port", ENDED.and(UNLIKE_TLS), super::wrong_protocol_on_port::rule),
    rule(
        "client-certificate-rejected-tls12",
        SERVER.and(SHAKING),
        super::client_certificate_rejected_tls12::rule,
    ),
    rule(
        "client-certificate-rejected-tls13",
        SERVER.and(TLS),
        super::client_certificate_rejected_tls13::rule,
    ),
    rule(
        "server-certificate-rejected",
        CLIENT.and(SHAKING).and(UNTALKED),
        super::server_certificate_rejected::rule,
    ),
    rule("tls-parameters-mismatch", ENDED.and(TLS).and(UNTALKED), super::tls_parameters_mismatch::rule),
    rule("server-rejects-after-accept", SERVER.and(MUTE_SERVER), super::server_rejects_after_accept::rule),
    rule("tls-silent-rejection", SERVER.and(SHAKING), super::tls_silent_rejection::rule),
    rule("server-timeout-waiting-client", SERVER, super::server_timeout_waiting_client::rule),
    rule("tls-handshake-stalled", TLS, super::tls_handshake_stalled::rule),
    rule("health-check-probe", CLIENT.and(UNTALKED), super::health_check_probe::rule),
    rule("unused-connection", ENDED, super::unused_connection::rule),
    // Silence.
    rule("zero-window-stall", TROUBLE, super::zero_window_stall::rule),
    rule("tcp-keepalive-failed", SILENCE, super::tcp_keepalive_failed::rule),
    rule("mtu-black-hole", ANY, super::mtu_black_hole::rule),
    rule("one-way-path", TROUBLE, super::one_way_path::rule),
    rule("path-loss-exhausted", SILENCE, super::path_loss_exhausted::rule),
    rule("client-host-gone", SILENCE, super::client_host_gone::rule),
    rule("middlebox-idle-silent-drop", SILENCE, super::middlebox_idle_silent_drop::rule),
    rule("flow-blackholed", SILENCE, super::flow_blackholed::rule),
    rule("server-host-vanished", SILENCE, super::server_host_vanished::rule),
    // The second hop is in view.
    rule("lb-to-backend-stale", STATUS, super::lb_to_backend_stale::rule),
    // A reset answers the client's data.
    rule("stale-connection-reuse", SERVER, super::stale_connection_reuse::rule),
    rule("keepalive-race", SERVER, super::keepalive_race::rule),
    rule("server-host-rebooted", SERVER.and(RESET), super::server_host_rebooted::rule),
    rule("crossing-goodbyes", CROSSING, super::crossing_goodbyes::rule),
    // One side complained in the middle.
    rule("tls-fatal-mid-session", ENDED, super::tls_fatal_mid_session::rule),
    // The server was first.
    rule("proxy-relayed-close", SERVER, super::proxy_relayed_close::rule),
    rule("server-process-died", ENDED.and(TOGETHER), super::server_process_died::rule),
    rule("server-truncated-response", SERVER, super::server_truncated_response::rule),
    rule("server-restart-or-deploy", SERVER.and(TOGETHER), super::server_restart_or_deploy::rule),
    rule("heartbeat-missed", SERVER, super::heartbeat_missed::rule),
    rule("goaway-error", ENDED, super::goaway_error::rule),
    rule("session-killed-by-admin", SERVER, super::session_killed_by_admin::rule),
    rule("server-abort-unread", SERVER, super::server_abort_unread::rule),
    rule("server-abort-linger", SERVER.and(RESET), super::server_abort_linger::rule),
    rule("server-closed-without-answer", SERVER.and(OWED), super::server_closed_without_answer::rule),
    rule("graceful-goaway", ENDED, super::graceful_goaway::rule),
    rule("planned-server-close", SERVER, super::planned_server_close::rule),
    rule("server-idle-timeout", SERVER, super::server_idle_timeout::rule),
    // The client was first.
    rule("client-process-died", CLIENT.and(TOGETHER), super::client_process_died::rule),
    rule("tls13-ticket-reset", CLIENT.and(TLS).and(RESET), super::tls13_ticket_reset::rule),
    rule("client-abort", CLIENT, super::client_abort::rule),
    rule("client-gives-up", CLIENT, super::client_gives_up::rule),
    rule("half-close-by-design", CLIENT, super::half_close_by_design::rule),
    rule("client-dislikes-data", CLIENT, super::client_dislikes_data::rule),
    // A timer says why, whatever the goodbye was.
    rule("client-idle-pool-close", CLIENT, super::client_idle_pool_close::rule),
    // Either.
    rule("rst-as-fast-close", ENDED.and(RESET), super::rst_as_fast_close::rule),
    fact("bare-fin-no-close-notify", ENDED.and(TLS), super::bare_fin_no_close_notify::rule),
    rule("server-clean-goodbye", SERVER, super::server_clean_goodbye::rule),
    rule("client-clean-goodbye", CLIENT, super::client_clean_goodbye::rule),
    // No goodbye at all.
    rule("server-app-hung", OPEN.and(OWED), super::server_app_hung::rule),
    rule("still-open-at-end", OPEN, super::still_open_at_end::rule),
    rule("idle-vanished", OPEN, super::idle_vanished::rule),
    rule("one-sided-or-lossy-capture", ANY, super::one_sided_or_lossy_capture::rule),
    rule("begins-mid-stream", ANY, super::begins_mid_stream::rule),
];
