//! The core of bpe_tool: byte-level BPE training, encoding and decoding.
//!
//! Pure: no file access, no printing, no logging, and no Python except in the module
//! `python`, which exists with the feature of that name only.

mod added;
mod backtrack;
mod batch;
mod bpe;
mod cache;
pub mod decode;
pub mod documents;
pub mod encode;
pub mod error;
pub mod idtext;
mod merge;
mod pairs;
pub mod parallel;
pub mod pattern;
pub mod special;
mod splits;
pub mod stream;
pub mod tokenizer;
#[cfg(test)]
mod testing;
mod trie;
pub mod vocab;

pub use batch::Ragged;
pub use encode::Special;
pub use error::{Error, ErrorKind, Result};
pub use pattern::Pattern;
pub use tokenizer::Tokenizer;
