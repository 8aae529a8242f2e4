//! Vocabularies whose units may have no token, or are spelled by where they are.

use super::*;
use crate::byte_level;
use crate::vocab::{Unit, Units, Unknown};

const LETTERS: &[&str] = &[
    "a", "b", "é", "中", "▁", "<0xC3>", "<0xA9>", "<0x62>", "<unk>", "c",
];

/// What a vocabulary is made from.
#[derive(Debug, Clone)]
struct Choice {
    letters: Vec<usize>,
    joins: Vec<(usize, usize)>,
    unit: Unit,
    affixes: (bool, bool),
    byte_fallback: bool,
    unknown: Option<bool>,
    ignore_merges: bool,
}

fn choice() -> impl Strategy<Value = Choice> {
    (
        prop::collection::vec(0..LETTERS.len(), 1..9),
        prop::collection::vec((0..20usize, 0..20usize), 0..9),
        any::<bool>(),
        (prop::bool::weighted(0.2), prop::bool::weighted(0.2)),
        any::<bool>(),
        prop::option::of(any::<bool>()),
        any::<bool>(),
    )
        .prop_map(
            |(letters, joins, bytes, affixes, byte_fallback, unknown, ignore_merges)| Choice {
                letters,
                joins,
                unit: if bytes { Unit::Byte } else { Unit::Character },
                affixes,
                byte_fallback,
                unknown,
                ignore_merges,
            },
        )
}

impl Choice {
    fn bpe(&self) -> Bpe {
        let (prefix, suffix) = (
            if self.affixes.0 { &b"#"[..] } else { b"" },
            if self.affixes.1 { &b"$"[..] } else { b"" },
        );
        let mut list: Vec<Vec<u8>> = Vec::new();
        let add = |token: Vec<u8>, list: &mut Vec<Vec<u8>>| {
            if !list.contains(&token) {
                list.push(token);
            }
        };
        let unit = |letter: &str| match self.unit {
            Unit::Byte if !letter.starts_with('<') => {
                letter.bytes().map(|byte| vec![byte]).collect()
            }
            _ => vec![letter.as_bytes().to_vec()],
        };
        for letter in self.letters.iter().flat_map(|&index| unit(LETTERS[index])) {
            add(letter.clone(), &mut list);
            add([prefix, &letter].concat(), &mut list);
            add([&letter[..], suffix].concat(), &mut list);
            add([prefix, &letter, suffix].concat(), &mut list);
        }
        add(b"<unk>".to_vec(), &mut list);
        let mut joins = Vec::new();
        for (left, right) in &self.joins {
            let (left, right) = (
                list[left % list.len()].clone(),
                list[right % list.len()].clone(),
            );
            if !right.starts_with(prefix) || joins.contains(&(left.clone(), right.clone())) {
                continue;
            }
            add([&left, &right[prefix.len()..]].concat(), &mut list);
            joins.push((left, right));
        }
        let tokens = Tokens::new((0..).zip(&list)).unwrap();
        let id = |token: &[u8]| tokens.id(token).unwrap();
        let merges = joins.iter().map(|(left, right)| Merge {
            left: id(left),
            right: id(right),
            id: id(&[left, &right[prefix.len()..]].concat()),
        });
        Bpe {
            merges: merges.collect(),
            rule: MergeRule::Listed {
                ignore_merges: self.ignore_merges,
            },
            units: Units {
                unit: self.unit,
                prefix: prefix.into(),
                suffix: suffix.into(),
                byte_fallback: self.byte_fallback,
                unknown: self.unknown.map(|fused| Unknown {
                    id: id(b"<unk>"),
                    fused,
                }),
                refuse: false,
            },
            tokens,
            inert: Vec::new(),
        }
    }
}

/// An id with what it stands for.
type Part = (u32, (i64, i64));

/// By the definition: what a text becomes, and how many units are missing.
fn reference(bpe: &Bpe, text: &str) -> (Vec<Part>, u64) {
    let whole = (0, text.len() as i64);
    let Units {
        unit,
        prefix,
        suffix,
        byte_fallback,
        unknown,
        ..
    } = &bpe.units;
    if bpe.rule != LISTED
        && let Some(id) = bpe.tokens.id(text.as_bytes())
    {
        return (vec![(id, whole)], 0);
    }
    let width = |at: usize| match unit {
        Unit::Byte => 1,
        Unit::Character => text[at..].chars().next().unwrap().len_utf8(),
    };
    let (mut parts, mut held, mut missing, mut at) = (Vec::new(), None, 0, 0);
    while at < text.len() {
        let end = at + width(at);
        let before: &[u8] = if at == 0 { b"" } else { prefix };
        let after: &[u8] = if end == text.len() { suffix } else { b"" };
        let spelled = [before, &text.as_bytes()[at..end], after].concat();
        let key = match unit {
            Unit::Byte => byte_level::encode(&spelled).into_bytes(),
            Unit::Character => spelled.clone(),
        };
        let bytes = key
            .iter()
            .map(|byte| bpe.tokens.id(format!("<0x{byte:02X}>").as_bytes()));
        let bytes: Option<Vec<u32>> = bytes.collect();
        let span = (at as i64, end as i64);
        if let Some(id) = bpe.tokens.id(&spelled) {
            parts.extend(held.take());
            parts.push((id, span));
        } else if let Some(bytes) = bytes.filter(|_| *byte_fallback) {
            parts.extend(bytes.into_iter().map(|id| (id, span)));
        } else {
            missing += 1;
            match (unknown, &mut held) {
                (None, _) => {}
                (Some(Unknown { fused: true, .. }), Some((_, (_, to)))) => *to = span.1,
                (Some(Unknown { id, .. }), held) => parts.extend(held.replace((*id, span))),
            }
        }
        at = end;
    }
    parts.extend(held);
    loop {
        let rank = |pair: &[Part]| {
            let pair = (pair[0].0, pair[1].0);
            bpe.merges
                .iter()
                .position(|merge| (merge.left, merge.right) == pair)
        };
        let ranked = parts.windows(2).map(rank).enumerate();
        let Some((rank, at)) = ranked.filter_map(|(at, rank)| Some((rank?, at))).min() else {
            return (parts, missing);
        };
        let span = (parts[at].1.0, parts[at + 1].1.1);
        parts.splice(at..at + 2, [(bpe.merges[rank].id, span)]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn units_become_what_the_definition_says(
        choice in choice(),
        texts in prop::collection::vec("[abcé中▁<>0x#$C3]{1,12}|[abé中▁]{1,90}", 1..6),
    ) {
        let bpe = choice.bpe();
        let tables = BpeTables::new(&bpe).unwrap();
        for text in &texts {
            let (expected, missing) = reference(&bpe, text);
            let mut work = Scratch::default();
            let mut ids = Vec::new();
            tables.encode(&bpe.tokens, text.as_bytes(), &mut work, &mut ids);
            let expected_ids: Vec<u32> = expected.iter().map(|(id, _)| *id).collect();
            prop_assert_eq!(&ids, &expected_ids, "{}", text);
            prop_assert_eq!(work.missing, missing);
            // Cut where that is possible.
            let (mut cuts, mut start) = (Vec::new(), 0);
            tables.cut(text.as_bytes(), 0, text.len(), &mut cuts);
            let mut spans = Vec::new();
            ids.clear();
            for end in cuts {
                let part = &text.as_bytes()[start..end];
                tables.encode(&bpe.tokens, part, &mut work, &mut ids);
                tables.spans(&bpe.tokens, part, start as i64, &mut work, &mut spans);
                start = end;
            }
            prop_assert_eq!(&ids, &expected_ids, "{} in parts", text);
            prop_assert_eq!(spans.len(), ids.len());
            let expected: Vec<(i64, i64)> = expected.iter().map(|(_, span)| *span).collect();
            // Bytes that fall back have spans of their own.
            prop_assert!(spans == expected || bpe.units.byte_fallback, "{} {:?}", text, spans);
        }
    }
}

#[test]
fn a_byte_that_falls_back_is_its_own_span() {
    let bpe = Bpe {
        tokens: Tokens::new((0..).zip(["<0xC3>", "<0xA9>", "a", "<0xFF>"])).unwrap(),
        units: Units {
            unit: Unit::Character,
            byte_fallback: true,
            ..Units::default()
        },
        ..Bpe::default()
    };
    let tables = BpeTables::new(&bpe).unwrap();
    let (mut work, mut ids, mut spans) = (Scratch::default(), Vec::new(), Vec::new());
    tables.encode(&bpe.tokens, b"a\xC3\xA9\xFFa", &mut work, &mut ids);
    tables.spans(&bpe.tokens, b"a\xC3\xA9\xFFa", 5, &mut work, &mut spans);
    assert_eq!(ids, [2, 0, 1, 3, 2]);
    assert_eq!(spans, [(5, 6), (6, 7), (7, 8), (8, 9), (9, 10)]);
    assert_eq!(work.missing, 0);
}
