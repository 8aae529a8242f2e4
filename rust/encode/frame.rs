//! Puts ids around every document of a stream, such as a beginning- and an end-of-text
//! token.

use super::Output;
use super::stream::Encoded;

/// Collects what was encoded, document by document, each with the frame around it. Ids of
/// the frame stand for no text: their offsets are those of the document's two ends.
#[derive(Default)]
pub(super) struct Framer {
    before: Vec<u32>,
    after: Vec<u32>,
    /// Whether the current document has begun: nothing goes before it any more.
    begun: bool,
    /// Where the text of the last offsets of the current document ends.
    text_end: i64,
}

impl Framer {
    pub fn new(before: Vec<u32>, after: Vec<u32>) -> Self {
        Framer {
            before,
            after,
            ..Framer::default()
        }
    }

    /// How many ids a frame has.
    pub fn len(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// Appends the next output to `encoded`. Of the documents that end in `encoded`, those
    /// of the numbers in `bare`, which are sorted, get no frame.
    pub fn add(&mut self, output: &Output, bare: &[usize], encoded: &mut Encoded) {
        let mut start = 0;
        for &end in &output.ends {
            let framed = bare.binary_search(&encoded.ends.len()).is_err();
            if framed {
                self.begin(output, encoded);
            }
            self.append(output, start, end, encoded);
            if framed {
                self.put(output, &self.after, self.text_end, encoded);
            }
            encoded.ends.push(encoded.ids.len() as i64);
            (self.begun, self.text_end, start) = (false, 0, end);
        }
        let end = output.ids.len();
        if start < end {
            self.begin(output, encoded);
            self.append(output, start, end, encoded);
        }
    }

    fn begin(&mut self, output: &Output, encoded: &mut Encoded) {
        if !std::mem::replace(&mut self.begun, true) {
            self.put(output, &self.before, 0, encoded);
        }
    }

    fn append(&mut self, output: &Output, start: usize, end: usize, encoded: &mut Encoded) {
        encoded.ids.extend_from_slice(&output.ids[start..end]);
        if output.has_offsets() {
            let offsets = &output.offsets[start..end];
            encoded.offsets.extend_from_slice(offsets);
            self.text_end = offsets.last().map_or(self.text_end, |&(_, end)| end);
        }
    }

    /// Appends ids that stand for nothing at a place in the document's text.
    fn put(&self, output: &Output, ids: &[u32], at: i64, encoded: &mut Encoded) {
        encoded.ids.extend_from_slice(ids);
        if output.has_offsets() {
            encoded.offsets.extend(ids.iter().map(|_| (at, at)));
        }
    }
}
