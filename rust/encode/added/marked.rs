//! Splits a text whose special tokens stand between marks, as preprocessing leaves them.

use super::{AddedTokens, MARKS, Piece, Special, trimmed_end, trimmed_start};
use crate::error::{Error, Result};
use crate::threads::Stop;
use crate::vocab::AddedToken;

impl AddedTokens {
    /// Splits a text at its marked special tokens; each text between them is split on its own.
    pub(super) fn split_marked(
        &self,
        text: &[u8],
        tracked: bool,
        stop: &Stop,
        visit: &mut impl FnMut(Piece) -> Result<()>,
    ) -> Result<u64> {
        let mut as_text = 0;
        let mut done = 0;
        let mut plain = |from: usize, to: usize, visit: &mut dyn FnMut(Piece) -> Result<()>| {
            as_text += self.split_part(text, from..to, Special::Text, tracked, stop, visit)?;
            Ok::<(), Error>(())
        };
        let mut from = 0;
        while let Some((start, end, found)) = self.next_marked(text, from) {
            let Some(token) = found else {
                from = start + 1;
                continue;
            };
            let mut start = start;
            if token.lstrip {
                start = done + trimmed_end(&text[done..start]);
            }
            plain(done, start, visit)?;
            done = end;
            if token.rstrip {
                done = text.len() - trimmed_start(&text[end..]).len();
            }
            visit(Piece::Added {
                id: token.id,
                span: (start, done),
                text: &text[start..done],
            })?;
            from = done;
        }
        plain(done, text.len(), visit)?;
        Ok(as_text)
    }

    /// The next mark from `from` on: where it begins and where the mark after it ends, and the
    /// special token between them, if there is one.
    fn next_marked(&self, text: &[u8], from: usize) -> Option<(usize, usize, Option<&AddedToken>)> {
        let start = from + memchr::memchr(MARKS[0], &text[from..])?;
        let Some(length) = memchr::memchr2(MARKS[0], MARKS[1], &text[start + 1..]) else {
            return Some((start, text.len(), None));
        };
        let end = start + 1 + length;
        let inside = &text[start + 1..end];
        let raw = self.raw.as_ref().and_then(|stage| {
            let found = stage.matcher.matches(inside, 0).next()?;
            Some(&stage.tokens[found.index])
        });
        // In the other stage, the matcher looks for normalized text.
        let normalized = self.normalized.iter().flat_map(|stage| &stage.tokens);
        let found = (raw.into_iter().chain(normalized))
            .find(|token| token.special && token.text.as_bytes() == inside);
        let closed = text[end] == MARKS[1];
        Some((start, end + 1, found.filter(|_| closed)))
    }
}
