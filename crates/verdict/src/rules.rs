//! The causes: one rule in one small file each, and one list that says which of several wins.

mod bare_fin_no_close_notify;
mod begins_mid_stream;
mod big_clienthello_dropped;
mod client_abort;
mod client_certificate_rejected_tls12;
mod client_certificate_rejected_tls13;
mod client_clean_goodbye;
mod client_dislikes_data;
mod client_gives_up;
mod client_host_gone;
mod client_idle_pool_close;
mod client_local_security_software;
mod client_process_died;
mod connect_timeout;
mod connection_refused;
mod conntrack_invalid_reset;
mod crossing_goodbyes;
mod duplicate_ip;
mod flow_blackholed;
pub(crate) mod goaway_error;
mod graceful_goaway;
mod half_close_by_design;
mod health_check_probe;
mod heartbeat_missed;
mod idle_vanished;
mod injected_rst;
mod keepalive_race;
mod lb_to_backend_stale;
mod middlebox_idle_rst_both;
mod middlebox_idle_silent_drop;
mod middlebox_lost_state_rst;
mod middlebox_policy_reset;
mod mtu_black_hole;
mod one_sided_or_lossy_capture;
mod one_way_path;
mod order;
mod path_loss_exhausted;
mod planned_server_close;
mod port_reuse_challenge;
mod proxy_relayed_close;
mod rst_as_fast_close;
mod server_abort_linger;
mod server_abort_unread;
mod server_app_hung;
mod server_certificate_rejected;
mod server_clean_goodbye;
mod server_closed_without_answer;
mod server_host_rebooted;
mod server_host_vanished;
mod server_idle_timeout;
mod server_process_died;
mod server_rejects_after_accept;
mod server_restart_or_deploy;
mod server_timeout_waiting_client;
mod server_truncated_response;
mod session_killed_by_admin;
mod stale_connection_reuse;
mod still_open_at_end;
mod tags;
mod tcp_keepalive_failed;
mod tls13_ticket_reset;
mod tls_fatal_mid_session;
mod tls_handshake_stalled;
mod tls_parameters_mismatch;
mod tls_silent_rejection;
mod unused_connection;
mod wrong_protocol_on_port;
mod zero_window_stall;

pub(crate) use order::{ORDER, Rule};
#[cfg(test)]
pub(crate) use tags::TAGS;
pub(crate) use tags::tags;

/// Seconds without a packet from which a line counts as idle for a device between, whatever it is set to.
pub(crate) const LONG_PAUSE: f64 = 10.0;

/// The shortest pause in seconds after which a device between may shoot, where only siblings say so.
pub(crate) const SHORTEST_LEARNT: f64 = 2.0;

/// The shortest pause in seconds that is believed to be a device's memory where only siblings say so.
pub(crate) const SHORTEST_MEMORY: f64 = 30.0;
