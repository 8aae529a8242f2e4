//! Ids as text: decimal numbers, one document a line, plain or as JSON.

mod ndjson;

use crate::error::{Error, Result};

pub use ndjson::NdjsonIds;

/// The largest number of digits of an id.
const DIGITS: usize = 10;

/// What is written around the ids of a document, and between two of them.
pub struct Form {
    opening: &'static [u8],
    between: u8,
    closing: &'static [u8],
    /// Replaces a document that was skipped.
    null: &'static [u8],
}

/// Numbers with a space between; an empty line for a skipped document.
pub const LINES: Form = Form {
    opening: b"",
    between: b' ',
    closing: b"\n",
    null: b"\n",
};

/// JSON objects with the field `ids`; `null` for a skipped document.
pub const JSON: Form = Form {
    opening: b"{\"ids\":[",
    between: b',',
    closing: b"]}\n",
    null: b"null\n",
};

/// Writes the ids of documents, whose ends in `ids` are `ends`, in order. Ids after the
/// last end belong to a document that continues in the next call. The documents of the
/// numbers in `skipped`, which are sorted, are skipped ones.
///
/// `continued` says that the first document has ids from earlier calls already. The next
/// call is continued if ids follow the last end, or if there is no end and this call was
/// continued. `unterminated` says that the last document is the last of all and has no
/// end of line, unless its line is empty: without its end, there would be no line.
pub fn format_ids(
    ids: &[u32],
    ends: &[i64],
    skipped: &[usize],
    form: &Form,
    continued: bool,
    unterminated: bool,
) -> Vec<u8> {
    let around = form.opening.len() + form.closing.len();
    let mut out = Vec::with_capacity(ids.len() * 6 + ends.len() * around + NUMBER_BYTES);
    let mut start = 0;
    let mut begun = continued;
    for (document, &end) in ends.iter().enumerate() {
        let end = usize::try_from(end).unwrap_or(0).clamp(start, ids.len());
        if skipped.binary_search(&document).is_ok() {
            out.extend_from_slice(form.null);
        } else {
            push_ids(&mut out, &ids[start..end], form, begun);
            if start == end && !begun {
                out.extend_from_slice(form.opening);
            }
            out.extend_from_slice(form.closing);
        }
        (start, begun) = (end, false);
    }
    push_ids(&mut out, &ids[start..], form, begun);
    let is_empty_line = out.ends_with(b"\n\n") || out == b"\n" && !continued;
    if unterminated && out.ends_with(b"\n") && !is_empty_line {
        out.pop();
    }
    out
}

fn push_ids(out: &mut Vec<u8>, ids: &[u32], form: &Form, begun: bool) {
    let Some((&first, others)) = ids.split_first() else {
        return;
    };
    if begun {
        out.push(form.between);
    } else {
        out.extend_from_slice(form.opening);
    }
    push_number(out, first);
    for &id in others {
        out.push(form.between);
        push_number(out, id);
    }
}

/// The three digits of each number below 1000, and how many zeros they begin with.
static THREE_DIGITS: [[u8; 4]; 1000] = {
    let mut texts = [[0; 4]; 1000];
    let mut number = 0;
    while number < 1000 {
        let digits = [number / 100, number / 10 % 10, number % 10];
        let zeros = (number < 100) as u8 + (number < 10) as u8 + (number < 1) as u8;
        let mut at = 0;
        while at < 3 {
            texts[number][at] = b'0' + digits[at] as u8;
            at += 1;
        }
        texts[number][3] = zeros;
        number += 1;
    }
    texts
};

/// The number of bytes that are written at once; those beyond the number are then cut off.
const NUMBER_BYTES: usize = 8;

fn push_number(out: &mut Vec<u8>, id: u32) {
    let [high, low] = [id / 1000, id % 1000];
    let Some(high) = THREE_DIGITS.get(high as usize) else {
        out.extend_from_slice(id.to_string().as_bytes());
        return;
    };
    let digits = |text: &[u8; 4]| u64::from(u32::from_le_bytes(*text) & 0x00FF_FFFF);
    let low = &THREE_DIGITS[low as usize];
    // Leading zeros are shifted out, except the last one of zero itself.
    let (text, length) = if high[3] == 3 {
        let zeros = u32::from(low[3].min(2));
        (digits(low) >> (8 * zeros), 3 - zeros as usize)
    } else {
        let zeros = u32::from(high[3]);
        let both = digits(high) | digits(low) << 24;
        (both >> (8 * zeros), 6 - zeros as usize)
    };
    let length = out.len() + length;
    out.extend_from_slice(&text.to_le_bytes());
    out.truncate(length);
}

/// Reads what [`format_ids`] writes as lines: the ids of all documents, and the length of
/// the ids at the end of each. Ids after the last end of line belong to a document that goes on.
///
/// [`Error::MalformedIds`] where there is anything but numbers below 2^32 with a single
/// space between them.
pub fn parse_ids(text: &[u8]) -> Result<(Vec<u32>, Vec<i64>)> {
    let mut ids = Vec::with_capacity(text.len() / 5);
    let mut ends = Vec::new();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text) {
        parse_document(text, start, end, &mut ids)?;
        ends.push(ids.len() as i64);
        start = end + 1;
    }
    if start < text.len() {
        parse_document(text, start, text.len(), &mut ids)?;
    }
    Ok((ids, ends))
}

/// Appends the ids in `text[start..end]`.
fn parse_document(text: &[u8], start: usize, end: usize, ids: &mut Vec<u32>) -> Result<()> {
    let malformed = |offset: usize, reason: String| Err(Error::MalformedIds { offset, reason });
    let mut at = start;
    while at < end {
        let first = at;
        let mut id: u64 = 0;
        while at < end && text[at].is_ascii_digit() && at - first <= DIGITS {
            id = id * 10 + u64::from(text[at] - b'0');
            at += 1;
        }
        if at == first {
            return malformed(at, found(&text[at..end]));
        }
        let Ok(id) = u32::try_from(id) else {
            return malformed(first, "a number above 4294967295".into());
        };
        ids.push(id);
        if at == end {
            break;
        }
        if text[at] != b' ' {
            return malformed(at, found(&text[at..end]));
        }
        at += 1;
        if at == end {
            return malformed(at - 1, "a space after the last id".into());
        }
    }
    Ok(())
}

/// Names what `text` begins with.
fn found(text: &[u8]) -> String {
    let chunk = text[..text.len().min(4)].utf8_chunks().next();
    match chunk.and_then(|chunk| chunk.valid().chars().next()) {
        Some(char) => format!("{char:?}"),
        None => format!("byte 0x{:02X}", text.first().copied().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Result<(Vec<u32>, Vec<i64>)> {
        parse_ids(text.as_bytes())
    }

    #[test]
    fn writes_and_reads() {
        let ids = [0, 7, 42, u32::MAX, 5];
        let text = format_ids(&ids, &[2, 2, 5], &[], &LINES, false, false);
        assert_eq!(text, b"0 7\n\n42 4294967295 5\n");
        assert_eq!(parse_ids(&text), Ok((ids.to_vec(), vec![2, 2, 5])));
        assert_eq!(parsed("1 2\n3"), Ok((vec![1, 2, 3], vec![2])));
        assert_eq!(parsed(""), Ok((vec![], vec![])));
    }

    #[test]
    fn says_what_is_malformed() {
        for (text, offset, reason) in [
            ("1  2", 2, "' '"),
            (" 1", 0, "' '"),
            ("1 ", 1, "a space after the last id"),
            ("12\n3 x", 5, "'x'"),
            ("1,2", 1, "','"),
            ("-1", 0, "'-'"),
            ("7 4294967296", 2, "a number above 4294967295"),
            ("99999999999999999999999", 0, "a number above 4294967295"),
            ("1\r\n", 1, "'\\r'"),
            ("1 \u{e9}", 2, "'\u{e9}'"),
        ] {
            let expected = Error::MalformedIds {
                offset,
                reason: reason.into(),
            };
            assert_eq!(parsed(text), Err(expected), "{text:?}");
        }
        let error = parse_ids(b"1 \xff");
        assert_eq!(
            error,
            Err(Error::MalformedIds {
                offset: 2,
                reason: "byte 0xFF".into()
            })
        );
    }

    #[test]
    fn every_number_is_written_as_it_should_be() {
        let ids: Vec<u32> = (0..1_001_000).chain([u32::MAX - 1, u32::MAX]).collect();
        let expected: Vec<String> = ids.iter().map(u32::to_string).collect();
        let text = format_ids(&ids, &[], &[], &LINES, false, false);
        assert!(text == expected.join(" ").as_bytes());
    }

    #[test]
    fn writes_json() {
        let text = format_ids(&[0, 7, 42], &[0, 2, 2, 2, 3], &[2], &JSON, false, false);
        let expected = [
            r#"{"ids":[]}"#,
            r#"{"ids":[0,7]}"#,
            "null",
            r#"{"ids":[]}"#,
            r#"{"ids":[42]}"#,
        ];
        assert_eq!(text, (expected.join("\n") + "\n").as_bytes());
        assert_eq!(
            format_ids(&[1], &[0], &[], &JSON, true, false),
            b"]}\n{\"ids\":[1"
        );
    }

    #[test]
    fn a_last_line_without_its_end() {
        let last = |ids: &[u32], ends: &[i64], form, continued| {
            format_ids(ids, ends, &[], form, continued, true)
        };
        assert_eq!(last(&[7], &[1], &LINES, false), b"7");
        assert_eq!(last(&[7], &[1, 1], &LINES, false), b"7\n\n");
        assert_eq!(last(&[], &[0], &LINES, true), b"");
        assert_eq!(last(&[], &[0], &LINES, false), b"\n");
        assert_eq!(last(&[], &[0], &JSON, false), b"{\"ids\":[]}");
    }

    proptest! {
        #[test]
        fn pieces_equal_the_whole(
            documents in prop::collection::vec(
                prop::collection::vec(prop_oneof![0..1100u32, any::<u32>()], 0..5),
                0..6,
            ),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let ids: Vec<u32> = documents.concat();
            let ends: Vec<i64> = documents.iter().scan(0, |end, document| {
                *end += document.len() as i64;
                Some(*end)
            }).collect();
            let whole = format_ids(&ids, &ends, &[], &LINES, false, false);
            let lines: String = documents.iter().map(|document| {
                let ids: Vec<String> = document.iter().map(u32::to_string).collect();
                ids.join(" ") + "\n"
            }).collect();
            prop_assert_eq!(&whole, lines.as_bytes());
            prop_assert_eq!(parse_ids(&whole), Ok((ids.clone(), ends.clone())));

            let json = format_ids(&ids, &ends, &[], &JSON, false, false);
            let expected: String = documents.iter().map(|document| {
                let ids: Vec<String> = document.iter().map(u32::to_string).collect();
                format!("{{\"ids\":[{}]}}\n", ids.join(","))
            }).collect();
            prop_assert_eq!(&json, expected.as_bytes());

            // A cut falls after an id and after the ends that come with it.
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(ids.len() + 1)).collect();
            cuts.sort_unstable();
            cuts.push(ids.len());
            for (form, whole) in [(&LINES, whole), (&JSON, json)] {
                let (mut pieces, mut start, mut done, mut continued) = (Vec::new(), 0, 0, false);
                for &cut in &cuts {
                    let until = ends.partition_point(|&end| end <= cut as i64);
                    let own: Vec<i64> = ends[done..until].iter().map(|end| end - start as i64).collect();
                    pieces.extend(format_ids(&ids[start..cut], &own, &[], form, continued, false));
                    let last = own.last().map_or(0, |&end| end as usize);
                    continued = last < cut - start || own.is_empty() && continued;
                    (start, done) = (cut, until);
                }
                prop_assert_eq!(pieces, whole);
            }
        }
    }
}
