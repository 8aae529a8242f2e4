//! The core of bpe_tool: byte-level BPE training, encoding and decoding.
//!
//! ```text
//! train    documents ─Part→ pattern ─pretokens→ count ─PretokenCounts→ train ─Vocab→ formats
//! encode   documents ─Part→ pattern ─pretokens→ encode ─merge→ ids
//! decode   ids ─tokens→ bytes
//! measure  documents ─encode→ counts, sums
//! pack     lengths ─Plan→
//! contractions  text ─Edits→ text
//! ```
//!
//! Pure: no file access, no printing, no logging, and no Python except in the module
//! `python`, which exists with the feature of that name only. The modules below are listed
//! in the order in which to read them. None is public: the interface of the crate is the
//! native module that `python` makes of it. Only fuzz targets, for which the compiler is told so,
//! see another one: `fuzzing`.

// Only `python` uses the core. A build without it cannot tell what is dead.
#![cfg_attr(not(feature = "python"), allow(dead_code, unused_imports))]

mod error;

mod byte_level;
mod vocab;

mod pattern;
mod unicode;

mod aligned;
mod normalize;
mod pretokenize;

mod documents;
mod lazy;
mod prefetch;
mod short_key;
mod special;
mod threads;

mod count;
mod count_file;
mod train;
mod words;

mod decode;
mod encode;
mod id_text;
mod merge;
mod tokenizer;

mod measure;
mod trim;

mod formats;

mod contractions;
mod pack;

#[cfg(any(test, fuzzing))]
pub mod fuzzing;
#[cfg(feature = "python")]
mod python;
#[cfg(any(test, fuzzing))]
mod testing;

use encode::Special;
use tokenizer::Tokenizer;
