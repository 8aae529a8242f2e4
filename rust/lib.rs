//! The core of bpe_tool: byte-level BPE training, encoding and decoding.
//!
//! Pure: no file access, no printing, no logging, and no Python except in the module
//! `python`, which exists with the feature of that name only.

pub mod byte_level;
pub mod count;
pub mod counts;
pub mod documents;
pub mod error;
pub mod formats;
pub mod parallel;
pub mod pattern;
pub mod special;
pub mod train;
pub mod vocab;
pub mod words;

pub use error::{Error, ErrorKind, Result};
pub use pattern::Pattern;
