//! From the bytes of a connection, in order, to what the conversation is.
//!
//! This crate promises: it is bounded per connection whatever the bytes are, it never panics, it does not read
//! the bodies of encrypted records, and where it is unsure it says so. It knows nothing of why a connection
//! ended. Read the modules in this order:
//!
//! - [`Conversation`] and [`Place`]: bytes go in, with where they stand;
//! - [`Summary`]: what is known in the end, with [`Talk`] (who asked, who answered), [`Tls`], [`Http`], [`Dismissal`] and [`Farewell`];
//! - [`Alert`], and [`certainty`]: how sure it is that a hidden record is one.
#![forbid(unsafe_code)]
// Not arithmetic: sums wrap in a release build, nothing is indexed by them, and fuzz targets and tests run with overflow
// checks. What panics in any build, a division by zero, cannot be: divisors are constants.
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod alert;
mod conversation;
mod dismissal;
mod exchange;
mod farewell;
mod opening;
mod place;
mod sniff;
mod summary;
mod talk;
mod tls;

pub use alert::{After, Alert, AlertPosition, AlertSeen, certainty};
pub use conversation::Conversation;
pub use dismissal::{Dismissal, Reason};
pub use farewell::Farewell;
pub use place::Place;
pub use summary::{Handshake, Http, Message, Opening, Shown, Summary, Tls, TlsSide};
pub use talk::{Beat, Lull, Pause, Replies, Spoken, Talk};
