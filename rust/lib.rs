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
//! `python`, which exists with the feature of that name only. The modules below stand in
//! the order in which to read them.

pub mod error;

pub mod byte_level;
pub mod vocab;

pub mod pattern;
pub mod unicode;

pub mod documents;
mod key;
mod prefetch;
pub mod special;
pub mod threads;

pub mod count;
pub mod train;
pub mod words;

pub mod decode;
pub mod encode;
pub mod idtext;
mod merge;
pub mod tokenizer;

pub mod measure;

pub mod formats;
pub mod missing;

pub mod contractions;
pub mod pack;

#[cfg(feature = "python")]
mod python;
#[cfg(test)]
mod testing;

pub use encode::{Offsets, Ragged, Special};
pub use error::{Error, ErrorKind, Result};
pub use pattern::Pattern;
pub use tokenizer::Tokenizer;
