//! hangup: who hung up, and why.
fn main() {}
