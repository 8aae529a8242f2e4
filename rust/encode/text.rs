//! A text and its ids, to which text is appended and which is cut short.

use std::sync::{Arc, Mutex, PoisonError};

use crate::documents::{DocumentFeed, Mark, PORTION, Unit};
use crate::encode::added::Special;
use crate::encode::{Document, Output, Want, Worker};
use crate::error::Result;
use crate::threads::{self, Interrupt, Stop};
use crate::tokenizer::Tokenizer;

/// How many bytes lie between two places to which one can go back: little more than this is
/// encoded again when a text is cut short.
const STRIDE: usize = 4096;

/// A text and its ids, which are always those of [`Tokenizer::encode`].
///
/// A change encodes again what it may change, which is little more than a pretoken at the end.
/// Encoded as a whole, each time, are texts that a normalizer changes, or may change for all that a
/// look at a part of them tells; texts with a vocabulary that has pre-tokenizers which do more
/// than split at a pattern, added tokens with `lstrip`, `rstrip` or `single_word`, or some that
/// are `normalized` beside some that are not; and what a pattern that backtracks has not settled.
#[derive(Clone)]
pub struct EncodedText {
    tokenizer: Arc<Tokenizer>,
    special: Special,
    text: Vec<u8>,
    ids: Vec<u32>,
    feed: DocumentFeed,
    /// Whether the text goes through the feed in parts, rather than as a whole.
    in_parts: bool,
    /// What no further text can change.
    settled: Place,
    /// Earlier places, in order.
    places: Vec<Place>,
}

/// A place in the text, at which one can go on.
#[derive(Clone, Copy, Default)]
struct Place {
    /// How much of the text the feed was given.
    fed: usize,
    /// How many ids it settled.
    ids: usize,
    mark: Mark,
}

/// What a change takes away.
struct Removed {
    text: Vec<u8>,
    ids: Vec<u32>,
    places: Vec<Place>,
    settled: Place,
    in_parts: bool,
}

impl EncodedText {
    /// No text, and no ids.
    pub fn new(tokenizer: Arc<Tokenizer>, special: Special) -> Self {
        let in_parts = tokenizer.added.is_plain_for(b"");
        EncodedText {
            feed: feed(&tokenizer, special, in_parts),
            tokenizer,
            special,
            text: Vec::new(),
            ids: Vec::new(),
            in_parts,
            settled: Place::default(),
            places: Vec::new(),
        }
    }

    pub fn text(&self) -> &[u8] {
        &self.text
    }

    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// Appends text. Returns how many ids at the beginning stay what they were. After an error,
    /// nothing has changed.
    pub fn append(&mut self, text: &[u8], interrupt: Interrupt<'_>) -> Result<usize> {
        self.change(self.text.len(), text, interrupt)
    }

    /// Cuts the text off after `size` bytes, which must not be more than it has. Otherwise like
    /// [`EncodedText::append`]: with less text, ids at the end may be other ones.
    pub fn truncate(&mut self, size: usize, interrupt: Interrupt<'_>) -> Result<usize> {
        if size == self.text.len() {
            return Ok(self.ids.len());
        }
        self.change(size, b"", interrupt)
    }

    fn change(&mut self, size: usize, piece: &[u8], interrupt: Interrupt<'_>) -> Result<usize> {
        let in_parts = self.will_be_in_parts(size, piece);
        let from = if in_parts != self.in_parts {
            Place::default()
        } else if size == self.text.len() {
            self.settled
        } else {
            let later = self.places.partition_point(|place| place.fed <= size);
            later
                .checked_sub(1)
                .map_or(Place::default(), |at| self.places[at])
        };
        let kept = self.places.partition_point(|place| place.fed <= from.fed);
        let removed = Removed {
            text: self.text.split_off(size),
            ids: self.ids.split_off(from.ids),
            places: self.places.split_off(kept),
            settled: self.settled,
            in_parts: self.in_parts,
        };
        self.text.extend_from_slice(piece);
        self.go_to(from, in_parts);
        let inline = self.text.len() - from.mark.settled <= PORTION;
        let own = Mutex::new(&mut *self);
        let encoded = threads::run(inline, interrupt, |stop| {
            own.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .go_on(stop)
        });
        match encoded {
            Ok(()) => {
                let new = &self.ids[from.ids..];
                let pairs = new.iter().zip(&removed.ids);
                Ok(from.ids + pairs.take_while(|(new, old)| new == old).count())
            }
            Err(error) => {
                self.text.truncate(size);
                self.text.extend(removed.text);
                self.ids.truncate(from.ids);
                self.ids.extend(removed.ids);
                self.places.truncate(kept);
                self.places.extend(removed.places);
                self.go_to(removed.settled, removed.in_parts);
                Err(error)
            }
        }
    }

    /// Whether the text can go through the feed in parts after a change.
    fn will_be_in_parts(&self, size: usize, piece: &[u8]) -> bool {
        let added = &self.tokenizer.added;
        if size < self.text.len() {
            return self.in_parts || added.is_plain_for(&self.text[..size]);
        }
        // What comes after a character can matter to it: look at what is not settled, and at the
        // character before.
        let start = self.settled.mark.settled.saturating_sub(4);
        self.in_parts && added.is_plain_for(&[&self.text[start..], piece].concat())
    }

    /// Makes the feed what it was at a place in the text.
    fn go_to(&mut self, place: Place, in_parts: bool) {
        if in_parts != self.in_parts {
            self.feed = feed(&self.tokenizer, self.special, in_parts);
            self.in_parts = in_parts;
        }
        let pending = &self.text[place.mark.settled..place.fed];
        self.feed.return_to(place.mark, pending);
        self.settled = place;
    }

    /// Encodes what follows what is settled.
    fn go_on(&mut self, stop: &Stop) -> Result<()> {
        let EncodedText {
            tokenizer,
            special,
            text,
            ids,
            feed,
            in_parts,
            settled,
            places,
        } = self;
        let mut worker = Worker::new(tokenizer, *special, usize::MAX, stop.clone());
        if *in_parts {
            worker = worker.of_plain_parts();
        }
        let mut out = Output::new(Want::Ids);
        for block in text[settled.fed..].chunks(STRIDE) {
            let interrupt = || stop.is_set();
            feed.feed(block, &interrupt, |parts| {
                worker.encode_parts(parts.iter().copied(), &mut out)
            })?;
            *settled = Place {
                fed: settled.fed + block.len(),
                ids: ids.len() + out.ids.len(),
                mark: feed.mark(),
            };
            let last = places.last().map_or(0, |place| place.fed);
            if *in_parts && settled.fed >= last + STRIDE {
                places.push(*settled);
            }
        }
        worker.encode_parts(feed.rest(), &mut out)?;
        ids.extend(out.ids);
        Ok(())
    }
}

/// A feed for one text.
fn feed(tokenizer: &Tokenizer, special: Special, in_parts: bool) -> DocumentFeed {
    let pattern = tokenizer.vocab().pattern.clone();
    if in_parts {
        let matcher = tokenizer.added.matcher(special, false);
        DocumentFeed::new(pattern, matcher, Unit::Whole, usize::MAX)
    } else {
        DocumentFeed::whole(pattern, Unit::Whole)
    }
}

impl Tokenizer {
    /// Encodes a text from its beginning, until more than `most` ids are certain or all is encoded.
    pub(super) fn encode_start(
        &self,
        text: &[u8],
        special: Special,
        want: Want,
        most: usize,
        stop: &Stop,
    ) -> Result<Output> {
        let mut worker = Worker::new(self, special, usize::MAX, stop.clone());
        let mut out = Output::new(want);
        if !self.added.is_plain_for(text) {
            worker.encode_document(Document::Bytes(text), &mut out)?;
            return Ok(out);
        }
        let mut worker = worker.of_plain_parts();
        let mut feed = feed(self, special, true);
        // The more ids are wanted, the longer the text that they take.
        for block in text.chunks(most.saturating_mul(4).clamp(STRIDE, PORTION)) {
            let interrupt = || stop.is_set();
            feed.feed(block, &interrupt, |parts| {
                worker.encode_parts(parts.iter().copied(), &mut out)
            })?;
            if out.count > most {
                return Ok(out);
            }
        }
        worker.encode_parts(feed.rest(), &mut out)?;
        Ok(out)
    }

    /// How many ids [`Tokenizer::encode`] gives, or `limit + 1` if they are more than `limit`. Of
    /// a text with more, only the beginning is encoded, unless it has to be normalized.
    pub fn count_up_to(
        &self,
        text: &[u8],
        special: Special,
        template: bool,
        limit: usize,
        interrupt: Interrupt<'_>,
    ) -> Result<usize> {
        let (before, after) = self.around(template);
        let around = before.len() + after.len();
        let count = threads::run(text.len() <= PORTION, interrupt, |stop| {
            let most = limit.saturating_sub(around);
            Ok(self
                .encode_start(text, special, Want::Count, most, stop)?
                .count)
        })?;
        Ok((around + count).min(limit.saturating_add(1)))
    }
}
