//! A vocabulary without its last tokens.
//!
//! Merges are learned one after the other, and none depends on a later one: the first merges of
//! a training are those of a shorter training.

use std::collections::HashSet;

use super::{Bpe, Model, Tokens, Unknown, Vocab};
use crate::error::{Error, Result};

impl Vocab {
    /// The vocabulary with at most `size` tokens: the tokens of the model with the highest ids
    /// are left out, with their merges. Added tokens stay; those that follow the tokens left out
    /// move down. Refuses to leave single bytes, added tokens or parts of other tokens out.
    pub fn with_size(&self, size: usize) -> Result<Vocab> {
        let excess = self.len().saturating_sub(size);
        if excess == 0 {
            return Ok(self.clone());
        }
        let mut ids: Vec<u32> = self.model.tokens().iter().map(|(id, _)| id).collect();
        ids.extend(self.model.inert().iter().map(|&(id, _)| id));
        ids.sort_unstable();
        let least = self.least();
        let kept = ids.len().checked_sub(excess);
        let Some(kept) = kept.filter(|&kept| kept >= least) else {
            return Err(Error::VocabSizeTooSmall {
                requested: size,
                minimum: self.len() - ids.len() + least,
            });
        };
        let gone = &ids[kept..];
        let first = gone[0];
        let added: HashSet<u32> = self.added_tokens.iter().map(|token| token.id).collect();
        if let Some(id) = gone.iter().find(|&id| added.contains(id)) {
            return refused(format!("token {id} is also an added token"));
        }
        let moved = |id: u32| id - gone.partition_point(|&other| other < id) as u32;
        let mut vocab = self.clone();
        match &mut vocab.model {
            Model::Bpe(bpe) => shorten(bpe, first)?,
            Model::Words(words) => words.tokens = below(&words.tokens, first)?,
        }
        for token in &mut vocab.added_tokens {
            token.id = moved(token.id);
        }
        let mut around = vocab.template.iter();
        let moves = |&id: &u32| moved(id) != id;
        if around.any(|template| template.before.iter().chain(&template.after).any(moves)) {
            return refused("its template names tokens whose ids would change".into());
        }
        Ok(vocab)
    }

    /// The number of tokens of the model that must stay.
    fn least(&self) -> usize {
        match &self.model {
            Model::Bpe(bpe) => bpe
                .tokens
                .iter()
                .filter(|(_, token)| token.len() == 1)
                .count(),
            Model::Words(_) => 1,
        }
    }
}

fn shorten(bpe: &mut Bpe, first: u32) -> Result<()> {
    let parts = |id: u32| bpe.tokens.get(id).is_some_and(|token| token.len() == 1);
    if let Some((id, _)) = bpe.tokens.iter().find(|&(id, _)| id >= first && parts(id)) {
        return refused(format!("token {id}, among the last, is a single byte"));
    }
    bpe.merges.retain(|merge| merge.id < first);
    if let Some(merge) = bpe
        .merges
        .iter()
        .find(|merge| merge.left.max(merge.right) >= first)
    {
        return refused(format!(
            "token {}, which would stay, is made of later ones",
            merge.id
        ));
    }
    if matches!(bpe.units.unknown, Some(Unknown { id, .. }) if id >= first) {
        return refused("the unknown token is among the last".into());
    }
    bpe.tokens = below(&bpe.tokens, first)?;
    bpe.inert.retain(|&(id, _)| id < first);
    Ok(())
}

fn below(tokens: &Tokens, limit: u32) -> Result<Tokens> {
    Tokens::new(tokens.iter().take_while(|&(id, _)| id < limit))
}

fn refused<T>(reason: String) -> Result<T> {
    Err(Error::InvalidArgument {
        name: "vocab_size",
        reason: format!("the vocabulary cannot be shortened: {reason}"),
    })
}
