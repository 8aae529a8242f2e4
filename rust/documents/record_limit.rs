//! Cuts blocks that hold very many documents.

use memchr::{memchr_iter, memmem};

/// Where to cut `text` so that no piece holds more than `most` of `terminator`, which is not
/// empty. Nowhere, for nearly every text.
pub fn record_cuts(text: &[u8], terminator: &[u8], most: usize) -> Vec<usize> {
    let most = most.max(1);
    // A terminator begins with its first byte: that is counted faster than it is found.
    if memchr_iter(terminator[0], text).count() <= most {
        return Vec::new();
    }
    memmem::find_iter(text, terminator)
        .skip(most - 1)
        .step_by(most)
        .map(|found| found + terminator.len())
        .filter(|&cut| cut < text.len())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_hold_no_more_than_they_may() {
        for (text, terminator) in [
            ("", "\n"),
            ("\n\n\n\n\n\n\n", "\n"),
            ("a\nb\n\nc", "\n"),
            ("------------x--", "--"),
            ("-+-+-+-+-+", "-+-"),
        ] {
            let held = |piece: &[u8]| memmem::find_iter(piece, terminator).count();
            let (text, terminator) = (text.as_bytes(), terminator.as_bytes());
            for most in 1..5 {
                let cuts = record_cuts(text, terminator, most);
                let ends = cuts.iter().copied().chain([text.len()]);
                let mut start = 0;
                for end in ends {
                    assert!(held(&text[start..end]) <= most && (start < end || text.is_empty()));
                    start = end;
                }
            }
        }
        assert_eq!(record_cuts(b"a\nb\nc\n", b"\n", 2), [4]);
        assert!(record_cuts(b"a\nb\nc\n", b"\n", 3).is_empty());
    }
}
