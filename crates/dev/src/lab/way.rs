//! The forwarder of the lab's own in the router: what happens to packets on the way where the kernel has no netem.

use super::{LabError, child::Ours, network::Network};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// `lab/programs/way.py`, running.
#[derive(Debug)]
pub(super) struct Way {
    child: Ours,
    output: PathBuf,
    orders: usize,
}

/// So long it may take until it has done what it was told.
const DONE: Duration = Duration::from_secs(5);

impl Way {
    /// Leads the router's packets through it. From here on each travels one hop more.
    pub(super) fn start(network: &Network, programs: &Path, work: &Path) -> Result<Self, LabError> {
        let output = work.join("way.out");
        let file = fs::File::create(&output)?;
        let (client, server) = (network.address("client"), network.address("server"));
        let child = network
            .at("router", &format!("exec python3 {}/way.py {client} {server}", programs.display()))
            .stdin(Stdio::piped())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()?;
        let mut way = Self { child: Ours(child), output, orders: 0 };
        way.wait()?;
        Ok(way)
    }

    /// Gives an order, and waits until it holds.
    pub(super) fn order(&mut self, order: &str) -> Result<(), LabError> {
        if let Some(to) = self.child.stdin.as_mut() {
            writeln!(to, "{order}")?;
        }
        self.wait()
    }

    fn wait(&mut self) -> Result<(), LabError> {
        self.orders += 1;
        let begin = Instant::now();
        loop {
            let said = fs::read_to_string(&self.output)?;
            if said.lines().filter(|line| *line == "done").count() >= self.orders {
                return Ok(());
            }
            if begin.elapsed() > DONE || !matches!(self.child.try_wait(), Ok(None)) {
                return Err(LabError::new(format!("the way does not obey: {said}")));
            }
            sleep(Duration::from_millis(1));
        }
    }
}
