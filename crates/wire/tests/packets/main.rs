//! Decoding of packets: every way to TCP, every limit, any bytes.

mod any_bytes;
mod build;
mod limits;
mod ways;
