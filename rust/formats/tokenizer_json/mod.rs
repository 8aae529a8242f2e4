//! Hugging Face's `tokenizer.json`.
//!
//! Read are byte-level BPE models with everything that may stand around them, and the word lists
//! that [`write`] makes of levels `char` and `word`. Pre-tokenizers that only split text become
//! a [`Pattern`](crate::pattern::Pattern), which is fast; others are run step by step. Parts that
//! were read are written back as they were. Anything that would change ids is refused by name.
//! Ignored on purpose:
//!
//! - `trim_offsets` of a `ByteLevel` pre-tokenizer, and the flags of a `ByteLevel` decoder: they
//!   mean nothing; `trim_offsets` counts in post-processors;
//! - a missing decoder behind `ByteLevel`: tokens are bytes either way;
//! - templates for two texts: only one text is encoded;
//! - `truncation` and `padding`: they make rows, not ids. They are kept;
//! - `unk_token` and `fuse_unk` of a BPE model: with all 256 bytes nothing is unknown.
//!
//! An added token that the model lists has the id it has there. The others have those of the list
//! of added tokens. The `tokenizers` library renumbers one of these that does not follow the model
//! without a gap; [`write`] lists such tokens in the model, so that it keeps their ids.

mod added;
mod decoder;
mod model;
mod needle;
mod normalizer;
mod read;
mod splits;
mod template;
mod write;

pub use read::read;
pub use write::write;

const FORMAT: &str = "tokenizer.json";
