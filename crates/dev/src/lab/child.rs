//! A process of ours: signalled by its number, and ended where nobody has waited for it.

use super::{LabError, network::finish};
use std::ops::{Deref, DerefMut};
use std::process::{Child, Command};

/// A child that does not outlive this.
#[derive(Debug)]
pub(super) struct Ours(pub(super) Child);

impl Ours {
    /// Sends a signal, by name without `SIG` or by number.
    pub(super) fn signal(&self, signal: &str) -> Result<(), LabError> {
        let id = self.0.id().to_string();
        finish(Command::new("sh").args(["-c", "kill -$0 $1", signal, &id]), "kill")?;
        Ok(())
    }
}

impl Deref for Ours {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Ours {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        // Only what is still ours: a child that was waited for has given its number back.
        if matches!(self.0.try_wait(), Ok(None)) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}
