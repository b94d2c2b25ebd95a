//! How fast hangup is and what memory it takes, measured beside what else the machine can do with the same bytes.
//!
//! Nothing here is a test: a figure that depends on the machine never fails. What must not grow unseen is counted in instructions
//! ([`crate::Instructions`]). Every capture is generated ([`crate::Load`]), measured, and removed; every figure is of a child process, so
//! that the system itself says what it took ([`Call`]). Runs of what is compared alternate, the best of several counts, and the median
//! stands beside it. The walk over the record headers ([`walk()`]) is the machine's own floor.

mod bench;
mod call;
mod growth;
mod machine;
mod memory;
mod one_core;
mod others;
mod page;
mod runs;
mod shape;
mod start;
mod table;
mod two_cores;
mod walk;

pub use bench::Bench;
pub use call::{Call, Printed, Run};
pub use page::page;
pub use walk::{Walked, walk};

pub(crate) use machine::rustc;
