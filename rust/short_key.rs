//! Short pretokens as numbers, which compare and hash faster than bytes.

/// Longer pretokens have no key, in bytes.
pub const MAX_KEY: usize = 15;

/// A pretoken of 1 to [`MAX_KEY`] bytes: its bytes, followed by zeros, with its length in
/// the highest byte of the second number. The default is no pretoken's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Key(pub u64, pub u64);

/// Which bits of two words the first bytes are, by how many there are; none of too many.
const MASKS: [(u64, u64); MAX_KEY + 2] = {
    let mut masks = [(0, 0); MAX_KEY + 2];
    let mut length = 1;
    while length <= MAX_KEY {
        let mask = (1u128 << (8 * length)) - 1;
        masks[length] = (mask as u64, (mask >> 64) as u64);
        length += 1;
    }
    masks
};

impl Key {
    /// The key of `text[start..end]`; if that is too long, one that no pretoken has.
    #[inline(always)]
    pub fn new(text: &[u8], start: usize, end: usize) -> Self {
        let length = (end - start).min(MAX_KEY + 1);
        let rest = &text[start..];
        // As two numbers, which stay in registers.
        let (front, back) = match rest.first_chunk() {
            Some(bytes) => words(*bytes),
            None => padded(rest),
        };
        let (low, high) = MASKS[length];
        Key(front & low, back & high | (length as u64) << 56)
    }

    /// How many bytes the pretoken has; more than [`MAX_KEY`] for one that is too long.
    pub fn length(self) -> usize {
        (self.1 >> 56) as usize
    }

    /// A multiplicative hash, whose high bits are the best.
    #[inline(always)]
    pub fn hash(self) -> u64 {
        (self.0 ^ self.1.wrapping_mul(0xA24B_AED4_963E_E407)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    /// A number below 2 to the power of `bits`.
    #[inline(always)]
    pub fn place(self, bits: u32) -> usize {
        (self.hash() >> (64 - bits)) as usize
    }
}

#[inline(always)]
fn words(bytes: [u8; 16]) -> (u64, u64) {
    let bits = u128::from_le_bytes(bytes);
    (bits as u64, (bits >> 64) as u64)
}

/// The last bytes of a text, and zeros. Rare, so it stays out of the way.
#[inline(never)]
fn padded(rest: &[u8]) -> (u64, u64) {
    let mut bytes = [0; 16];
    bytes[..rest.len()].copy_from_slice(rest);
    words(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_have_equal_keys_wherever_they_stand() {
        let text = [b"\0\0ab\0abcdefghijklmno".as_slice(), &[0; 20]].concat();
        let mut keys = Vec::new();
        for start in 0..text.len() {
            for end in start + 1..=text.len().min(start + MAX_KEY) {
                let key = Key::new(&text, start, end);
                assert_eq!(key, Key::new(&text[start..end], 0, end - start));
                assert_ne!(key, Key::default());
                assert_eq!(key.length(), end - start);
                keys.push((key, &text[start..end]));
            }
        }
        for length in MAX_KEY + 1..40 {
            let long = Key::new(&text, 0, length);
            assert_eq!(long, Key(0, (MAX_KEY as u64 + 1) << 56));
            assert!(keys.iter().all(|(key, _)| *key != long));
        }
        for (key, bytes) in &keys {
            for (other, others) in &keys {
                assert_eq!(key == other, bytes == others);
            }
        }
    }
}
