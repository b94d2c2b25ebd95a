//! Places for connections that never move and are used again.

/// Places numbered from 0, kept in chunks so that growing copies nothing.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    chunks: Vec<Vec<Option<T>>>,
    free: Vec<u32>,
    length: u32,
}

const CHUNK: usize = 1024;

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), free: Vec::new(), length: 0 }
    }
}

impl<T> Slab<T> {
    /// Puts `value` into a free place.
    pub(crate) fn insert(&mut self, value: T) -> u32 {
        if let Some(place) = self.free.pop() {
            if let Some(slot) = self.slot(place) {
                *slot = Some(value);
            }
            return place;
        }
        let place = self.length;
        if (place as usize).is_multiple_of(CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(Some(value));
        }
        self.length += 1;
        place
    }

    fn slot(&mut self, place: u32) -> Option<&mut Option<T>> {
        self.chunks.get_mut(place as usize / CHUNK)?.get_mut(place as usize % CHUNK)
    }

    /// The memory at `place`, whether there is a value or not.
    #[inline]
    pub(crate) fn place(&self, place: u32) -> Option<&Option<T>> {
        self.chunks.get(place as usize / CHUNK)?.get(place as usize % CHUNK)
    }

    /// The value at `place`.
    #[inline]
    pub(crate) fn get(&self, place: u32) -> Option<&T> {
        self.place(place)?.as_ref()
    }

    /// The value at `place`, to change.
    #[inline]
    pub(crate) fn get_mut(&mut self, place: u32) -> Option<&mut T> {
        self.slot(place)?.as_mut()
    }

    /// Takes out the value at `place`.
    pub(crate) fn remove(&mut self, place: u32) -> Option<T> {
        let value = self.slot(place)?.take()?;
        self.free.push(place);
        Some(value)
    }

    /// Takes out all values, in the order of their places, and gives back the memory of each chunk behind its last one.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = T> + use<T> {
        std::mem::take(self).chunks.into_iter().flat_map(|chunk| chunk.into_iter().flatten())
    }

    /// How many places there are, empty ones included.
    pub(crate) fn places(&self) -> u32 {
        self.length
    }
}
