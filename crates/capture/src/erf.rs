//! ERF, the format of Endace cards, has no magic number: it is known by records that follow one another.

/// How many records have to fit.
const RECORDS: usize = 3;
/// The shortest record: its header.
const HEADER: usize = 16;

/// Whether `bytes` begin with three records of ERF, or fewer if the file ends with them.
pub(crate) fn is_erf(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut last = 0;
    for record in 0..RECORDS {
        let Some(head) = rest.first_chunk::<HEADER>() else {
            // What is looked at may end within a long record.
            return record > 0;
        };
        let [t0, t1, t2, t3, t4, t5, t6, t7, kind, _, l0, l1, ..] = *head;
        // Seconds since 1970 with a fraction of 2^-32; two records are not a day apart.
        let time = u64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7]) >> 32;
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let known = (1..=48).contains(&(kind & 0x7f));
        if !known || length < HEADER || time == 0 || (record > 0 && time.abs_diff(last) > 86_400) {
            return false;
        }
        last = time;
        match rest.get(length..) {
            Some(behind) => rest = behind,
            None => return record > 0,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_that_follow_one_another_are_erf() {
        let mut record = [0_u8; 24];
        record[4..8].copy_from_slice(&1_600_000_000_u32.to_le_bytes());
        record[8] = 2;
        record[11] = 24;
        assert!(is_erf(&record.repeat(3)));
        assert!(!is_erf(&record[..15]));
        record[8] = 0;
        assert!(!is_erf(&record.repeat(3)));
    }
}
