//! One end of a connection over rustls that does as it is told, and says what it does: `lab/programs/peer.py` for a stack that Python has not.

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ClientConnection, Connection, KeyLogFile, RootCertStore, ServerConfig};
use rustls::{ServerConnection, SupportedProtocolVersion};
use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// What it is told.
#[derive(Clone, Debug, clap::Args)]
pub struct Orders {
    /// `listen` or `connect`.
    mode: String,
    /// Address and port.
    address: String,
    /// Only this version of TLS: 1.2 or 1.3.
    #[arg(long)]
    tls: Option<String>,
    /// Whom it trusts.
    #[arg(long, default_value = "ca.pem")]
    ca: String,
    /// A server wants a certificate of the client, of somebody whom it trusts.
    #[arg(long)]
    ask: bool,
    /// Deeds, one after the other: ask PATH, read, get, answer N, part N M (N promised, M sent), drain, patience S, wait S, goodbye, close, again.
    #[arg(required = true)]
    deeds: Vec<String>,
}

/// Any failure: it is printed, and that is all.
type Failure = Box<dyn Error>;

impl Orders {
    /// Does all that. A server goes on until it is ended.
    ///
    /// # Errors
    /// Where the first deed fails that could not be done.
    pub fn carry_out(self) -> Result<(), Failure> {
        if self.mode == "connect" {
            let sock = TcpStream::connect(&self.address)?;
            say("connected");
            let tls = ClientConnection::new(Arc::new(self.client()?), ServerName::try_from("server.lab")?)?;
            return Peer { tls: tls.into(), sock, rest: Vec::new() }.play(&self.deeds);
        }
        let (config, deeds) = (Arc::new(self.server()?), Arc::new(self.deeds));
        for sock in TcpListener::bind(&self.address)?.incoming() {
            say("accepted");
            let (sock, tls, deeds) = (sock?, ServerConnection::new(config.clone())?, deeds.clone());
            thread::spawn(move || {
                if let Err(failure) = (Peer { tls: tls.into(), sock, rest: Vec::new() }).play(&deeds) {
                    say(&failure.to_string());
                }
            });
        }
        Ok(())
    }

    fn client(&self) -> Result<ClientConfig, Failure> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_protocol_versions(&self.versions())?;
        let mut config = builder.with_root_certificates(self.trusted()?).with_no_client_auth();
        config.key_log = Arc::new(KeyLogFile::new());
        Ok(config)
    }

    fn server(&self) -> Result<ServerConfig, Failure> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone());
        let builder = builder.with_protocol_versions(&self.versions())?;
        let builder = if self.ask {
            let roots = Arc::new(self.trusted()?);
            builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(roots, provider).build()?,
            )
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::from_pem_file("server.key")?;
        let mut config = builder.with_single_cert(vec![CertificateDer::from_pem_file("server.pem")?], key)?;
        config.key_log = Arc::new(KeyLogFile::new());
        Ok(config)
    }

    fn trusted(&self) -> Result<RootCertStore, Failure> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&self.ca)?)?;
        Ok(roots)
    }

    fn versions(&self) -> Vec<&'static SupportedProtocolVersion> {
        match self.tls.as_deref() {
            Some("1.2") => vec![&rustls::version::TLS12],
            Some("1.3") => vec![&rustls::version::TLS13],
            _ => rustls::DEFAULT_VERSIONS.to_vec(),
        }
    }
}

/// A session and its line. Where it is dropped without a goodbye, the kernel closes.
struct Peer {
    tls: Connection,
    sock: TcpStream,
    /// What has arrived and nobody has read.
    rest: Vec<u8>,
}

impl Peer {
    fn play(mut self, deeds: &[String]) -> Result<(), Failure> {
        let mut words = deeds.iter().map(String::as_str);
        while let Some(deed) = words.next() {
            let mut word = || words.next().ok_or_else(|| format!("`{deed}` needs a word more"));
            match deed {
                "ask" => {
                    let path = word()?;
                    self.send(format!("GET {path} HTTP/1.1\r\nHost: server.lab\r\n\r\n").as_bytes())?;
                }
                "read" => self.message(false)?,
                "get" => self.message(true)?,
                "answer" => {
                    let length = word()?.parse()?;
                    self.part(length, length)?;
                }
                "part" => {
                    let (promised, sent) = (word()?.parse()?, word()?.parse()?);
                    self.part(promised, sent)?;
                }
                "drain" => {
                    while self.more()? {}
                    say("the other end has ended");
                }
                "patience" => self.sock.set_read_timeout(Some(seconds(word()?)?))?,
                "wait" => thread::sleep(seconds(word()?)?),
                "goodbye" => {
                    self.tls.send_close_notify();
                    self.flush()?;
                    say("alert write close_notify");
                }
                "close" => {
                    say("closed");
                    return Ok(());
                }
                "again" => words = deeds.iter().map(String::as_str),
                _ => return Err(format!("no deed: `{deed}`").into()),
            }
        }
        Ok(())
    }

    /// An answer that promises so much and has so much.
    fn part(&mut self, promised: usize, sent: usize) -> Result<(), Failure> {
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {promised}\r\n\r\n");
        let mut answer = head.into_bytes();
        answer.resize(answer.len() + sent, b'x');
        self.send(&answer)?;
        say(&format!("answered {sent} of {promised}"));
        Ok(())
    }

    /// Waits for a head of HTTP, and for the body that it promises where that is wanted.
    fn message(&mut self, whole: bool) -> Result<(), Failure> {
        let mut length = None;
        while length.is_none_or(|length| self.rest.len() < length) {
            let end = self.rest.windows(4).position(|window| window == b"\r\n\r\n");
            if let (Some(end), None) = (end, length) {
                let head = String::from_utf8_lossy(self.rest.get(..end).unwrap_or_default());
                say(&format!("read {}", head.lines().next().unwrap_or_default()));
                let body = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
                let body = body.filter(|_| whole).map_or(Ok(0), str::parse::<usize>)?;
                length = Some(end + 4 + body);
            } else if !self.more()? {
                return Err("the other end has said goodbye".into());
            }
        }
        self.rest.drain(..length.unwrap_or_default());
        Ok(())
    }

    /// Waits for what comes; false where the other end has said goodbye. A FIN without a goodbye is an error.
    fn more(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 4096];
        loop {
            match self.tls.reader().read(&mut buffer) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    self.rest.extend(buffer.iter().take(count));
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.tls.complete_io(&mut self.sock)?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.tls.writer().write_all(bytes)?;
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        while self.tls.wants_write() {
            self.tls.complete_io(&mut self.sock)?;
        }
        Ok(())
    }
}

fn seconds(word: &str) -> Result<Duration, Failure> {
    Ok(Duration::try_from_secs_f64(word.parse()?)?)
}

fn say(what: &str) {
    // Standard output is `cargo dev`'s own and locked. Whoever listens may have gone; that changes nothing here.
    let _ = writeln!(io::stderr(), "{what}");
}
