//! The core of bpe_tool: byte-level BPE training, encoding and decoding.
//!
//! Pure: no file access, no printing, no logging, and no Python except in the module
//! `python`, which exists with the feature of that name only.

pub mod documents;
pub mod error;
pub mod parallel;
pub mod pattern;
pub mod special;
pub mod unicode;
pub mod vocab;

pub use error::{Error, ErrorKind, Result};
pub use pattern::Pattern;
