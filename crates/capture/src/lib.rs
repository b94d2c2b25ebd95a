//! The capture.
