//! The track.
