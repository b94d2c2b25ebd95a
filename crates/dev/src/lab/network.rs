//! Three network namespaces: client, router, server, and the two cables between them.

use super::{LabError, scene::Ip};
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// The namespaces of one scenario. They are gone when this is dropped, and also where the lab itself is killed: a guard that
/// waits at the other end of a pipe takes them away.
#[derive(Debug)]
pub(super) struct Network {
    /// What the names of the namespaces begin with: it has the number of this process.
    prefix: String,
    /// The two middle bytes of all addresses, from the number of this process.
    net: [u8; 2],
    ip: Ip,
    guard: Child,
}

/// Ends what runs in the namespaces, takes them and the kernel's ear away, once standard input has ended.
const GUARD: &str = "trap '' INT TERM HUP; cat >/dev/null; for n in $1c $1r $1s; do \
    for p in $(ip netns pids $n 2>/dev/null); do kill -9 $p 2>/dev/null; done; \
    ip netns del $n 2>/dev/null; done; \
    i=/sys/kernel/tracing/instances/$1; if [ -d $i ]; then echo 0 >$i/events/enable; rmdir $i; fi; rm -rf \"$2\"";

impl Network {
    /// Lays the cables. `work` is the folder that goes away with the network.
    pub(super) fn new(prefix: &str, work: &str, ip: Ip, offload: bool) -> Result<Self, LabError> {
        let [_, _, high, low] = std::process::id().to_be_bytes();
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard", prefix, work])
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| LabError::new(format!("sh: {error}")))?;
        let network = Self { prefix: prefix.to_owned(), net: [high, low], ip, guard };
        network.lay(offload)?;
        Ok(network)
    }

    /// The address of `client`, `server`, or the router's on the way to either: `to-client`, `to-server`.
    pub(super) fn address(&self, place: &str) -> String {
        self.address_of(self.ip, place)
    }

    /// What stands in every address of this network, as the kernel prints it.
    pub(super) fn mark(&self) -> String {
        let [high, low] = self.net;
        match self.ip {
            Ip::V4 => format!("10.{high}.{low}."),
            Ip::V6 => format!("fd00:{:x}:", u16::from_be_bytes(self.net)),
        }
    }

    /// A command line for the shell, to run at a place: client, router or server. The process becomes the command.
    pub(super) fn at(&self, place: &str, command: &str) -> Command {
        // A shell starts what runs in its background deaf to SIGINT, and what a lab there starts would inherit that.
        let mut at = Command::new("env");
        at.args(["--default-signal", "ip", "netns", "exec", &self.namespace(place), "sh", "-c", command]);
        at
    }

    /// Runs a command at a place to its end and gives what it printed.
    pub(super) fn run(&self, place: &str, command: &str) -> Result<String, LabError> {
        finish(&mut self.at(place, command), command)
    }

    fn address_of(&self, ip: Ip, place: &str) -> String {
        let (link, host) = match place {
            "client" => (1, 2),
            "to-client" => (1, 1),
            "to-server" => (2, 1),
            _ => (2, 2),
        };
        let [high, low] = self.net;
        match ip {
            // Two networks of four addresses: .0 and .4.
            Ip::V4 => format!("10.{high}.{low}.{}", (link - 1) * 4 + host),
            Ip::V6 => format!("fd00:{:x}:{link}::{host}", u16::from_be_bytes(self.net)),
        }
    }

    fn namespace(&self, place: &str) -> String {
        format!("{}{}", self.prefix, place.get(..1).unwrap_or_default())
    }

    fn lay(&self, offload: bool) -> Result<(), LabError> {
        let (client, router, server) =
            (self.namespace("client"), self.namespace("router"), self.namespace("server"));
        let mut batch = String::new();
        for name in [&client, &router, &server] {
            let _ = writeln!(batch, "netns add {name}");
        }
        for (side, name, number) in [("client", &client, 1), ("server", &server, 2)] {
            let _ = writeln!(
                batch,
                "link add eth0 netns {name} address 02:00:00:00:0{number}:02 type veth \
                 peer name to-{side} netns {router} address 02:00:00:00:0{number}:01"
            );
        }
        run_batch(&batch)?;
        for (side, name) in [("client", &client), ("server", &server)] {
            let (v4, v6) = (Ip::V4, Ip::V6);
            let router_side = format!("to-{side}");
            let (near4, near6) = (self.address_of(v4, &router_side), self.address_of(v6, &router_side));
            let (own4, own6) = (self.address_of(v4, side), self.address_of(v6, side));
            finish(Command::new("ip").args(["-n", name, "link", "set", "lo", "up"]), "ip link")?;
            let lines = format!(
                "addr add {own4}/30 dev eth0\naddr add {own6}/64 dev eth0 nodad\nlink set eth0 up\n\
                 route add default via {near4}\n-6 route add default via {near6}\n"
            );
            let beyond = format!(
                "addr add {near4}/30 dev {router_side}\naddr add {near6}/64 dev {router_side} nodad\n\
                 link set {router_side} up\n"
            );
            for (name, lines) in [(&router, beyond), (name, lines)] {
                for line in lines.lines() {
                    let words = line.split_whitespace();
                    finish(Command::new("ip").args(["-n", name]).args(words), line)?;
                }
            }
            if !offload {
                let off = "tso off gso off gro off tx off rx off";
                self.run(side, &format!("ethtool -K eth0 {off}"))?;
                self.run("router", &format!("ethtool -K to-{side} {off}"))?;
            }
        }
        self.run("router", "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")?;
        self.run(
            "router",
            "nft 'add table inet lab; add chain inet lab way { type filter hook forward priority 0; }'",
        )?;
        Ok(())
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // Its standard input ends, and it takes everything away.
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// Runs a command to its end; what it printed, or an error with what it complained of.
pub(super) fn finish(command: &mut Command, what: &str) -> Result<String, LabError> {
    let done =
        command.stdin(Stdio::null()).output().map_err(|error| LabError::new(format!("{what}: {error}")))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    Err(LabError::new(format!("{what}: {}", String::from_utf8_lossy(&done.stderr).trim())))
}

fn run_batch(lines: &str) -> Result<(), LabError> {
    let failed = |error: std::io::Error| LabError::new(format!("ip: {error}"));
    let mut ip = Command::new("ip")
        .args(["-batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(failed)?;
    if let Some(mut to) = ip.stdin.take() {
        to.write_all(lines.as_bytes()).map_err(failed)?;
    }
    if ip.wait().map_err(failed)?.success() {
        return Ok(());
    }
    Err(LabError::new("ip could not make the namespaces; are `iproute2` and root there?".to_owned()))
}
