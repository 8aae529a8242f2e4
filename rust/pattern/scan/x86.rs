//! Classifies bytes with the vector instructions of x86-64.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::block::WIDTH;
use super::bytes::{ByteSets, Bytes, ClassSets, Group, Job};
use crate::unicode::Classes;

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

impl Bytes for Avx2 {
    #[inline(always)]
    fn classify(bytes: &[u8; WIDTH]) -> ByteSets {
        // SAFETY: only what runs after `has_avx2` names this type.
        unsafe { avx2(bytes) }
    }

    #[inline(always)]
    fn look_up(bytes: &[u8; WIDTH], leads: u64, classes: &Classes) -> ClassSets {
        // SAFETY: as above.
        unsafe { avx2_look_up(bytes, leads, classes) }
    }
}

/// The bytes in halves.
#[target_feature(enable = "avx2")]
#[inline]
fn avx2_load(bytes: &[u8; WIDTH]) -> [__m256i; 2] {
    [0, WIDTH / 2].map(|at| {
        // SAFETY: 32 bytes from 0 and from 32 are within the array; no alignment is needed.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().add(at).cast()) }
    })
}

/// The positions of the bytes whose highest bit is set.
#[target_feature(enable = "avx2")]
#[inline]
fn avx2_set(first: __m256i, second: __m256i) -> u64 {
    let half = |bytes| u64::from(_mm256_movemask_epi8(bytes) as u32);
    half(first) | half(second) << 32
}

/// What a page holds for the low six bits of each byte.
#[target_feature(enable = "avx2")]
#[inline]
fn avx2_choose(halves: [__m256i; 2], page: &[u8; WIDTH]) -> [__m256i; 2] {
    let quarter = |index: usize| {
        // SAFETY: 16 bytes from 0, 16, 32 and 48 are within the array; no alignment is needed.
        let quarter = unsafe { _mm_loadu_si128(page.as_ptr().add(16 * index).cast()) };
        _mm256_broadcastsi128_si256(quarter)
    };
    let quarters = [quarter(0), quarter(1), quarter(2), quarter(3)];
    halves.map(|half| {
        let low = _mm256_and_si256(half, _mm256_set1_epi8(0x0F));
        let found = quarters.map(|quarter| _mm256_shuffle_epi8(quarter, low));
        // A blend goes by the highest bit of each byte.
        let fifth = _mm256_slli_epi16::<3>(half);
        let sixth = _mm256_slli_epi16::<2>(half);
        _mm256_blendv_epi8(
            _mm256_blendv_epi8(found[0], found[1], fifth),
            _mm256_blendv_epi8(found[2], found[3], fifth),
            sixth,
        )
    })
}

#[target_feature(enable = "avx2")]
#[inline]
fn avx2_look_up(bytes: &[u8; WIDTH], mut leads: u64, classes: &Classes) -> ClassSets {
    let halves = avx2_load(bytes);
    let bits = |[first, second]: [__m256i; 2], at: u64| -> ClassSets {
        macro_rules! bits {
            ($($up:literal)*) => {
                [$(at & avx2_set(
                    _mm256_slli_epi16::<$up>(first),
                    _mm256_slli_epi16::<$up>(second),
                )),*]
            };
        }
        bits!(7 6 5 4 3 2 1 0)
    };
    let pages = classes.as_chunks().0;
    let low = avx2_choose(halves, &pages[0]);
    let high = avx2_choose(halves, &pages[1]);
    let class = std::array::from_fn(|half| {
        _mm256_blendv_epi8(low[half], high[half], _mm256_slli_epi16::<1>(halves[half]))
    });
    let mut sets = bits(class, !avx2_set(halves[0], halves[1]));
    while leads != 0 {
        let find = |byte: u8| {
            let byte = _mm256_set1_epi8(byte as i8);
            let [first, second] = halves.map(|half| _mm256_cmpeq_epi8(half, byte));
            avx2_set(first, second)
        };
        let group = Group::first(bytes, leads, classes, find);
        leads &= !group.leads;
        group.add(
            &mut sets,
            bits(avx2_choose(halves, group.page), group.last_bytes()),
        );
    }
    sets
}

#[target_feature(enable = "avx2")]
#[inline]
fn avx2(bytes: &[u8; WIDTH]) -> ByteSets {
    let [first, second] = avx2_load(bytes);
    let set = |first, second| avx2_set(first, second);
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

impl Bytes for Avx512 {
    #[inline(always)]
    fn classify(bytes: &[u8; WIDTH]) -> ByteSets {
        // SAFETY: only what runs after `has_avx512` names this type.
        unsafe { avx512(bytes) }
    }

    #[inline(always)]
    fn look_up(bytes: &[u8; WIDTH], leads: u64, classes: &Classes) -> ClassSets {
        // SAFETY: as above.
        unsafe { avx2_look_up(bytes, leads, classes) }
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
