//! A capture in memory to a JSON report in memory, as a browser page would ask for it.

use hangup_capture::{Input, Reader};
use hangup_engine::{Options, report};
use hangup_report::Json;
use std::cell::RefCell;

thread_local! {
    /// What was handed over last, in either direction.
    static BYTES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Makes room for a capture of `length` bytes, and says where.
#[unsafe(no_mangle)]
pub extern "C" fn room(length: usize) -> *mut u8 {
    BYTES.with_borrow_mut(|bytes| {
        *bytes = vec![0; length];
        bytes.as_mut_ptr()
    })
}

/// Reads the capture and says how long its report is; 0 where it is no capture.
#[unsafe(no_mangle)]
pub extern "C" fn read() -> usize {
    let Ok(reader) = Reader::from_bytes("capture", BYTES.take()) else { return 0 };
    let mut out = Vec::new();
    let read = report(
        &mut Input::from_readers(vec![reader]),
        &Options::default(),
        &mut Json::new(&mut out),
        &mut |_, _| (),
    );
    if read.is_err() {
        return 0;
    }
    BYTES.replace(out);
    BYTES.with_borrow(Vec::len)
}

/// Where the report is.
#[unsafe(no_mangle)]
pub extern "C" fn told() -> *const u8 {
    BYTES.with_borrow(|bytes| bytes.as_ptr())
}
