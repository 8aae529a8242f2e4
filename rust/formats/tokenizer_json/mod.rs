//! Hugging Face's `tokenizer.json`.
//!
//! Read are byte-level BPE models behind `ByteLevel` or behind isolating `Split`s and
//! `ByteLevel`, and the word lists that [`write`] makes of levels `char` and `word`.
//! Anything else that would change ids is refused by name. Ignored on purpose, because no
//! id depends on it:
//!
//! - `trim_offsets` of `ByteLevel`, a `ByteLevel` post-processor, and the flags of a
//!   `ByteLevel` decoder: they concern offsets and nothing else;
//! - a missing decoder behind `ByteLevel`: tokens are bytes either way;
//! - `unk_token` and `fuse_unk` of a BPE model: with all 256 bytes nothing is unknown.
//!
//! Ids are those of the file. The `tokenizers` library renumbers an added token that
//! the model does not list and that does not follow it without a gap; [`write`] lists
//! such tokens in the model, so that it keeps their ids.

mod added;
mod model;
mod read;
mod splits;
mod template;
mod write;

pub use read::read;
pub use write::write;

const FORMAT: &str = "tokenizer.json";
