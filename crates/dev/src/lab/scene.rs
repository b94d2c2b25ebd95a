//! A scenario as it is written down: what is done, to whom, when, and what is true of it.

use super::truth::Truth;
use std::time::Duration;

/// One scenario, from its Markdown file. `lab/README.md` has the grammar.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The first heading.
    pub title: String,
    /// Which version of IP is spoken.
    pub ip: Ip,
    /// The interfaces cut and glue segments themselves.
    pub offload: bool,
    /// Port of the server.
    pub port: u16,
    /// Files that are laid beside the programs: name and text.
    pub files: Vec<(String, String)>,
    /// What is done, in this order.
    pub steps: Vec<Step>,
    /// The truth about the connections in their order; the last one is that of all that follow.
    pub truths: Vec<Truth>,
}

/// A version of IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ip {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// One step: its line, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// As it was written.
    pub text: String,
    /// What is done.
    pub deed: Deed,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A program is started at its end; of a server the lab waits until it listens.
    Start(String, String),
    /// A command is run to its end in the namespace of a side or of the router.
    Run(String, String),
    /// Bytes for a program's standard input.
    Say(String, String),
    /// A program's standard input is closed.
    Close(String),
    /// A while.
    Wait(Duration),
    /// Until a program has ended, or has printed this; at most so long.
    Await(String, Duration, Option<String>),
    /// A signal for a program.
    Signal(String, String),
    /// A rule of nftables for what the router forwards.
    Rule(String),
    /// All rules go.
    Flush,
    /// The router's link to a side goes down, or up again.
    Link(String, bool),
    /// Somebody sees this in what a program prints, at most so long from now, and reports it. It is about the connection of
    /// the first of these numbers; the others failed in the same way in the same moment.
    Incident(String, Duration, Vec<usize>, String),
    /// An order for the forwarder in the router; `lab/programs/way.py` knows them.
    Way(String),
}

impl Scene {
    /// Reads a scenario.
    ///
    /// # Errors
    /// In words, with the line: what is no scenario.
    pub fn parse(markdown: &str) -> Result<Self, String> {
        let title = markdown.lines().find_map(|line| line.strip_prefix("# "));
        let title = title.ok_or("no heading: a scenario begins with `# what happens`")?;
        let mut scene = Self {
            title: title.trim().to_owned(),
            ip: Ip::V4,
            offload: false,
            port: 443,
            files: Vec::new(),
            steps: Vec::new(),
            truths: Vec::new(),
        };
        let mut lines = markdown.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            let Some(info) = line.strip_prefix("```") else { continue };
            let inside: Vec<&str> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| !line.starts_with("```")).collect();
            let here = |what: String| format!("block at line {}: {what}", at + 1);
            match info.trim().split_once(' ') {
                Some(("file", name)) => scene.files.push((name.to_owned(), inside.join("\n") + "\n")),
                None if info.trim() == "lab" => {
                    for line in inside.into_iter().map(str::trim) {
                        if !line.is_empty() && !line.starts_with('#') {
                            scene.line(line).map_err(here)?;
                        }
                    }
                }
                None if info.trim() == "truth" => scene.truths.push(Truth::parse(inside).map_err(here)?),
                Some(("truth", count)) => {
                    let count = count.parse().map_err(|_| here(format!("no number: `{count}`")))?;
                    let truth = Truth::parse(inside).map_err(here)?;
                    scene.truths.extend(std::iter::repeat_n(truth, count));
                }
                _ => return Err(here(format!("there are no blocks of `{}`", info.trim()))),
            }
        }
        if scene.steps.is_empty() || scene.truths.is_empty() {
            return Err("a scenario needs a ```lab and a ```truth block".into());
        }
        Ok(scene)
    }

    /// The truth about the connection of this number, from 0.
    pub fn truth(&self, number: usize) -> Option<&Truth> {
        self.truths.get(number).or_else(|| self.truths.last())
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        match line {
            "ip v4" => self.ip = Ip::V4,
            "ip v6" => self.ip = Ip::V6,
            "offload on" => self.offload = true,
            _ => match line.strip_prefix("port ") {
                Some(port) => self.port = port.parse().map_err(|_| format!("no port: `{port}`"))?,
                None => self.steps.push(Step { text: line.to_owned(), deed: deed(line)? }),
            },
        }
        Ok(())
    }
}

fn deed(line: &str) -> Result<Deed, String> {
    let (head, tail) = match line.split_once(": ") {
        Some((head, tail)) => (head, Some(tail.trim().to_owned())),
        None => (line, None),
    };
    let words: Vec<&str> = head.split_whitespace().collect();
    Ok(match (words.as_slice(), tail) {
        (["start", who], Some(command)) => Deed::Start(program(who)?, command),
        (["run", place @ ("client" | "server" | "router")], Some(command)) => {
            Deed::Run((*place).to_owned(), command)
        }
        (["say", who], Some(text)) => Deed::Say(program(who)?, unescape(&text)),
        (["close", who], None) => Deed::Close(program(who)?),
        (["wait", time], None) => Deed::Wait(duration(time)?),
        (["await", who, time], text) => Deed::Await(program(who)?, duration(time)?, text),
        (["incident", who, time, "of", numbers @ ..], Some(text)) if !numbers.is_empty() => {
            let number =
                |word: &&str| word.parse().map_err(|_| format!("no number of a connection: `{word}`"));
            let numbers = numbers.iter().filter(|&&word| word != "or").map(number);
            let numbers = numbers.collect::<Result<Vec<usize>, _>>()?;
            Deed::Incident(program(who)?, duration(time)?, numbers, text)
        }
        (["signal", who, signal], None) => Deed::Signal(program(who)?, (*signal).to_owned()),
        (["rule"], Some(rule)) => Deed::Rule(rule),
        (["flush"], None) => Deed::Flush,
        ([act @ ("cut" | "mend"), side @ ("client" | "server")], None) => {
            Deed::Link((*side).to_owned(), *act == "mend")
        }
        (["carry" | "spoil" | "forge", "client" | "server" | "both", ..], None) => Deed::Way(line.to_owned()),
        _ => return Err(format!("no step: `{line}`")),
    })
}

/// The name of a program begins with its end.
fn program(name: &str) -> Result<String, String> {
    if name.starts_with("client") || name.starts_with("server") {
        return Ok(name.to_owned());
    }
    Err(format!("the name of a program begins with its end, client or server: `{name}`"))
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("no duration: `{text}` (2s, 1.5s, 300ms)");
    let (number, scale) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s').ok_or_else(wrong)?, 1.0),
    };
    let seconds: f64 = number.parse().map_err(|_| wrong())?;
    Duration::try_from_secs_f64(seconds * scale).map_err(|_| wrong())
}

/// What is said ends with a line feed; `\r`, `\n` and `\\` as in stories.
fn unescape(text: &str) -> String {
    let mut said = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, true) => match letters.next() {
                Some('r') => said.push('\r'),
                Some('n') => said.push('\n'),
                Some(other) => said.push(other),
                None => said.push('\\'),
            },
            (letter, false) => said.push(letter),
        }
    }
    if !said.ends_with('\n') {
        said.push('\n');
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENE: &str = "# Nobody listens\n\nwords\n\n```lab\nip v6\nport 80\n# prose\nstart client: curl http://x\n\
        await client 5s\nrule: tcp dport 80 drop\nforge both ttl 40\nincident client 5s of 1 or 3: (28)\nsay client: GET / HTTP/1.1\\r\\n\\r\\n\ncut server\n```\n\
        ```file a.conf\nhere: there\n```\n```truth\ncause: connection-refused\nverdict: abnormal\n\
        ended_by: server\nfirst: server rst\nresponsible: server-host\n```\n";

    #[test]
    fn a_scenario_is_read() {
        let scene = Scene::parse(SCENE).unwrap();
        assert_eq!((scene.ip, scene.port, scene.offload), (Ip::V6, 80, false));
        assert_eq!(scene.files, [("a.conf".to_owned(), "here: there\n".to_owned())]);
        let deeds: Vec<Deed> = scene.steps.iter().map(|step| step.deed.clone()).collect();
        assert_eq!(
            deeds,
            [
                Deed::Start("client".into(), "curl http://x".into()),
                Deed::Await("client".into(), Duration::from_secs(5), None),
                Deed::Rule("tcp dport 80 drop".into()),
                Deed::Way("forge both ttl 40".into()),
                Deed::Incident("client".into(), Duration::from_secs(5), vec![1, 3], "(28)".into()),
                Deed::Say("client".into(), "GET / HTTP/1.1\r\n\r\n".into()),
                Deed::Link("server".into(), false),
            ]
        );
        assert_eq!(scene.truth(7), scene.truth(0));
    }

    #[test]
    fn a_truth_may_be_that_of_several() {
        let scene = Scene::parse(&SCENE.replace("```truth", "```truth 3")).unwrap();
        assert_eq!(scene.truths.len(), 3);
        assert_eq!(scene.truths[2].cause, "connection-refused");
        assert!(Scene::parse(&SCENE.replace("```truth", "```truth many")).is_err());
    }

    #[test]
    fn what_is_no_step_is_named() {
        for (from, to) in [
            ("await client 5s", "await client 5"),
            ("cut server", "cut router"),
            ("forge both", "forge nobody"),
            ("start client: ", "start curl: "),
            ("ip v6", "ip v5"),
            ("```truth", "```proof"),
        ] {
            assert!(Scene::parse(&SCENE.replace(from, to)).is_err(), "{to}");
        }
    }
}
