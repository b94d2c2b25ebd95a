//! The causes: one rule in one small file each, and one list that says which of several wins.

mod order;

mod bare_fin_no_close_notify;
mod begins_mid_stream;
mod client_abort;
mod client_clean_goodbye;
mod client_dislikes_data;
mod client_gives_up;
mod client_idle_pool_close;
mod connect_timeout;
mod connection_refused;
mod crossing_goodbyes;
mod flow_blackholed;
mod goaway_error;
mod graceful_goaway;
mod half_close_by_design;
mod health_check_probe;
mod heartbeat_missed;
mod idle_vanished;
mod keepalive_race;
mod middlebox_idle_silent_drop;
mod one_sided_or_lossy_capture;
mod planned_server_close;
mod rst_as_fast_close;
mod server_abort_linger;
mod server_abort_unread;
mod server_app_hung;
mod server_certificate_rejected;
mod server_clean_goodbye;
mod server_closed_without_answer;
mod server_host_vanished;
mod server_idle_timeout;
mod server_rejects_after_accept;
mod server_timeout_waiting_client;
mod server_truncated_response;
mod stale_connection_reuse;
mod still_open_at_end;
mod tags;
mod tcp_keepalive_failed;
mod tls_parameters_mismatch;
mod unused_connection;
mod zero_window_stall;

pub(crate) use order::{ORDER, Rule};
#[cfg(test)]
pub(crate) use tags::TAGS;
pub(crate) use tags::tags;
