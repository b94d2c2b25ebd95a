//! Undoes compression, told by how a file begins and never by its name.

use crate::description::Compression;
use crate::open::OpenError;
use crate::sniff::COMPRESSIONS;
use crate::window::Window;

const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// What a file that begins like this was compressed with, of what can be undone.
pub(crate) fn compression(bytes: &[u8]) -> Option<Compression> {
    if bytes.starts_with(GZIP) {
        Some(Compression::Gzip)
    } else if bytes.starts_with(ZSTD) {
        Some(Compression::Zstd)
    } else {
        None
    }
}

/// The window on what is inside `window`, which is the same where it is not compressed. Memory is bounded: it is
/// decompressed as it is read.
pub(crate) fn unpack(mut window: Window, name: &str) -> Result<(Window, Option<Compression>), OpenError> {
    window.need(8);
    let Some(compression) = compression(window.ahead()) else {
        return match COMPRESSIONS.iter().find(|(magic, _)| window.ahead().starts_with(magic)) {
            Some((_, with)) => Err(OpenError::Compressed { name: name.to_owned(), with }),
            None => Ok((window, None)),
        };
    };
    let read = decoder(window, compression, name)?;
    Ok((Window::stream(read), Some(compression)))
}

#[cfg(feature = "compression")]
fn decoder(
    window: Window,
    compression: Compression,
    name: &str,
) -> Result<Box<dyn std::io::Read + Send>, OpenError> {
    /// What is read of the compressed file at once.
    const CHUNK: usize = 64 << 10;
    let packed = std::io::BufReader::with_capacity(CHUNK, window.into_read());
    match compression {
        Compression::Gzip => Ok(Box::new(flate2::bufread::MultiGzDecoder::new(packed))),
        Compression::Zstd => zstd::stream::read::Decoder::with_buffer(packed)
            .map(|decoder| Box::new(decoder) as Box<_>)
            .map_err(|source| OpenError::io(name.to_owned(), source)),
    }
}

#[cfg(not(feature = "compression"))]
fn decoder(
    _: Window,
    compression: Compression,
    name: &str,
) -> Result<Box<dyn std::io::Read + Send>, OpenError> {
    Err(OpenError::Compressed { name: name.to_owned(), with: compression.name() })
}
