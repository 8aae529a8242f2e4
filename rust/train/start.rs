//! What learning starts from: single bytes, or the tokens of a vocabulary.

use crate::error::{Error, Result};
use crate::merge::{BpeTables, Scratch};
use crate::tokenizer::{Encoding, Tokenizer};
use crate::vocab::{Model, Tokens};

/// Tokens to start from, with ids without gaps, and how pretokens become them.
///
/// A vocabulary comes first: pretokens are encoded by it, and merges are learned on what that
/// gives. They get later ranks than all of its own. So they apply in the same places when text is
/// encoded, and where none does, text keeps its ids.
pub(super) struct Start<'a> {
    pub(super) tokens: Vec<Vec<u8>>,
    /// The id of each of them in the vocabulary.
    ids: Vec<u32>,
    /// The first id that no token has.
    next: u32,
    encoder: Encoder<'a>,
}

// There is one at a time.
#[allow(clippy::large_enum_variant)]
enum Encoder<'a> {
    Bytes([u32; 256]),
    Vocab {
        tables: &'a BpeTables,
        tokens: &'a Tokens,
        /// What each of its ids is here.
        numbers: Vec<u32>,
        work: Scratch,
    },
}

impl<'a> Start<'a> {
    /// Single bytes, with these ids.
    pub(super) fn bytes(ids: [u32; 256]) -> Self {
        let mut tokens = vec![Vec::new(); 256];
        for (byte, id) in (0..=u8::MAX).zip(ids) {
            tokens[id as usize] = vec![byte];
        }
        Start {
            tokens,
            ids: (0..256).collect(),
            next: 256,
            encoder: Encoder::Bytes(ids),
        }
    }

    /// Refuses vocabularies that merge anything but bytes.
    pub(super) fn vocab(tokenizer: &'a Tokenizer) -> Result<Self> {
        check(tokenizer)?;
        let Encoding::Bpe(tables) = &tokenizer.encoding else {
            unreachable!("it is BPE");
        };
        let tokens = tokenizer.model_tokens();
        let mut numbers = vec![0; tokens.id_limit()];
        for (number, (id, _)) in (0..).zip(tokens.iter()) {
            numbers[id as usize] = number;
        }
        Ok(Start {
            tokens: tokens.iter().map(|(_, token)| token.to_vec()).collect(),
            ids: tokens.iter().map(|(id, _)| id).collect(),
            next: tokenizer.max_id() + 1,
            encoder: Encoder::Vocab {
                tables,
                tokens,
                numbers,
                work: Scratch::default(),
            },
        })
    }

    /// Appends the tokens of a pretoken.
    #[inline]
    pub(super) fn encode(&mut self, pretoken: &[u8], cells: &mut Vec<u32>) {
        match &mut self.encoder {
            Encoder::Bytes(ids) => {
                cells.extend(pretoken.iter().map(|&byte| ids[usize::from(byte)]))
            }
            Encoder::Vocab {
                tables,
                tokens,
                numbers,
                work,
            } => {
                let first = cells.len();
                tables.encode(tokens, pretoken, work, cells);
                for cell in &mut cells[first..] {
                    *cell = numbers[*cell as usize];
                }
            }
        }
    }

    /// The id in the vocabulary of a token, also of one that is learned.
    pub(super) fn id(&self, number: u32) -> u32 {
        match self.ids.get(number as usize) {
            Some(&id) => id,
            None => self.next + (number - self.ids.len() as u32),
        }
    }
}

/// Refuses a vocabulary that learning cannot start from.
pub(super) fn check(tokenizer: &Tokenizer) -> Result<()> {
    let vocab = tokenizer.vocab();
    let refused = |reason: &str| {
        Err(Error::InvalidArgument {
            name: "init",
            reason: format!("it must be a vocabulary of byte-level BPE: {reason}"),
        })
    };
    match &vocab.model {
        Model::Words(_) => refused("this one has no merges"),
        Model::Bpe(bpe) if !bpe.units.are_bytes_alone() => {
            refused("this one merges something other than bytes alone")
        }
        Model::Bpe(_) if !vocab.splits_only() => refused(
            "this one changes text before it is split, or splits it in ways that no pattern describes",
        ),
        Model::Bpe(_) if vocab.around.decoder.is_some() => {
            refused("this one decodes to something other than the bytes of its tokens")
        }
        Model::Bpe(_) if !tokenizer.is_complete() => {
            refused("this one lacks tokens for some bytes")
        }
        Model::Bpe(_) => Ok(()),
    }
}
