//! Why there is no capture to read, and what to do about it.

use std::borrow::Cow;
use std::io::{self, ErrorKind};

use crate::sniff::Foreign;
use crate::stop::Stopped;

/// Why a capture could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No path was given.
    #[error("no capture was named")]
    Nothing,
    /// The path leads nowhere.
    #[error("{name}: there is no such file")]
    NotFound {
        /// The path as it was given.
        name: String,
    },
    /// The operating system refuses to let us read it.
    #[error("{name}: permission to read it is missing")]
    Permission {
        /// The path as it was given.
        name: String,
    },
    /// There is nothing in it, not even a file header.
    #[error("{name}: the file is empty")]
    Empty {
        /// The path as it was given.
        name: String,
    },
    /// It begins like a capture but ends before the end of the file header.
    #[error("{name}: the file ends after {have} bytes, in the middle of its header")]
    Cut {
        /// The path as it was given.
        name: String,
        /// How many bytes there are, once decompressed.
        have: u64,
    },
    /// It is something else.
    #[error("{name}: this is not a packet capture that can be read here; it seems to be {seems}")]
    NotACapture {
        /// The path as it was given.
        name: String,
        /// What it seems to be.
        seems: Foreign,
    },
    /// It is compressed in a way that is not undone here.
    #[error("{name}: the file is compressed with {with}")]
    Compressed {
        /// The path as it was given.
        name: String,
        /// The compression.
        with: &'static str,
    },
    /// The folder holds no captures.
    #[error("{name}: there are no captures in this folder")]
    NoCaptures {
        /// The path as it was given.
        name: String,
    },
    /// It is to be read a second time, but was a stream.
    #[error("{name}: a stream can be read only once")]
    Stream {
        /// The name it was given.
        name: String,
    },
    /// Reading was to stop before its header had come.
    #[error("{name}: reading was interrupted before there was anything to read")]
    Interrupted {
        /// The name it was given.
        name: String,
    },
    /// Something else went wrong while it was opened.
    #[error("{name}: {source}")]
    Io {
        /// The path as it was given.
        name: String,
        /// What the operating system says.
        source: io::Error,
    },
}

impl OpenError {
    /// What to do, in one sentence without a full stop.
    pub fn hint(&self) -> Cow<'static, str> {
        match self {
            Self::Nothing => "name a pcap or pcapng file, a folder of them, or - for standard input".into(),
            Self::NotFound { .. } => "check the path; a relative one starts at the current folder".into(),
            Self::Permission { .. } => {
                "captures are often made by root: copy the file, or give yourself the right to read it".into()
            }
            Self::Empty { .. } => {
                "the capture may not have begun, or its packets are not written yet (tcpdump -U writes each at \
                 once)"
                    .into()
            }
            Self::Cut { .. } => "copy the file again, or wait until the capture has begun".into(),
            Self::NotACapture { seems, .. } => seems.hint().into(),
            Self::Compressed { with, .. } => match *with {
                "gzip" | "zstd" => format!("this build reads no compressed captures: decompress it with {with} -d").into(),
                "zip" => "unpack it with unzip, and give what is in it".into(),
                with => format!("decompress it with {with} -d, and give the result").into(),
            },
            Self::NoCaptures { .. } => {
                "only the files in the folder itself are looked at, not its subfolders".into()
            }
            Self::Interrupted { .. } => "let it run until there are packets".into(),
            Self::Stream { .. } => "save it to a file first, and give that".into(),
            Self::Io { source, .. } if source.kind() == ErrorKind::IsADirectory => {
                "name the files in it".into()
            }
            Self::Io { .. } => "try to copy the file to a local disk first".into(),
        }
    }

    /// Sorts what the operating system says.
    pub(crate) fn io(name: String, source: io::Error) -> Self {
        if Stopped::is_why(&source) {
            return Self::Interrupted { name };
        }
        match source.kind() {
            ErrorKind::NotFound => Self::NotFound { name },
            ErrorKind::PermissionDenied => Self::Permission { name },
            _ => Self::Io { name, source },
        }
    }

    /// Whether a folder may hold such a file beside its captures without anybody missing it.
    pub(crate) fn is_no_loss(&self) -> bool {
        match self {
            Self::NotACapture { seems, .. } => !seems.is_capture(),
            Self::Empty { .. } | Self::Compressed { .. } => true,
            _ => false,
        }
    }
}
