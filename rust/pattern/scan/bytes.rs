//! Classifies 64 bytes at once into sets: a set is a number with a bit for each byte.
//!
//! On x86-64 with the vector instructions that the processor has, elsewhere eight bytes at a time
//! with plain arithmetic.

#![allow(unsafe_code)]

/// How many bytes are classified at once.
pub const WIDTH: usize = 64;

/// Which bytes are in which class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ByteSets {
    /// `A-Z`.
    pub upper: u64,
    /// `a-z`.
    pub lower: u64,
    /// `0-9`.
    pub digit: u64,
    /// The space.
    pub blank: u64,
    /// Tab to carriage return.
    pub control_space: u64,
    /// `\r` and `\n`.
    pub line_break: u64,
    /// `'`.
    pub apostrophe: u64,
    /// `/`.
    pub slash: u64,
    /// Bytes beyond ASCII.
    pub high: u64,
    /// Of these, those that continue a character.
    pub continuation: u64,
    /// Those that begin a character in U+5000 to U+9FFF or U+B000 to U+CFFF: Chinese
    /// characters and Hangul syllables, all of them letters without case.
    pub plain_lead: u64,
}

impl ByteSets {
    /// The sets, from ways to find the bytes that equal one, and those from one to another.
    #[inline(always)]
    fn new(equal: impl Fn(u8) -> u64, within: impl Fn(u8, u8) -> u64) -> Self {
        ByteSets {
            upper: within(b'A', b'Z'),
            lower: within(b'a', b'z'),
            digit: within(b'0', b'9'),
            blank: equal(b' '),
            control_space: within(b'\t', b'\r'),
            line_break: equal(b'\n') | equal(b'\r'),
            apostrophe: equal(b'\''),
            slash: equal(b'/'),
            high: within(0x80, 0xFF),
            continuation: within(0x80, 0xBF),
            plain_lead: within(0xE5, 0xE9) | within(0xEB, 0xEC),
        }
    }
}

/// A way to classify bytes.
pub trait Classify {
    /// Returns the positions of each class.
    fn classify(bytes: &[u8; WIDTH]) -> ByteSets;
}

/// Eight bytes at a time, on any processor.
pub struct Portable;

impl Classify for Portable {
    #[inline(always)]
    fn classify(bytes: &[u8; WIDTH]) -> ByteSets {
        let within = |first: u8, last: u8| {
            let (words, _) = bytes.as_chunks::<8>();
            let each = words.iter().enumerate();
            each.fold(0, |set, (index, word)| {
                set | eight_within(u64::from_le_bytes(*word), first, last) << (8 * index)
            })
        };
        ByteSets::new(|byte| within(byte, byte), within)
    }
}

/// Which of eight bytes are in a range, all of it ASCII or none of it.
#[inline(always)]
fn eight_within(word: u64, first: u8, last: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    // A sum of two numbers below 128 does not reach the next byte.
    let low = word & !HIGH;
    let from = low + (0x80 - u64::from(first & 0x7F)) * ONES;
    let after = low + (0x7F - u64::from(last & 0x7F)) * ONES;
    let half = if first < 0x80 { !word } else { word };
    // The highest bit of each byte, side by side.
    ((from & !after & half & HIGH) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Work that classifies bytes, in whichever way.
pub trait Job {
    /// Does the work. To be inlined always, so that it is compiled for each kind of processor.
    fn run<C: Classify>(self) -> usize;
}

/// Does the work with the best instructions the processor has.
pub fn with_best(job: impl Job) -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        if x86::has_avx512() {
            // SAFETY: the processor has what the function is compiled for.
            return unsafe { x86::with_avx512(job) };
        }
        if x86::has_avx2() {
            // SAFETY: the processor has what the function is compiled for.
            return unsafe { x86::with_avx2(job) };
        }
    }
    job.run::<Portable>()
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{ByteSets, Classify, Job, WIDTH};

    pub fn has_avx512() -> bool {
        has_avx2() && is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw")
    }

    pub fn has_avx2() -> bool {
        is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt")
    }

    #[target_feature(enable = "avx512f,avx512bw,avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub fn with_avx512(job: impl Job) -> usize {
        job.run::<Avx512>()
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub fn with_avx2(job: impl Job) -> usize {
        job.run::<Avx2>()
    }

    /// 32 bytes at a time. Only for processors with AVX2.
    pub struct Avx2;

    impl Classify for Avx2 {
        #[inline(always)]
        fn classify(bytes: &[u8; WIDTH]) -> ByteSets {
            // SAFETY: only `with_avx2` and tests name this type, after they asked.
            unsafe { avx2(bytes) }
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn avx2(bytes: &[u8; WIDTH]) -> ByteSets {
        let load = |at: usize| {
            // SAFETY: 32 bytes from 0 and from 32 are within the array; no alignment is needed.
            unsafe { _mm256_loadu_si256(bytes.as_ptr().add(at).cast()) }
        };
        let (first, second) = (load(0), load(WIDTH / 2));
        let set = |first: __m256i, second: __m256i| {
            let half = |bytes| u64::from(_mm256_movemask_epi8(bytes) as u32);
            half(first) | half(second) << 32
        };
        let equal = |byte: u8| {
            let byte = _mm256_set1_epi8(byte as i8);
            set(
                _mm256_cmpeq_epi8(first, byte),
                _mm256_cmpeq_epi8(second, byte),
            )
        };
        let within = |from: u8, to: u8| {
            let most = _mm256_set1_epi8((to - from) as i8);
            let half = |bytes| {
                let distance = _mm256_sub_epi8(bytes, _mm256_set1_epi8(from as i8));
                _mm256_cmpeq_epi8(_mm256_min_epu8(distance, most), distance)
            };
            set(half(first), half(second))
        };
        ByteSets::new(equal, within)
    }

    /// All 64 at once. Only for processors with AVX-512BW.
    pub struct Avx512;

    impl Classify for Avx512 {
        #[inline(always)]
        fn classify(bytes: &[u8; WIDTH]) -> ByteSets {
            // SAFETY: only `with_avx512` and tests name this type, after they asked.
            unsafe { avx512(bytes) }
        }
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn avx512(bytes: &[u8; WIDTH]) -> ByteSets {
        // SAFETY: the array has 64 bytes; no alignment is needed.
        let all = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
        let equal = |byte: u8| _mm512_cmpeq_epi8_mask(all, _mm512_set1_epi8(byte as i8));
        let within = |from: u8, to: u8| {
            let distance = _mm512_sub_epi8(all, _mm512_set1_epi8(from as i8));
            _mm512_cmple_epu8_mask(distance, _mm512_set1_epi8((to - from) as i8))
        };
        ByteSets::new(equal, within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(bytes: &[u8; WIDTH]) -> ByteSets {
        let set = |is: &dyn Fn(u8) -> bool| {
            (0..WIDTH).fold(0, |set, at| set | u64::from(is(bytes[at])) << at)
        };
        ByteSets {
            upper: set(&|byte| byte.is_ascii_uppercase()),
            lower: set(&|byte| byte.is_ascii_lowercase()),
            digit: set(&|byte| byte.is_ascii_digit()),
            blank: set(&|byte| byte == b' '),
            control_space: set(&|byte| matches!(byte, b'\t'..=b'\r')),
            line_break: set(&|byte| matches!(byte, b'\r' | b'\n')),
            apostrophe: set(&|byte| byte == b'\''),
            slash: set(&|byte| byte == b'/'),
            high: set(&|byte| byte >= 0x80),
            continuation: set(&|byte| matches!(byte, 0x80..=0xBF)),
            plain_lead: set(&|byte| matches!(byte, 0xE5..=0xE9 | 0xEB..=0xEC)),
        }
    }

    #[test]
    fn all_ways_classify_every_byte_at_every_place_alike() {
        for byte in 0..=u8::MAX {
            for other in [0, b'a', 0xFF, byte.wrapping_add(1)] {
                for at in 0..WIDTH {
                    let mut bytes = [other; WIDTH];
                    bytes[at] = byte;
                    let expected = expected(&bytes);
                    assert_eq!(Portable::classify(&bytes), expected, "{byte:#x} at {at}");
                    #[cfg(target_arch = "x86_64")]
                    {
                        if x86::has_avx2() {
                            assert_eq!(x86::Avx2::classify(&bytes), expected, "{byte:#x} at {at}");
                        }
                        if x86::has_avx512() {
                            assert_eq!(
                                x86::Avx512::classify(&bytes),
                                expected,
                                "{byte:#x} at {at}"
                            );
                        }
                    }
                }
            }
        }
    }
}
