//! Numbers as unsigned LEB128: seven bits a byte, the lowest first.

/// Appends a number.
pub(crate) fn push_leb128(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The number at `at`, which moves behind it. `None` if there is none, if it does not fit 64
/// bits, or if it is longer than it has to be.
#[inline]
pub(super) fn read_leb128(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        let bits = u64::from(byte & 0x7F);
        if (bits << shift) >> shift != bits {
            return None;
        }
        value |= bits << shift;
        if byte < 0x80 {
            return (byte > 0 || shift == 0).then_some(value);
        }
    }
    None
}
