//! Which cause wins: the first in this list that holds. Those after it that hold too could not be excluded,
//! and become its alternatives.

use crate::case::Case;
use crate::finding::Finding;

/// A cause and its rule.
pub(crate) struct Rule {
    /// Its id in the catalogue.
    pub(crate) id: &'static str,
    /// Whether it holds.
    pub(crate) find: fn(&Case<'_>) -> Option<Finding>,
    /// What it states is a fact that may hold beside another cause, not instead of it.
    pub(crate) beside: bool,
}

const fn rule(id: &'static str, find: fn(&Case<'_>) -> Option<Finding>) -> Rule {
    Rule { id, find, beside: false }
}

const fn fact(id: &'static str, find: fn(&Case<'_>) -> Option<Finding>) -> Rule {
    Rule { id, find, beside: true }
}

/// All causes, in the order in which they are tried.
pub(crate) const ORDER: &[Rule] = &[
    // There never was a connection.
    rule("connection-refused", super::connection_refused::rule),
    rule("port-reuse-challenge", super::port_reuse_challenge::rule),
    rule("connect-timeout", super::connect_timeout::rule),
    // A reset that its claimed sender did not send, or cannot have meant.
    rule("duplicate-ip", super::duplicate_ip::rule),
    rule("client-local-security-software", super::client_local_security_software::rule),
    rule("conntrack-invalid-reset", super::conntrack_invalid_reset::rule),
    rule("big-clienthello-dropped", super::big_clienthello_dropped::rule),
    rule("middlebox-policy-reset", super::middlebox_policy_reset::rule),
    rule("middlebox-lost-state-rst", super::middlebox_lost_state_rst::rule),
    rule("middlebox-idle-rst-both", super::middlebox_idle_rst_both::rule),
    rule("injected-rst", super::injected_rst::rule),
    // Before application data.
    rule("wrong-protocol-on-port", super::wrong_protocol_on_port::rule),
    rule("client-certificate-rejected-tls12", super::client_certificate_rejected_tls12::rule),
    rule("client-certificate-rejected-tls13", super::client_certificate_rejected_tls13::rule),
    rule("server-certificate-rejected", super::server_certificate_rejected::rule),
    rule("tls-parameters-mismatch", super::tls_parameters_mismatch::rule),
    rule("server-rejects-after-accept", super::server_rejects_after_accept::rule),
    rule("tls-silent-rejection", super::tls_silent_rejection::rule),
    rule("server-timeout-waiting-client", super::server_timeout_waiting_client::rule),
    rule("tls-handshake-stalled", super::tls_handshake_stalled::rule),
    rule("health-check-probe", super::health_check_probe::rule),
    rule("unused-connection", super::unused_connection::rule),
    // Silence.
    rule("zero-window-stall", super::zero_window_stall::rule),
    rule("tcp-keepalive-failed", super::tcp_keepalive_failed::rule),
    rule("mtu-black-hole", super::mtu_black_hole::rule),
    rule("one-way-path", super::one_way_path::rule),
    rule("path-loss-exhausted", super::path_loss_exhausted::rule),
    rule("client-host-gone", super::client_host_gone::rule),
    rule("middlebox-idle-silent-drop", super::middlebox_idle_silent_drop::rule),
    rule("flow-blackholed", super::flow_blackholed::rule),
    rule("server-host-vanished", super::server_host_vanished::rule),
    // The second hop is in view.
    rule("lb-to-backend-stale", super::lb_to_backend_stale::rule),
    // A reset answers the client's data.
    rule("stale-connection-reuse", super::stale_connection_reuse::rule),
    rule("keepalive-race", super::keepalive_race::rule),
    rule("server-host-rebooted", super::server_host_rebooted::rule),
    rule("crossing-goodbyes", super::crossing_goodbyes::rule),
    // One side complained in the middle.
    rule("tls-fatal-mid-session", super::tls_fatal_mid_session::rule),
    // The server was first.
    rule("proxy-relayed-close", super::proxy_relayed_close::rule),
    rule("server-truncated-response", super::server_truncated_response::rule),
    rule("server-process-died", super::server_process_died::rule),
    rule("server-restart-or-deploy", super::server_restart_or_deploy::rule),
    rule("heartbeat-missed", super::heartbeat_missed::rule),
    rule("goaway-error", super::goaway_error::rule),
    rule("session-killed-by-admin", super::session_killed_by_admin::rule),
    rule("server-abort-unread", super::server_abort_unread::rule),
    rule("server-abort-linger", super::server_abort_linger::rule),
    rule("server-closed-without-answer", super::server_closed_without_answer::rule),
    rule("graceful-goaway", super::graceful_goaway::rule),
    rule("planned-server-close", super::planned_server_close::rule),
    rule("server-idle-timeout", super::server_idle_timeout::rule),
    // The client was first.
    rule("client-process-died", super::client_process_died::rule),
    rule("client-abort", super::client_abort::rule),
    rule("client-gives-up", super::client_gives_up::rule),
    rule("tls13-ticket-reset", super::tls13_ticket_reset::rule),
    rule("half-close-by-design", super::half_close_by_design::rule),
    rule("client-dislikes-data", super::client_dislikes_data::rule),
    // Either.
    rule("rst-as-fast-close", super::rst_as_fast_close::rule),
    rule("client-idle-pool-close", super::client_idle_pool_close::rule),
    fact("bare-fin-no-close-notify", super::bare_fin_no_close_notify::rule),
    rule("server-clean-goodbye", super::server_clean_goodbye::rule),
    rule("client-clean-goodbye", super::client_clean_goodbye::rule),
    // No goodbye at all.
    rule("server-app-hung", super::server_app_hung::rule),
    rule("still-open-at-end", super::still_open_at_end::rule),
    rule("idle-vanished", super::idle_vanished::rule),
    rule("one-sided-or-lossy-capture", super::one_sided_or_lossy_capture::rule),
    rule("begins-mid-stream", super::begins_mid_stream::rule),
];
