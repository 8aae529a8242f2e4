//! Concatenates the outputs of jobs, with ids around every document, such as a beginning- and an
//! end-of-text token.

use super::{Offsets, Output};

/// Ids around every document of a stream. They stand for no text: their offsets are those
/// of the document's two ends.
#[derive(Default)]
pub(super) struct Framer {
    before: Vec<u32>,
    after: Vec<u32>,
    /// Whether the current document has begun: nothing goes before it any more.
    begun: bool,
    /// Where the text of the last offsets of the current document ends.
    text_end: i64,
}

/// The ends of documents among the ids that [`Framer::join`] wrote, and the ids' offsets.
#[derive(Default)]
pub(super) struct Joined {
    ids: usize,
    pub ends: Vec<i64>,
    pub offsets: Offsets,
}

impl Framer {
    pub fn new(before: &[u32], after: &[u32]) -> Self {
        Framer {
            before: before.to_vec(),
            after: after.to_vec(),
            ..Framer::default()
        }
    }

    /// Forgets the document that has begun.
    pub fn restart(&mut self) {
        (self.begun, self.text_end) = (false, 0);
    }

    /// How many ids a frame has.
    pub fn len(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// Gives `push` the ids of outputs, slice by slice. Of the documents that end in them,
    /// counted from 0, those whose numbers are in the sorted list `bare` get no frame.
    pub fn join(
        &mut self,
        outputs: impl IntoIterator<Item = Output>,
        bare: &[usize],
        mut push: impl FnMut(&[u32]),
    ) -> Joined {
        let mut joined = Joined::default();
        for output in outputs {
            self.add(&output, bare, &mut joined, &mut push);
        }
        joined
    }

    /// Does the same for one output.
    pub fn add(
        &mut self,
        output: &Output,
        bare: &[usize],
        joined: &mut Joined,
        push: &mut impl FnMut(&[u32]),
    ) {
        let mut start = 0;
        for &end in &output.ends {
            let framed = bare.binary_search(&joined.ends.len()).is_err();
            if framed {
                self.begin(output, joined, push);
            }
            self.append(output, start, end, joined, push);
            if framed {
                put(output, &self.after, self.text_end, joined, push);
            }
            joined.ends.push(joined.ids as i64);
            (self.begun, self.text_end, start) = (false, 0, end);
        }
        let end = output.ids.len();
        if start < end {
            self.begin(output, joined, push);
            self.append(output, start, end, joined, push);
        }
    }

    fn begin(&mut self, output: &Output, joined: &mut Joined, push: &mut impl FnMut(&[u32])) {
        if !std::mem::replace(&mut self.begun, true) {
            put(output, &self.before, 0, joined, push);
        }
    }

    fn append(
        &mut self,
        output: &Output,
        start: usize,
        end: usize,
        joined: &mut Joined,
        push: &mut impl FnMut(&[u32]),
    ) {
        push(&output.ids[start..end]);
        joined.ids += end - start;
        if output.has_offsets() {
            let offsets = &output.offsets[start..end];
            joined.offsets.extend_from_slice(offsets);
            self.text_end = offsets.last().map_or(self.text_end, |&(_, end)| end);
        }
    }
}

/// Appends ids that stand for nothing at a place in the document's text.
fn put(output: &Output, ids: &[u32], at: i64, joined: &mut Joined, push: &mut impl FnMut(&[u32])) {
    push(ids);
    joined.ids += ids.len();
    if output.has_offsets() {
        joined.offsets.extend(ids.iter().map(|_| (at, at)));
    }
}
