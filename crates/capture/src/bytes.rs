//! Bytes that are wholly in memory.

use std::sync::Arc;

/// A capture that is wholly in memory: borrowed for ever, or shared. Cloning never copies the bytes.
#[derive(Clone, Debug)]
pub struct Bytes(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Static(&'static [u8]),
    Shared(Arc<[u8]>),
    Owned(Arc<Vec<u8>>),
}

impl AsRef<[u8]> for Bytes {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        match &self.0 {
            Kind::Static(bytes) => bytes,
            Kind::Shared(bytes) => bytes,
            Kind::Owned(bytes) => bytes,
        }
    }
}

impl From<&'static [u8]> for Bytes {
    fn from(bytes: &'static [u8]) -> Self {
        Self(Kind::Static(bytes))
    }
}

impl From<Arc<[u8]>> for Bytes {
    fn from(bytes: Arc<[u8]>) -> Self {
        Self(Kind::Shared(bytes))
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Kind::Owned(Arc::new(bytes)))
    }
}
