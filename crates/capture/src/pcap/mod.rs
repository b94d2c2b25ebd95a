//! Classic pcap (draft-ietf-opsawg-pcap), with the variations that exist in the wild.

mod header;
mod read;
mod write;

pub(crate) use header::{HEADER, is_pcap};
pub(crate) use read::Walk;
pub use write::{Settings, Writer};
