//! Finds out the ids of new pretokens, several at once.
//!
//! A text is full of new words at its beginning. What takes most of the time then is waiting for
//! memory, so they wait together.

use super::cache::{Cache, Found};
use super::packed::{MAX_IDS, Packed};
use super::pretokens::{Batch, Missed};
use super::whole::Whole;
use crate::merge::TOGETHER;
use crate::short_key::{Key, MAX_KEY};
use crate::tokenizer::{Encoding, Tokenizer};

impl Batch {
    /// Remembers the ids of pretokens of `text` that were missed and are new: of those that are
    /// tokens, and of those that are merged by tables.
    #[inline(never)]
    pub(super) fn learn(&mut self, text: &[u8], tokenizer: &Tokenizer, cache: &mut Cache) {
        let Encoding::Bpe(tables) = &tokenizer.encoding else {
            return;
        };
        // What is not remembered in the cache is looked for elsewhere after this.
        let is_new = |cache: &mut Cache, missed: &Missed| {
            let found = match missed.key.length() {
                ..=MAX_KEY => cache.find(missed.key),
                _ => Found::Many,
            };
            if matches!(found, Found::Many) {
                cache.long.prefetch(&text[missed.start..missed.end]);
            }
            matches!(found, Found::New)
        };
        let mut new = [None; TOGETHER];
        let mut missed = self.missed.iter();
        loop {
            let mut count = 0;
            for missed in missed.by_ref() {
                if is_new(cache, missed) {
                    tokenizer.whole.prefetch(missed.key);
                    if missed.key.length() > MAX_IDS {
                        cache.long.prefetch(&text[missed.start..missed.end]);
                    }
                    new[count] = Some(missed);
                    count += 1;
                    if count == TOGETHER {
                        break;
                    }
                }
            }
            if count == 0 {
                return;
            }
            let mut merged = [None; TOGETHER];
            let mut merged_count = 0;
            for missed in new[..count].iter().flatten() {
                let pretoken = &text[missed.start..missed.end];
                match tokenizer.whole.find(missed.key) {
                    Whole::Token(token) => {
                        remember(cache, missed.key, &token.ids()[..1], pretoken);
                    }
                    Whole::NoToken if pretoken.len() == 2 => {
                        if let Some(ids) = tables.two(pretoken) {
                            remember(cache, missed.key, &ids, pretoken);
                        }
                    }
                    Whole::NoToken if tables.add(pretoken, &mut self.together) => {
                        merged[merged_count] = Some((missed.key, pretoken));
                        merged_count += 1;
                    }
                    // For the table of tokens, or the definition of merging.
                    _ => {}
                }
            }
            tables.merge_together(&mut self.together);
            let mut merged = merged.iter().flatten();
            self.together.take(|ids| {
                if let Some(&(key, pretoken)) = merged.next() {
                    remember(cache, key, ids, pretoken);
                }
            });
        }
    }
}

/// Remembers the ids of a pretoken; it may have been in the batch before.
fn remember(cache: &mut Cache, key: Key, ids: &[u32], pretoken: &[u8]) {
    if !matches!(cache.find(key), Found::New) {
        return;
    }
    match Packed::new(ids) {
        Some(few) => cache.insert(key, few),
        None => {
            cache.insert_many(key);
            cache.long.insert(pretoken, ids);
        }
    }
}
