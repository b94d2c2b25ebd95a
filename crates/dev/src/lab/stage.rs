//! A scenario is played: from the cables to the captures and the label.

use super::LabError;
use super::kernel::Ear;
use super::label::{Incident, Label, Labelled, contradictions};
use super::network::{Network, finish};
use super::program::{Fate, Program};
use super::recording::Recording;
use super::scene::{Deed, Scene};
use super::way::Way;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What a scenario gave.
#[derive(Debug)]
pub struct Played {
    /// The capture at the client, pcapng.
    pub client: Vec<u8>,
    /// The capture at the server, pcapng.
    pub server: Vec<u8>,
    /// The label.
    pub label: Label,
    /// The secrets of the TLS sessions, where a program wrote them (`SSLKEYLOGFILE`); empty where none did.
    pub keys: String,
}

/// Last packets are under way, and a kernel may still have to say something.
const SETTLE: Duration = Duration::from_millis(300);
/// A server that has not begun to listen by then never will.
const READY: Duration = Duration::from_secs(10);

/// Plays a scenario. `programs` is the folder of the lab's own programs.
///
/// # Errors
/// Where a step fails, or where the truth contradicts what the kernel or the programs said.
pub fn play(scene: &Scene, programs: &Path) -> Result<Played, LabError> {
    // One scenario at a time in a process: its number is name enough.
    let name = format!("hangup{}", std::process::id());
    let work = std::env::temp_dir().join(&name);
    fs::create_dir_all(&work)?;
    let network = Network::new(&name, &work.to_string_lossy(), scene.ip, scene.offload)?;
    let ear = Ear::new(&name)?;
    certificates(&work)?;
    let recordings =
        (Recording::start(&network, &work, "client")?, Recording::start(&network, &work, "server")?);
    let mut stage = Stage {
        scene,
        lab: fs::canonicalize(programs)?,
        dev: std::env::current_exe()?,
        work: work.clone(),
        network,
        programs: Vec::new(),
        way: None,
        incidents: Vec::new(),
        done: Vec::new(),
        begin: Instant::now(),
    };
    for (file, text) in &scene.files {
        fs::write(work.join(file), stage.fill(text))?;
    }
    for step in &scene.steps {
        stage.done.push(format!("{:.3} {}", stage.begin.elapsed().as_secs_f64(), step.text));
        stage.act(&step.deed).map_err(|error| LabError::new(format!("`{}`: {error}", step.text)))?;
    }
    sleep(SETTLE);
    // The kernel first, then the captures, and only then the programs that still run: what their end makes is not part of it.
    let heard = ear.heard(&stage.network.mark(), &stage.network.address("to-server"), scene.port)?;
    let (client, server) = (recordings.0.stop()?, recordings.1.stop()?);
    // Where this checkout lies is nobody's business.
    let lab = stage.lab.display().to_string();
    let fates = stage.programs.iter_mut().map(Program::fate);
    let fates: Vec<Fate> = fates.map(|fate| fate.without(&lab, "{programs}")).collect();
    let mut faults = Vec::new();
    let mut connections = Vec::new();
    for (number, (port, words)) in heard.iter().enumerate() {
        let Some(truth) = scene.truth(number) else { continue };
        let found = contradictions(truth, words, &fates);
        faults.extend(found.iter().map(|fault| format!("connection {number}: {fault}")));
        let kernel: Vec<String> = words.iter().map(ToString::to_string).collect();
        connections.push(Labelled { port: *port, truth: truth.clone(), kernel });
    }
    if connections.len() < scene.truths.len() {
        let counted = connections.len();
        faults.push(format!("{} truths, but the kernel knows {counted} connections", scene.truths.len()));
    }
    if !faults.is_empty() {
        return Err(LabError::new(explain(&faults, &connections, &fates)));
    }
    let label = Label {
        title: scene.title.clone(),
        stack: stack(&fates),
        offload: scene.offload,
        done: stage.done.clone(),
        programs: fates.into_iter().map(Fate::short).collect(),
        port: scene.port,
        connections,
        incidents: stage.incidents.clone(),
    };
    let keys = fs::read_to_string(work.join("keys")).unwrap_or_default();
    Ok(Played { client, server, label, keys })
}

/// A scenario while it is played.
struct Stage<'a> {
    scene: &'a Scene,
    lab: PathBuf,
    /// This program, which is also one that plays.
    dev: PathBuf,
    work: PathBuf,
    network: Network,
    programs: Vec<Program>,
    way: Option<Way>,
    incidents: Vec<Incident>,
    done: Vec<String>,
    begin: Instant,
}

impl Stage<'_> {
    fn act(&mut self, deed: &Deed) -> Result<(), LabError> {
        match deed {
            Deed::Start(name, command) => self.start(name, command)?,
            Deed::Run(place, command) => {
                self.network.run(place, &self.fill(command))?;
            }
            Deed::Say(name, text) => self.program(name)?.say(text)?,
            Deed::Close(name) => self.program(name)?.close(),
            Deed::Wait(time) => sleep(*time),
            Deed::Await(name, most, text) => self.program(name)?.wait(*most, text.as_deref())?,
            Deed::Signal(name, signal) => self.program(name)?.signal(signal)?,
            Deed::Rule(rule) => {
                self.network.run("router", &format!("nft 'add rule inet lab way {}'", self.fill(rule)))?;
            }
            Deed::Flush => {
                self.network.run("router", "nft flush chain inet lab way")?;
            }
            Deed::Link(side, up) => {
                let state = if *up { "up" } else { "down" };
                self.network.run("router", &format!("ip link set to-{side} {state}"))?;
            }
            Deed::Incident(name, most, numbers, text) => {
                let program = self.program(name)?;
                program.wait(*most, Some(text))?;
                let printed = program.printed();
                let line = printed.lines().find(|line| line.contains(text.as_str())).unwrap_or_default();
                let now = jiff::Timestamp::now().round(jiff::Unit::Second).map_err(LabError::from_any)?;
                let (at, text) = (now.to_string(), line.trim().to_owned());
                let (connection, or) = numbers.split_first().map_or((0, &[][..]), |(first, or)| (*first, or));
                self.incidents.push(Incident { at, text, connection, or: or.to_vec() });
            }
            Deed::Way(order) => self.way()?.order(order)?,
        }
        Ok(())
    }

    fn start(&mut self, name: &str, command: &str) -> Result<(), LabError> {
        let before = self.listening()?.len();
        let mut program = Program::start(&self.network, &self.work, name, command, &self.fill(command))?;
        let begin = Instant::now();
        while name.starts_with("server") && !self.listens(before)? {
            if program.gone() || begin.elapsed() > READY {
                return Err(LabError::new(format!("{name} does not listen: {}", program.printed())));
            }
            sleep(Duration::from_millis(20));
        }
        self.programs.push(program);
        Ok(())
    }

    /// Whether one more listens at the server than before, and one of them at the port. A second server may have a port of its own.
    fn listens(&self, before: usize) -> Result<bool, LabError> {
        let listening = self.listening()?;
        let door = format!(":{}", self.scene.port);
        Ok(listening.len() > before && listening.iter().any(|address| address.ends_with(&door)))
    }

    /// The addresses at which somebody listens at the server.
    fn listening(&self) -> Result<Vec<String>, LabError> {
        let sockets = self.network.run("server", "ss -Hltn")?;
        Ok(sockets.lines().filter_map(|line| line.split_whitespace().nth(3)).map(str::to_owned).collect())
    }

    /// The forwarder; it is there from the first order on.
    fn way(&mut self) -> Result<&mut Way, LabError> {
        let way = match self.way.take() {
            Some(way) => way,
            None => Way::start(&self.network, &self.lab, &self.work)?,
        };
        Ok(self.way.insert(way))
    }

    fn program(&mut self, name: &str) -> Result<&mut Program, LabError> {
        let found = self.programs.iter_mut().find(|program| program.name == name);
        found.ok_or_else(|| LabError::new(format!("no program `{name}` was started")))
    }

    /// Puts addresses, port, folders and this program in the places of `{server}`, `{client}`, `{port}`, `{programs}`, `{work}` and `{dev}`.
    fn fill(&self, text: &str) -> String {
        text.replace("{server}", &self.network.address("server"))
            .replace("{client}", &self.network.address("client"))
            .replace("{port}", &self.scene.port.to_string())
            .replace("{programs}", &self.lab.to_string_lossy())
            .replace("{work}", &self.work.to_string_lossy())
            .replace("{dev}", &self.dev.to_string_lossy())
    }
}

/// A certificate authority of the lab's own, and a certificate for `server.lab`.
fn certificates(work: &Path) -> Result<(), LabError> {
    let script = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
        -subj '/CN=hangup lab' -keyout ca.key -out ca.pem && \
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server.lab \
        -keyout server.key -out server.csr && echo subjectAltName=DNS:server.lab >san && \
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 \
        -extfile san -out server.pem && chmod 644 server.key";
    finish(Command::new("sh").args(["-ec", script]).current_dir(work), "openssl")?;
    Ok(())
}

/// The kernel and the programs that played, with their versions.
fn stack(fates: &[Fate]) -> Vec<String> {
    let first_line = |program: &str, flag: &str| {
        let done = Command::new(program).arg(flag).output().ok()?;
        let text = if done.stdout.is_empty() { done.stderr } else { done.stdout };
        Some(String::from_utf8_lossy(&text).lines().next()?.to_owned())
    };
    let mut stack = vec![format!("Linux {}", first_line("uname", "-r").unwrap_or_default())];
    let programs: BTreeSet<&str> = fates.iter().filter_map(|fate| program(&fate.command)).collect();
    for program in programs {
        if program == "{dev}" {
            stack.push(format!("rustls {}", locked("rustls")));
            continue;
        }
        let flag = match program {
            "openssl" => "version",
            "nginx" | "haproxy" => "-v",
            _ => "--version",
        };
        stack.extend(first_line(program, flag));
    }
    stack
}

/// What a command starts. A script of the lab's own is called after the program that it becomes.
fn program(command: &str) -> Option<&str> {
    let mut words = command.split_whitespace();
    match words.next()? {
        "bash" => Path::new(words.next()?).file_stem()?.to_str(),
        word => Some(word),
    }
}

/// The version of a crate in the workspace's lock file: a library does not say its own.
fn locked(name: &str) -> &'static str {
    let (_, entry) = include_str!("../../../../Cargo.lock")
        .split_once(&format!("name = \"{name}\"\n"))
        .unwrap_or_default();
    entry.split('"').nth(1).unwrap_or_default()
}

/// Why a run does not count, with what is needed to see it.
fn explain(faults: &[String], connections: &[Labelled], fates: &[Fate]) -> String {
    let mut text = faults.join("\n");
    for (number, connection) in connections.iter().enumerate() {
        let _ = write!(text, "\nconnection {number}:\n  {}", connection.kernel.join("\n  "));
    }
    for fate in fates {
        let end = fate.clone().short().output;
        let _ = write!(text, "\n{} (exit {}) printed:\n{end}", fate.name, fate.exit);
    }
    text
}
