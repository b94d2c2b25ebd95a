//! Facts written by hand, and the verdicts that they must earn.

mod clean;
mod faults;
mod handshake;
mod heard;
mod line;
mod properties;
mod roles;
mod silence;
mod suspects;
mod texts;
