//! Captures that somebody made to fell the program: each has a bound of memory and of time, an exit status, and
//! something that must be true of the report.
//!
//! The sizes are small enough for every day and large enough to show that memory does not follow the input;
//! `HANGUP_HOSTILE=full` has the full ones. `docs/hostile.md` has the figures.
#![cfg(unix)]

mod blocks;
mod connections;
mod conversations;
mod files;
mod fragments;
mod records;
mod run;
mod signals;
mod wire;
mod words;
