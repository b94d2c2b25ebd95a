//! Interruption: the first one ends the reading, and what was found so far is reported; a second one ends the program.

use signal_hook::consts::SIGINT;
use signal_hook::flag;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

/// Set once somebody has interrupted.
static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// The exit status of what was interrupted: 128 and the number of the signal, as shells have it.
pub(crate) const STATUS: u8 = 130;

/// From now on an interruption is noted.
pub(crate) fn watch() -> io::Result<()> {
    // In this order: what the second one does must not find what the first one notes.
    flag::register_conditional_default(SIGINT, Arc::clone(&ASKED))?;
    flag::register(SIGINT, Arc::clone(&ASKED))?;
    Ok(())
}

/// Whether somebody has interrupted.
pub(crate) fn is_asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// The same as a flag, for those who read.
pub(crate) fn asked() -> &'static AtomicBool {
    &ASKED
}
