//! The core of bpe_tool: byte-level BPE training, encoding and decoding.
//!
//! Pure: no file access, no printing, no logging, and no Python except in the module
//! `python`, which exists with the feature of that name only.

pub mod byte_level;
pub mod documents;
pub mod error;
pub mod formats;
pub mod parallel;
pub mod pattern;
pub mod special;
pub mod unicode;
pub mod vocab;

pub mod count;
pub mod counts;
pub mod train;
pub mod words;

mod added;
mod backtrack;
mod batch;
mod bpe;
mod cache;
pub mod decode;
mod encode;
pub mod idtext;
mod merge;
mod pairs;
mod splits;
pub mod stream;
#[cfg(test)]
mod testing;
pub mod tokenizer;
mod trie;

pub use added::Special;
pub use batch::Ragged;
pub use encode::Offsets;
pub use error::{Error, ErrorKind, Result};
pub use pattern::Pattern;
pub use tokenizer::Tokenizer;

#[cfg(feature = "python")]
mod python;
