//! pcapng (draft-ietf-opsawg-pcapng).

mod block;
mod clock;
mod notes;
mod options;
mod read;
mod write;

pub(crate) use block::is_pcapng;
pub(crate) use read::Walk;
pub use write::Writer;
