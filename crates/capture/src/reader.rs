//! One capture.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hangup_wire::Timestamp;

use crate::bytes::Bytes;
use crate::description::{Compression, Description, Format};
use crate::open::OpenError;
use crate::packet::{Batch, Packet, Record};
use crate::stop::{Stop, Stopped};
use crate::window::{Window, ask_ahead};
use crate::{pcap, pcapng, sniff, unpack};

/// A record or block that claims to be longer is believed only where so many bytes are known to be there.
pub(crate) const LONGEST: u32 = 256 << 20;

/// Packets of a batch: enough that what is done once a batch does not matter, few enough for the nearest cache.
pub(crate) const BATCH: usize = 64;

/// A mark holds a copy of the interfaces: with more of them none is made.
const MARKED_INTERFACES: usize = 16;

/// Whether a record of more than [`LONGEST`] bytes cannot be there.
#[cold]
pub(crate) fn absurd(window: &Window, length: usize) -> bool {
    window.left().is_none_or(|left| left < length as u64)
}

/// What damage that ends a capture costs.
const BEHIND: &str = "what stands behind this place is missing";
/// What is noted where reading stopped before the end.
pub(crate) const INTERRUPTED: &str = "reading was interrupted here; what stands behind this place is missing";

/// Reads one capture.
///
/// ```
/// use hangup_capture::{Reader, pcap};
/// use hangup_wire::Timestamp;
///
/// let mut writer = pcap::Writer::new(Vec::new(), pcap::Settings::default())?;
/// writer.packet(Timestamp::new(1, 0), 3, b"abc")?;
/// let mut reader = Reader::from_bytes("example", writer.into_inner())?;
/// while let Some(packet) = reader.next() {
///     assert_eq!((packet.number, packet.data), (1, &b"abc"[..]));
/// }
/// assert_eq!(reader.describe().packets, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Reader {
    window: Window,
    walk: Walk,
    /// The last packet that was found.
    record: Record,
    /// Those of the last batch, or such as were found and are still to be given.
    records: Vec<Record>,
    /// Which of them are still to be given.
    found: Range<usize>,
    /// Whether the last packet that was found was looked at only and is still to be given.
    pending: bool,
    ended: bool,
    capture: u32,
    description: Description,
    origin: Origin,
    /// The length of the file, compressed if it is.
    total: Option<u64>,
    /// What was read of a stream so far.
    fed: Option<Arc<AtomicU64>>,
}

/// A place between two packets of a capture, for when it is read again: [`Input::skip_to`](crate::Input::skip_to).
#[derive(Clone, Debug)]
pub struct Mark {
    offset: u64,
    walk: Walk,
}

impl Mark {
    /// The number of the packet before it.
    pub fn number(&self) -> u64 {
        self.walk.number()
    }
}

#[derive(Clone, Debug)]
enum Walk {
    Pcap(pcap::Walk),
    Pcapng(pcapng::Walk),
}

impl Walk {
    /// The number of the last frame so far.
    fn number(&self) -> u64 {
        match self {
            Self::Pcap(walk) => walk.number(),
            Self::Pcapng(walk) => walk.number(),
        }
    }

    /// Finds the packets that follow and are wholly in the window, as many as there are `slots`, and gives how many those are.
    /// What is out of the ordinary is left to the walk's step.
    #[inline]
    fn run(&mut self, window: &mut Window, slots: &mut [Record]) -> usize {
        match self {
            Self::Pcap(walk) => along(window, slots, |ahead, slot| walk.ordinary(ahead, slot)),
            Self::Pcapng(walk) => along(window, slots, |ahead, slot| walk.ordinary(ahead, slot)),
        }
    }
}

/// Fills `slots` with the packets from the window's start on, as far as they are `ordinary`: that finds the one at the start of
/// some bytes, gives its length with all that is about it, and its places as if those bytes were the file.
#[inline]
fn along(
    window: &mut Window,
    slots: &mut [Record],
    mut ordinary: impl FnMut(&[u8], &mut Record) -> Option<usize>,
) -> usize {
    let held = window.held();
    let mut cursor = window.cursor();
    let base = window.offset().wrapping_sub(cursor as u64);
    let mut count = 0_usize;
    for slot in slots {
        let Some(ahead) = held.get(cursor..) else { break };
        let Some(length) = ordinary(ahead, slot) else { break };
        ask_ahead(ahead, length);
        slot.offset = base.wrapping_add(cursor as u64);
        slot.start = slot.start.wrapping_add(cursor);
        count = count.wrapping_add(1);
        cursor = cursor.wrapping_add(length);
    }
    window.pass_to(cursor);
    count
}

/// Where a capture comes from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    Path(PathBuf),
    Bytes(Bytes),
    /// A stream: it can be read once only.
    Stream,
}

impl Origin {
    /// Opens the capture again.
    pub(crate) fn open(&self, name: &str) -> Result<Reader, OpenError> {
        match self {
            Self::Path(path) => Reader::open(path),
            Self::Bytes(bytes) => Reader::from_bytes(name, bytes.clone()),
            Self::Stream => Err(OpenError::Stream { name: name.to_owned() }),
        }
    }

    pub(crate) fn is_stream(&self) -> bool {
        matches!(self, Self::Stream)
    }
}

impl Reader {
    /// Opens a file; `-` is standard input.
    ///
    /// # Errors
    /// Where there is no file or no capture in it.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_until(path, Stop::default())
    }

    /// As [`Reader::open`], and a stream is read only until it is to stop.
    pub(crate) fn open_until(path: &Path, stop: Stop) -> Result<Self, OpenError> {
        if path.as_os_str() == "-" {
            let name = "standard input";
            return standard_input(stop)
                .map_err(|source| OpenError::io(name.to_owned(), source))
                .and_then(|read| Self::from_read(name, read));
        }
        let name = path.display().to_string();
        Self::open_file(path, &name, stop)
            .map_err(|source| OpenError::io(name, source))
            .and_then(|reader| reader)
    }

    /// Reads a capture from a stream, which can be done only once.
    ///
    /// # Errors
    /// Where there is no capture in it, or it fails at once.
    pub fn from_read(name: &str, read: Box<dyn Read + Send>) -> Result<Self, OpenError> {
        Self::from_stream(name, read, Origin::Stream, None)
    }

    /// Reads a capture that is in memory. Where it is not compressed, packets are lent out of it without a copy.
    ///
    /// # Errors
    /// Where there is no capture in it.
    pub fn from_bytes(name: &str, bytes: impl Into<Bytes>) -> Result<Self, OpenError> {
        let bytes = bytes.into();
        let total = Some(bytes.as_ref().len() as u64);
        let origin = Origin::Bytes(bytes.clone());
        if unpack::compression(bytes.as_ref()).is_some() {
            return Self::from_stream(name, Box::new(io::Cursor::new(bytes)), origin, total);
        }
        Self::from_window(name, Window::whole(bytes), origin, total, None)
    }

    /// The next packet; `None` at the end, or at damage past which nothing can be read, which is then among the
    /// problems of the description.
    #[expect(clippy::should_implement_trait, reason = "packets are lent, which an iterator cannot do")]
    #[inline]
    pub fn next(&mut self) -> Option<Packet<'_>> {
        self.advance()?;
        Some(self.record.packet(self.capture, self.window.held()))
    }

    /// The next packet, and those behind it that can be had without waiting, 64 at the most; `None` at the end.
    #[inline]
    pub fn batch(&mut self) -> Option<Batch<'_>> {
        self.advance()?;
        if !self.found.is_empty() {
            // There were other captures a moment ago.
            let given = self.found.start.saturating_sub(1)..self.found.end;
            self.found = 0..0;
            let records = self.records.get(given)?;
            self.description.count_all(records.get(1..)?);
            return Some(Batch::new(self.capture, records, self.window.held()));
        }
        let (first, rest) = self.records.split_first_mut()?;
        *first = self.record;
        let count = self.walk.run(&mut self.window, rest);
        self.description.count_all(rest.get(..count)?);
        Some(Batch::new(self.capture, self.records.get(..=count)?, self.window.held()))
    }

    /// Takes the next packet, and looks for those behind it that can be had without waiting.
    pub(crate) fn take(&mut self) -> Option<Record> {
        self.advance()?;
        let record = Record { capture: self.capture, ..self.record };
        if self.found.is_empty() && !self.ended {
            self.found = 0..self.walk.run(&mut self.window, &mut self.records);
        }
        Some(record)
    }

    /// The next packet can be had without moving what was lent out.
    pub(crate) fn has_next(&self) -> bool {
        self.pending || !self.found.is_empty()
    }

    /// The bytes that records' places count in.
    pub(crate) fn held(&self) -> &[u8] {
        self.window.held()
    }

    /// Goes on to the next packet, and counts it.
    #[inline]
    fn advance(&mut self) -> Option<()> {
        if self.pending {
            self.pending = false;
        } else {
            self.step()?;
        }
        self.description.count(&self.record);
        Some(())
    }

    /// The time of the packet that [`Reader::next`] will give.
    #[inline]
    pub fn peek_time(&mut self) -> Option<Timestamp> {
        if !self.pending {
            self.step()?;
            self.pending = true;
        }
        Some(self.record.time)
    }

    /// What is known about the capture so far; complete once [`Reader::next`] has given `None`.
    pub fn describe(&self) -> &Description {
        &self.description
    }

    /// Whether the capture can be read a second time, with [`Reader::reopen`].
    pub fn rewindable(&self) -> bool {
        !self.origin.is_stream()
    }

    /// Opens the same capture again, from its start.
    ///
    /// # Errors
    /// Where it is a stream, or has gone or changed meanwhile.
    pub fn reopen(&self) -> Result<Self, OpenError> {
        let mut again = self.origin.open(&self.description.name)?;
        again.capture = self.capture;
        Ok(again)
    }

    /// The place behind the packet that was given last; `None` where the next one was looked at already, or the mark
    /// would be large.
    pub(crate) fn mark(&self) -> Option<Mark> {
        let small = match &self.walk {
            Walk::Pcap(_) => true,
            Walk::Pcapng(walk) => walk.interfaces() <= MARKED_INTERFACES,
        };
        (small && !self.pending && self.found.is_empty())
            .then(|| Mark { offset: self.window.offset(), walk: self.walk.clone() })
    }

    /// Goes on behind the packet at which `mark` was made, in the same capture opened again; does nothing where that
    /// place has been passed. What lies between is not counted in the description.
    pub(crate) fn skip_to(&mut self, mark: &Mark) {
        if let Some(ahead) = mark.offset.checked_sub(self.window.offset()) {
            self.window.skip(ahead);
            self.walk = mark.walk.clone();
            (self.pending, self.found) = (false, 0..0);
        }
    }

    /// Has it read, and decompressed, by a thread of its own from here on.
    #[cfg(feature = "threads")]
    pub(crate) fn read_ahead(&mut self) {
        self.window.read_ahead();
    }

    /// How many bytes the file has, compressed if it is; `None` for a stream.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total
    }

    /// How many of [`Reader::total_bytes`] were read so far.
    pub fn position(&self) -> u64 {
        match &self.fed {
            Some(fed) => fed.load(Ordering::Relaxed),
            None => self.window.offset(),
        }
    }

    /// Reading is to stop here.
    pub(crate) fn interrupt(&mut self) {
        if !self.ended {
            let found = self.records.get(self.found.clone()).and_then(<[Record]>::first);
            let offset = found.map_or_else(|| self.window.offset(), |record| record.offset);
            self.end(offset);
            (self.pending, self.found) = (false, 0..0);
            self.description.problem(None, offset, INTERRUPTED.to_owned());
        }
    }

    /// Gives the capture its number among several.
    pub(crate) fn number(&mut self, capture: usize) {
        self.capture = u32::try_from(capture).unwrap_or(u32::MAX);
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    fn open_file(path: &Path, name: &str, stop: Stop) -> io::Result<Result<Self, OpenError>> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !metadata.is_file() {
            return Ok(Self::from_stream(name, stop.watching(file), Origin::Stream, None));
        }
        let origin = Origin::Path(path.to_owned());
        Ok(Self::from_stream(name, Box::new(file), origin, Some(metadata.len())))
    }

    fn from_stream(
        name: &str,
        read: Box<dyn Read + Send>,
        origin: Origin,
        total: Option<u64>,
    ) -> Result<Self, OpenError> {
        let fed = Arc::new(AtomicU64::new(0));
        let counted = Counted { read, fed: Arc::clone(&fed) };
        Self::from_window(name, Window::stream(Box::new(counted)), origin, total, Some(fed))
    }

    fn from_window(
        name: &str,
        window: Window,
        origin: Origin,
        total: Option<u64>,
        fed: Option<Arc<AtomicU64>>,
    ) -> Result<Self, OpenError> {
        let (mut window, compression) = unpack::unpack(window, name)?;
        let (walk, format) = begin(&mut window, name)?;
        let mut description = Description::new(name.to_owned(), format, compression);
        if let Walk::Pcap(walk) = &walk {
            description.digits = walk.digits();
        }
        Ok(Self {
            window,
            walk,
            record: Record::default(),
            records: vec![Record::default(); BATCH],
            found: 0..0,
            pending: false,
            ended: false,
            capture: 0,
            description,
            origin,
            total,
            fed,
        })
    }

    #[inline]
    fn step(&mut self) -> Option<()> {
        if let Some(nth) = self.found.next() {
            self.record = *self.records.get(nth)?;
            return Some(());
        }
        if self.ended {
            return None;
        }
        let found = match &mut self.walk {
            Walk::Pcap(walk) => walk.step(&mut self.window, &mut self.description, &mut self.record),
            Walk::Pcapng(walk) => walk.step(&mut self.window, &mut self.description, &mut self.record),
        };
        if found.is_none() {
            self.end(self.window.offset());
        }
        found
    }

    /// Nothing behind `offset` is given.
    #[cold]
    fn end(&mut self, offset: u64) {
        self.ended = true;
        self.description.frames = self.walk.number().saturating_sub(self.found.len() as u64);
        if let Some(error) = self.window.failure() {
            let what = match (self.description.compression, error.kind()) {
                _ if Stopped::is_why(error) => INTERRUPTED.to_owned(),
                (Some(compression), io::ErrorKind::UnexpectedEof) => {
                    format!("the {} data ends too early: the file was cut; {BEHIND}", compression.name())
                }
                (Some(compression), _) => {
                    format!("the {} data is damaged: {error}; {BEHIND}", compression.name())
                }
                (None, _) => format!("the file cannot be read any further: {error}; {BEHIND}"),
            };
            self.description.problem(None, offset, what);
        } else if let Some(had) = self.cut_meanwhile() {
            let what =
                format!("the file became shorter while it was read: it had {had} bytes when it was opened");
            self.description.problem(None, offset, what);
        }
        self.description.close(offset);
    }

    /// How long a file was that ended before that; even where it was cut between two packets, some are missing.
    fn cut_meanwhile(&self) -> Option<u64> {
        let ended = self.window.left().is_some() && self.description.compression.is_none();
        let fed = self.fed.as_ref()?.load(Ordering::Relaxed);
        self.total.filter(|&total| ended && fed < total)
    }
}

/// Standard input, unbuffered, for the window is the buffer: what waited in another one would not show as there.
#[cfg(unix)]
fn standard_input(stop: Stop) -> io::Result<Box<dyn Read + Send>> {
    use std::os::fd::AsFd;
    Ok(stop.watching(io::stdin().as_fd().try_clone_to_owned()?.into()))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn standard_input(_: Stop) -> io::Result<Box<dyn Read + Send>> {
    Ok(Box::new(io::stdin()))
}

/// Tells the format and reads the file header.
fn begin(window: &mut Window, name: &str) -> Result<(Walk, Format), OpenError> {
    window.need(4);
    let name = || name.to_owned();
    if let Some(source) = window.failure().is_some().then(|| window.take_failure()).flatten()
        && window.ahead().is_empty()
    {
        return Err(OpenError::io(name(), source));
    }
    if window.ahead().is_empty() {
        return Err(OpenError::Empty { name: name() });
    }
    if pcap::is_pcap(window.ahead()) {
        return match pcap::Walk::begin(window) {
            Some(walk) => Ok((Walk::Pcap(walk), Format::Pcap)),
            None => Err(OpenError::Cut { name: name(), have: window.ahead().len() as u64 }),
        };
    }
    if pcapng::is_pcapng(window.ahead()) {
        // Type, length and byte order mark: with less there is no section.
        return if window.need(12) {
            Ok((Walk::Pcapng(pcapng::Walk::default()), Format::Pcapng))
        } else {
            Err(OpenError::Cut { name: name(), have: window.ahead().len() as u64 })
        };
    }
    window.need(512);
    let start = window.ahead().get(..512).unwrap_or_else(|| window.ahead());
    Err(OpenError::NotACapture { name: name(), seems: sniff::foreign(start) })
}

/// Counts what is read, for the display of progress.
struct Counted {
    read: Box<dyn Read + Send>,
    fed: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.read.read(into)?;
        self.fed.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl Format {
    /// The format and the compression in one word or two: `pcapng`, `pcap (gzip)`.
    pub fn with(self, compression: Option<Compression>) -> String {
        match compression {
            Some(compression) => format!("{} ({})", self.name(), compression.name()),
            None => self.name().to_owned(),
        }
    }
}
