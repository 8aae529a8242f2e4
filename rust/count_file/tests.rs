use super::merge::MAX_WEIGHT;
use super::*;
use crate::count::MAX_COUNT;
use crate::error::Error;

type Table<'a> = Vec<(&'a [u8], u64)>;

fn blocks(table: &[(&[u8], u64)]) -> (Vec<Vec<u8>>, Totals) {
    let mut blocks = Vec::new();
    let mut writer = BlockWriter::default();
    let mut sink = |block: &[u8]| {
        blocks.push(block.to_vec());
        Ok(())
    };
    for (pretoken, count) in table {
        writer.push(pretoken, *count, &mut sink).unwrap();
    }
    let totals = writer.finish(&mut sink).unwrap();
    (blocks, totals)
}

fn reader(files: &[Vec<Vec<u8>>]) -> impl FnMut(usize) -> Result<Option<Vec<u8>>> {
    let mut rest: Vec<_> = files.iter().map(|file| file.clone().into_iter()).collect();
    move |file| Ok(rest[file].next())
}

fn merged(files: &[Vec<Vec<u8>>], weights: &Weights) -> Result<Vec<(Vec<u8>, u64)>> {
    let mut all = Vec::new();
    merge(weights, &mut reader(files), &mut |pretoken, count| {
        all.push((pretoken.to_vec(), count));
        Ok(())
    })?;
    Ok(all)
}

fn owned(table: &[(&[u8], u64)]) -> Vec<(Vec<u8>, u64)> {
    table
        .iter()
        .map(|&(text, count)| (text.to_vec(), count))
        .collect()
}

#[test]
fn records_come_back() {
    let long = vec![b'x'; 300_000];
    let table: Table = vec![
        (b"\0", 1),
        (b"a", MAX_COUNT / 2),
        (b"ab", 300),
        (b"abc", 127),
        (b"b", 128),
        (&long, 2),
        (b"y", 1),
        (b"\xFF\xFE", 3),
    ];
    let (blocks, totals) = blocks(&table);
    // The long one ends its block.
    assert_eq!(blocks.len(), 2);
    assert_eq!(totals.unique, 8);
    assert_eq!(totals.unique_bytes, 300_000 + 11);
    let found: Vec<_> = blocks
        .iter()
        .flat_map(|block| records(block).unwrap())
        .collect();
    assert_eq!(found, owned(&table));
    assert_eq!(
        merged(&[blocks], &Weights::equal(1).unwrap()).unwrap(),
        owned(&table)
    );
}

#[test]
fn blocks_depend_on_the_records_alone() {
    let words: Vec<_> = (0..60_000u32)
        .map(|i| format!("{:x}", i * 77).into_bytes())
        .collect();
    let mut whole = PretokenCounts::default();
    let mut parts = vec![PretokenCounts::default(); 5];
    for (at, word) in words.iter().chain(&words[..7000]).enumerate() {
        whole.add(word, at as u64 + 1).unwrap();
        parts[at % 5].add(word, at as u64 + 1).unwrap();
    }
    let written = |counts: &PretokenCounts| {
        let mut blocks = Vec::new();
        let totals = write(counts, &mut |block| {
            blocks.push(block.to_vec());
            Ok(())
        });
        (blocks, totals.unwrap())
    };
    let files: Vec<_> = parts.iter().map(|part| written(part).0).collect();
    let (expected, totals) = written(&whole);
    assert!(expected.len() > 2);
    let mut again = Vec::new();
    let weights = Weights::equal(5).unwrap();
    let sums = rewrite(&weights, &mut reader(&files), &mut |block| {
        again.push(block.to_vec());
        Ok(())
    });
    assert!(again == expected);
    assert_eq!(sums.unwrap(), totals);
    let loaded = load(&weights, 9, &mut reader(&files)).unwrap();
    assert!(loaded.in_order().eq(whole.in_order()));
    assert_eq!((loaded.bytes(), loaded.documents()), (whole.bytes(), 9));
    let best = top(10, &weights, &mut reader(&files)).unwrap();
    assert_eq!(best, owned(&whole.sorted()[..10]));
    assert_eq!(top(0, &weights, &mut reader(&files)).unwrap(), []);
}

#[test]
fn weighted_sums_are_rounded_once_half_to_even() {
    let one = blocks(&[(b"a", 1), (b"b", 3), (b"c", 5), (b"d", 1)]).0;
    let two = blocks(&[(b"a", 1), (b"b", 4)]).0;
    let weights = Weights::new(vec![1, 1], 2).unwrap();
    // 2/2, 7/2, 5/2 and 1/2.
    let expected: Table = vec![(b"a", 1), (b"b", 4), (b"c", 2)];
    assert_eq!(
        merged(&[one.clone(), two], &weights).unwrap(),
        owned(&expected)
    );
    let third = Weights::new(vec![1], 3).unwrap();
    let expected: Table = vec![(b"b", 1), (b"c", 2)];
    assert_eq!(merged(&[one], &third).unwrap(), owned(&expected));
    for (numerators, denominator) in [(vec![0], 1), (vec![1], 0), (vec![MAX_WEIGHT + 1], 1)] {
        assert!(Weights::new(numerators, denominator).is_err());
    }
}

#[test]
fn sums_beyond_63_bits_are_refused() {
    let file = blocks(&[(b"a", MAX_COUNT)]).0;
    let same = merged(std::slice::from_ref(&file), &Weights::equal(1).unwrap()).unwrap();
    assert_eq!(same[0].1, MAX_COUNT);
    let twice = merged(&[file.clone(), file.clone()], &Weights::equal(2).unwrap());
    assert_eq!(twice, Err(Error::CountOverflow));
    let half = Weights::new(vec![1, 1], 2).unwrap();
    assert_eq!(
        merged(&[file.clone(), file], &half).unwrap()[0].1,
        MAX_COUNT
    );
    let mut writer = BlockWriter::default();
    let refused = writer.push(b"ab", MAX_COUNT, &mut |_| Ok(()));
    assert_eq!(refused, Err(Error::CountOverflow));
}

#[test]
fn damaged_blocks_are_refused() {
    let table: Table = vec![(b"a", 1), (b"ab", 300), (b"abc", 127), (b"b", 128)];
    let block = blocks(&table).0.remove(0);
    for length in 0..block.len() {
        assert!(records(&block[..length]).is_err());
    }
    assert!(records(&[&block[..], b"x"].concat()).is_err());
    for at in 0..block.len() {
        for bit in 0..8 {
            let mut damaged = block.clone();
            damaged[at] ^= 1 << bit;
            // Other records or an error, but no panic.
            let _ = records(&damaged);
        }
    }
    // The same block twice: its records do not come after themselves.
    let twice = merged(&[vec![block.clone(), block]], &Weights::equal(1).unwrap());
    assert!(matches!(twice, Err(Error::Malformed { .. })));
}

#[test]
fn what_no_writer_writes_is_refused() {
    let packed = |records: &[u8]| {
        let mut packed = Vec::new();
        super::block::pack(records, &mut packed);
        super::records(&packed)
    };
    assert_eq!(packed(b"\0\x01a\x01").unwrap(), [(b"a".to_vec(), 1)]);
    for (bad, why) in [
        (&b"\0\x01a\0"[..], "a count of zero"),
        (
            b"\0\x01a\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01",
            "a count above 2^63",
        ),
        (b"\0\0\x01", "an empty pretoken"),
        (b"\x01\x01a\x01", "a first record that shares"),
        (b"\0\x01a\x01\x02\x01b\x01", "more shared than there is"),
        (b"\0\x01b\x01\0\x01a\x01", "not in order"),
        (b"\0\x01a\x01\x01\0\x01", "the same twice"),
        (b"\0\x05a\x01", "longer than the block"),
        (b"\0\x01a", "no count"),
        (
            b"\0\x81\0a\x01",
            "a length that is longer than it has to be",
        ),
    ] {
        assert!(packed(bad).is_err(), "{why}");
    }
    // A block has one record at most beyond its size.
    let long = [b"\0\x80\x80\x08".as_slice(), &[b'a'; 131_072], b"\x01"].concat();
    assert!(packed(&long).is_ok());
    let longer = [&long[..], b"\0\x01b\x01"].concat();
    assert!(packed(&longer).is_err());
}
