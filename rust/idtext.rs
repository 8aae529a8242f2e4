//! Ids as text: decimal numbers with a space between, a separator after each document.

use memchr::memmem;

use crate::error::{Error, Result};

/// The most digits an id has.
const DIGITS: usize = 10;

/// Writes ids as decimal numbers: one space between two ids of a document, and
/// `separator` after each document, whose ends in `ids` are `ends`, in order. Ids after
/// the last end belong to a document that goes on in the next call.
///
/// `continued` says that the first document has ids from earlier calls already, so
/// that a space comes before its first id here. The next call is continued if ids
/// follow the last end, or if there is no end and this call was continued.
pub fn format_ids(ids: &[u32], ends: &[i64], separator: &[u8], continued: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(ids.len() * 6 + ends.len() * separator.len());
    let mut start = 0;
    let mut space = continued;
    let push = |out: &mut Vec<u8>, ids: &[u32], mut space: bool| {
        for &id in ids {
            push_id(out, id, space);
            space = true;
        }
    };
    for &end in ends {
        let end = usize::try_from(end).unwrap_or(0).clamp(start, ids.len());
        push(&mut out, &ids[start..end], space);
        out.extend_from_slice(separator);
        (start, space) = (end, false);
    }
    push(&mut out, &ids[start..], space);
    out
}

fn push_id(out: &mut Vec<u8>, mut id: u32, space: bool) {
    // Filled from the end, with room for the space before.
    let mut text = [b' '; DIGITS + 1];
    let mut start = text.len();
    loop {
        start -= 1;
        text[start] = b'0' + (id % 10) as u8;
        id /= 10;
        if id == 0 {
            break;
        }
    }
    out.extend_from_slice(&text[start - usize::from(space)..]);
}

/// Reads what [`format_ids`] writes: the ids of all documents, and the length of the ids at
/// the end of each. The last document may lack the separator.
///
/// [`Error::MalformedIds`] where anything stands but numbers below 2^32 with a single
/// space between; [`Error::InvalidArgument`] for a separator that could be mistaken for them.
pub fn parse_ids(text: &[u8], separator: &[u8]) -> Result<(Vec<u32>, Vec<i64>)> {
    if separator
        .iter()
        .all(|byte| byte.is_ascii_digit() || *byte == b' ')
    {
        return Err(Error::InvalidArgument {
            name: "separator",
            reason: "it must hold more than digits and spaces".into(),
        });
    }
    let mut ids = Vec::with_capacity(text.len() / 5);
    let mut ends = Vec::new();
    let mut start = 0;
    for end in memmem::find_iter(text, separator) {
        parse_document(text, start, end, &mut ids)?;
        ends.push(ids.len() as i64);
        start = end + separator.len();
    }
    if start < text.len() {
        parse_document(text, start, text.len(), &mut ids)?;
        ends.push(ids.len() as i64);
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
        parse_ids(text.as_bytes(), b"\n")
    }

    #[test]
    fn writes_and_reads() {
        let ids = [0, 7, 42, u32::MAX, 5];
        let text = format_ids(&ids, &[2, 2, 5], b"\n", false);
        assert_eq!(text, b"0 7\n\n42 4294967295 5\n");
        assert_eq!(parse_ids(&text, b"\n"), Ok((ids.to_vec(), vec![2, 2, 5])));
        assert_eq!(parsed("1 2\n3"), Ok((vec![1, 2, 3], vec![2, 3])));
        assert_eq!(parsed(""), Ok((vec![], vec![])));
        assert_eq!(
            parse_ids(b"1 2<>\n3", b"<>\n"),
            Ok((vec![1, 2, 3], vec![2, 3]))
        );
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
        let error = parse_ids(b"1 \xff", b"\n");
        assert_eq!(
            error,
            Err(Error::MalformedIds {
                offset: 2,
                reason: "byte 0xFF".into()
            })
        );
        assert!(matches!(
            parse_ids(b"1", b" 0"),
            Err(Error::InvalidArgument { .. })
        ));
        assert!(matches!(
            parse_ids(b"1", b""),
            Err(Error::InvalidArgument { .. })
        ));
    }

    proptest! {
        #[test]
        fn pieces_equal_the_whole(
            documents in prop::collection::vec(prop::collection::vec(any::<u32>(), 0..5), 0..6),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let ids: Vec<u32> = documents.concat();
            let ends: Vec<i64> = documents.iter().scan(0, |end, document| {
                *end += document.len() as i64;
                Some(*end)
            }).collect();
            let whole = format_ids(&ids, &ends, b"\n", false);
            let lines: String = documents.iter().map(|document| {
                let ids: Vec<String> = document.iter().map(u32::to_string).collect();
                ids.join(" ") + "\n"
            }).collect();
            prop_assert_eq!(&whole, lines.as_bytes());
            prop_assert_eq!(parse_ids(&whole, b"\n"), Ok((ids.clone(), ends.clone())));

            // A cut falls after an id and after the ends that come with it.
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(ids.len() + 1)).collect();
            cuts.sort_unstable();
            cuts.push(ids.len());
            let (mut pieces, mut start, mut done, mut continued) = (Vec::new(), 0, 0, false);
            for cut in cuts {
                let until = ends.partition_point(|&end| end <= cut as i64);
                let own: Vec<i64> = ends[done..until].iter().map(|end| end - start as i64).collect();
                pieces.extend(format_ids(&ids[start..cut], &own, b"\n", continued));
                let last = own.last().map_or(0, |&end| end as usize);
                continued = last < cut - start || own.is_empty() && continued;
                (start, done) = (cut, until);
            }
            prop_assert_eq!(pieces, whole);
        }
    }
}
