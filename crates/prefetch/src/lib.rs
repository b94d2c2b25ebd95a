//! Asks the processor for memory that will be read soon.
//!
//! Whoever follows a hundred thousand connections waits for memory, not for arithmetic: the next packet's connection is
//! seldom in a cache. Who knows early what will be touched can ask for it, and do something else meanwhile. All of this
//! is a hint: nothing is read, nothing can fail, and where there is no stable way to ask it does nothing.
//!
//! The only `unsafe` of the project is here, one instruction a processor.
#![no_std]

/// Bytes of a cache line of today's processors, 64-bit x86 and ARM alike; where it is twice as long, asking twice costs
/// next to nothing.
pub const LINE: usize = 64;

/// Asks for the line at `at`, which need not be a valid address.
#[inline]
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the intrinsic is unsafe because it takes a pointer")]
pub fn line<T>(at: *const T) {
    use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: PREFETCHT0 dereferences nothing and never faults, whatever the address (Intel SDM, vol. 2, PREFETCHh);
    // SSE is part of x86_64.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast::<i8>()) };
}

/// Asks for the line at `at`, which need not be a valid address.
#[inline]
#[cfg(target_arch = "aarch64")]
#[expect(unsafe_code, reason = "the instruction has no stable intrinsic")]
pub fn line<T>(at: *const T) {
    // SAFETY: PRFM is a hint that signals no synchronous abort, whatever the address (Arm ARM, C6.2, PRFM); it changes
    // neither memory nor registers nor flags.
    unsafe {
        core::arch::asm!("prfm pldl1keep, [{at}]", at = in(reg) at, options(nostack, preserves_flags, readonly));
    }
}

/// Does nothing where there is no stable way to ask.
#[inline]
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub fn line<T>(at: *const T) {
    let _ = at;
}

/// Asks for the first `bytes` of a value, at most all of it.
#[inline]
pub fn first<T>(value: &T, bytes: usize) {
    let at = core::ptr::from_ref(value).cast::<u8>();
    for offset in (0..size_of::<T>().min(bytes)).step_by(LINE) {
        line(at.wrapping_add(offset));
    }
}

/// Asks for all of a value.
#[inline]
pub fn all<T>(value: &T) {
    first(value, usize::MAX);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hint about nothing, about what is not there and about what is: none of them does anything that can be seen.
    #[test]
    fn any_address_will_do() {
        let value = [7_u64; 100];
        line(core::ptr::null::<u8>());
        line(value.as_ptr().wrapping_add(1 << 40));
        line(usize::MAX as *const u8);
        all(&value);
        first(&value, 1);
        all(&());
        assert_eq!(value, [7; 100]);
    }
}
