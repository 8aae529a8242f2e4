mod long;
mod units;

use super::by_rank::{SHORT, merge_few, merge_short};
use super::windows::Merging;
use super::*;
use crate::short_key::MAX_KEY;
use crate::testing::{recipe, reference};
use proptest::prelude::*;

fn bpe(tokens: &[&str], merges: &[(&str, &str)], rule: MergeRule) -> Bpe {
    let bytes = (0..=255u8).map(|byte| vec![byte]);
    let all = bytes.chain(tokens.iter().map(|token| token.as_bytes().to_vec()));
    let tokens = Tokens::new((0..).zip(all)).unwrap();
    let id = |token: &str| tokens.id(token.as_bytes()).unwrap();
    let merge = |&(left, right): &(&str, &str)| Merge {
        left: id(left),
        right: id(right),
        id: id(&format!("{left}{right}")),
    };
    let merges = merges.iter().map(merge).collect();
    Bpe {
        tokens,
        merges,
        rule,
        ..Bpe::default()
    }
}

const LISTED: MergeRule = MergeRule::Listed {
    ignore_merges: false,
};

/// Encodes in every way there is.
fn every_way(bpe: &Bpe, tables: &BpeTables, text: &[u8]) -> Vec<(&'static str, Vec<u32>)> {
    let Engine::Proved(proved) = &tables.engine else {
        panic!("these vocabularies have nothing that is not proved")
    };
    let Proved {
        bytes, last_merges, ..
    } = &**proved;
    let longest_match = proved.longest_match(&bpe.tokens);
    let units = &tables.units;
    let Scratch {
        queue,
        search,
        windows,
        pair,
        stop,
        ..
    } = &mut Scratch::default();
    let mut ways = Vec::new();
    let mut ids = Vec::new();
    merge_long(
        &last_merges.pairs,
        units.spell(text),
        queue,
        &mut ids,
        |_, _, _| {},
    );
    ways.push(("long", ids));
    if text.len() <= SHORT {
        let mut ids = Vec::new();
        merge_short(bytes.as_ref().unwrap(), &last_merges.pairs, text, &mut ids);
        ways.push(("short", ids));
        let (few, mut ids): (Vec<u32>, _) = (units.spell(text).collect(), Vec::new());
        merge_few(&last_merges.pairs, &few, &mut ids);
        ways.push(("few", ids));
    }
    if (1..=MAX_KEY).contains(&text.len()) {
        let (mut together, mut ids) = (Together::default(), Vec::new());
        for part in [&text[..1], text, &text[text.len() / 2..]] {
            assert!(tables.add(part, &mut together));
        }
        tables.merge_together(&mut together);
        together.take(|some| ids.push(some.to_vec()));
        ways.push(("together", ids.swap_remove(1)));
    }
    let windows = windows.get_or_insert_default();
    for by_windows in [false, true] {
        let pairs = &last_merges.pairs;
        let merging = bytes.as_ref().filter(|_| by_windows);
        let merging = merging.map(|bytes| Merging {
            windows,
            bytes,
            pairs,
        });
        let mut ids = vec![7];
        longest_match.encode(text, merging, search, stop, &mut ids, |left, right| {
            proved.stay_apart(units, &bpe.tokens, left, right, queue, pair)
        });
        assert_eq!(ids.remove(0), 7);
        ways.push(("longest match", ids));
        if last_merges.ordered {
            let merging = bytes.as_ref().filter(|_| by_windows);
            let merging = merging.map(|bytes| Merging {
                windows,
                bytes,
                pairs,
            });
            let mut ids = Vec::new();
            longest_match.encode(text, merging, search, stop, &mut ids, |left, right| {
                last_merges.can_touch(left, right)
            });
            ways.push(("longest match by last merges", ids));
        }
    }
    // What the rule does before merging.
    if !matches!(
        bpe.rule,
        MergeRule::Listed {
            ignore_merges: false
        }
    ) && let Some(id) = bpe.tokens.id(text)
    {
        ways.clear();
        ways.push(("whole", vec![id]));
    }
    let mut ids = Vec::new();
    tables.encode(&bpe.tokens, text, &mut Scratch::default(), &mut ids);
    ways.push(("chosen", ids));
    ways
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn every_way_gives_the_ids_of_the_definition(
        recipe in recipe(),
        texts in prop::collection::vec("[abc]{1,70}|[ab]{1,40}|a{1,50}|[a-d\u{e9}]{1,20}", 1..5),
    ) {
        let bpe = recipe.bpe();
        let tables = BpeTables::new(&bpe).unwrap();
        let tokens = bpe.tokens.iter().filter(|(_, token)| token.len() > 1);
        for text in texts.iter().map(String::as_bytes).chain(tokens.map(|(_, token)| token)) {
            let expected = reference(&bpe, text);
            for (way, ids) in every_way(&bpe, &tables, text) {
                prop_assert_eq!(&ids, &expected, "{} {:?}", way, text.escape_ascii().to_string());
            }
        }
        // Listing the merges of a ranked vocabulary changes nothing.
        let listed = Bpe {
            tokens: bpe.tokens.clone(),
            merges: tables.merges(&bpe),
            rule: match bpe.rule {
                MergeRule::Ranked => MergeRule::Listed { ignore_merges: true },
                rule => rule,
            },
            ..Bpe::default()
        };
        for text in &texts {
            prop_assert_eq!(reference(&listed, text.as_bytes()), reference(&bpe, text.as_bytes()));
        }
    }
}

#[test]
fn vocabularies_are_proved_ordered_or_not() {
    let ordered = |bpe: &Bpe| match BpeTables::new(bpe).unwrap().engine {
        Engine::Proved(proved) => proved.last_merges.ordered,
        Engine::Defined(_) => panic!("not proved"),
    };
    assert!(ordered(&bpe(
        &["ab", "abc"],
        &[("a", "b"), ("ab", "c")],
        LISTED
    )));
    // The second merge makes what the first needs.
    assert!(!ordered(&bpe(
        &["ab", "abc"],
        &[("ab", "c"), ("a", "b")],
        LISTED
    )));
    // The pair (ab, c) would break the order, but it never occurs: b and c merge first.
    assert!(ordered(&bpe(
        &["ab", "abc", "bc"],
        &[("b", "c"), ("ab", "c"), ("a", "b")],
        LISTED
    )));
    assert!(!ordered(&bpe(&["abc", "ab"], &[], MergeRule::Ranked)));
    assert!(ordered(&bpe(&["ab", "abc"], &[], MergeRule::Ranked)));
    assert!(
        ordered(&bpe(&["abcd"], &[], MergeRule::Ranked)),
        "an unreachable token is no harm"
    );
}

#[test]
fn a_whole_pretoken_is_looked_up_but_not_a_part() {
    let bpe = bpe(&["abcd"], &[], MergeRule::Ranked);
    let tables = BpeTables::new(&bpe).unwrap();
    let encode = |text: &[u8]| {
        let mut ids = Vec::new();
        tables.encode(&bpe.tokens, text, &mut Scratch::default(), &mut ids);
        ids
    };
    assert_eq!(encode(b"abcd"), [256]);
    assert_eq!(encode(b"abcde").len(), 5);
}

#[test]
fn contradictions_are_refused() {
    let reason = |bpe: &Bpe| match BpeTables::new(bpe) {
        Err(Error::InvalidVocab { reason }) => reason,
        _ => String::new(),
    };
    let good = bpe(&["ab"], &[("a", "b")], LISTED);
    assert_eq!(reason(&good), "");
    let twice = Bpe {
        merges: vec![good.merges[0]; 2],
        ..good.clone()
    };
    assert_eq!(
        reason(&twice),
        r#"merge 1 joins "a" and "b", as an earlier one does"#
    );
    let wrong = Bpe {
        merges: vec![Merge {
            left: 98,
            ..good.merges[0]
        }],
        ..good.clone()
    };
    assert_eq!(
        reason(&wrong),
        r#"merge 0 joins "b" and "b", but its result is "ab""#
    );
    let missing = Bpe {
        merges: vec![Merge {
            left: 300,
            ..good.merges[0]
        }],
        ..good.clone()
    };
    assert_eq!(reason(&missing), "merge 0 names id 300, which has no token");
    let ranked = Bpe {
        rule: MergeRule::Ranked,
        ..good
    };
    assert_eq!(reason(&ranked), "a ranked vocabulary has a list of merges");
    let bytes = Tokens::new((0..255u8).map(|byte| (u32::from(byte), [byte]))).unwrap();
    let gap = Bpe {
        tokens: bytes,
        merges: Vec::new(),
        rule: MergeRule::Ranked,
        ..Bpe::default()
    };
    assert!(matches!(
        BpeTables::new(&gap),
        Err(Error::Unsupported { .. })
    ));
}
