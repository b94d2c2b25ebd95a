//! The two captures of a scenario: one at each end, at once.

use super::{LabError, child::Ours, network::Network};
use hangup_capture::{ByteOrder, Input, pcapng};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// tcpdump at one end.
#[derive(Debug)]
pub(super) struct Recording {
    child: Ours,
    raw: PathBuf,
}

/// A capture that is larger than this does not belong into a repository.
const LARGEST: usize = 600_000;

impl Recording {
    /// Begins to capture at a side, and waits until it does.
    pub(super) fn start(network: &Network, work: &Path, side: &str) -> Result<Self, LabError> {
        let raw = work.join(format!("{side}.pcap"));
        let said = work.join(format!("{side}.tcpdump"));
        // Errors of ICMP, and not the chatter of neighbours.
        let command = format!(
            "exec tcpdump -i eth0 -n -U --immediate-mode -Z root --time-stamp-precision=nano -w {} \
             'tcp or icmp or (icmp6 and ip6[40] < 128)'",
            raw.display()
        );
        let child = network
            .at(side, &command)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&said)?)
            .spawn()?;
        let recording = Self { child: Ours(child), raw };
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(5) {
            let text = fs::read_to_string(&said)?;
            if text.contains("listening on") {
                return Ok(recording);
            }
            sleep(Duration::from_millis(10));
        }
        Err(LabError::new(format!("tcpdump does not begin: {}", fs::read_to_string(&said)?)))
    }

    /// Stops, and gives the capture as pcapng.
    pub(super) fn stop(mut self) -> Result<Vec<u8>, LabError> {
        self.child.signal("TERM")?;
        self.child.wait()?;
        let mut input = Input::open(std::slice::from_ref(&self.raw)).map_err(LabError::from_any)?;
        let mut out = pcapng::Writer::new(Vec::new(), ByteOrder::Little)?;
        let mut interface = None;
        while let Some(packet) = input.next() {
            let number = match interface {
                Some(number) => number,
                None => *interface.insert(out.interface(packet.link, 9, 0)?),
            };
            out.packet(number, packet.time, packet.original_length, packet.data, None)?;
        }
        if interface.is_none() {
            // A capture in which nothing came along is one, too: it says where it was made.
            out.interface(hangup_wire::LinkType(1), 9, 0)?;
        }
        let bytes = out.into_inner();
        if bytes.len() > LARGEST {
            return Err(LabError::new(format!("the capture has {} bytes: move less", bytes.len())));
        }
        Ok(bytes)
    }
}
