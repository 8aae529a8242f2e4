//! Long texts, in which windows agree or do not, and places come again.

use crate::merge::by_rank::merge_long;
use crate::merge::{BpeTables, Scratch};
use crate::testing::recipe;
use proptest::prelude::*;

/// Parts that repeat, some often.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let part = ("[abc]{1,9}", 1..60_usize).prop_map(|(unit, times)| unit.repeat(times));
    prop::collection::vec(part, 1..12).prop_map(|parts| parts.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn long_texts_have_the_ids_of_the_definition(
        recipe in recipe(),
        texts in prop::collection::vec(text(), 1..4),
    ) {
        let bpe = recipe.bpe();
        let tables = BpeTables::new(&bpe).unwrap();
        // One after the other by the same working memory.
        let mut work = Scratch::default();
        for text in &texts {
            let (mut expected, mut ids) = (Vec::new(), vec![7]);
            let units = tables.units.spell(text);
            merge_long(tables.pairs(), units, &mut Default::default(), &mut expected, |_, _, _| {});
            tables.merge(&bpe.tokens, text, &mut work, &mut ids);
            prop_assert_eq!(&ids[1..], expected, "{:?}", text.escape_ascii().to_string());
        }
    }
}

#[test]
fn runs_of_all_lengths_and_periods_have_the_ids_of_the_definition() {
    // Long tokens that repeat, of which most lead nowhere.
    let runs = (2..=9)
        .chain([12, 16, 20, 28, 32, 48])
        .map(|length| "a".repeat(length));
    let turns = [2, 4, 6, 8, 16].map(|length| "ab".repeat(length / 2));
    let words: Vec<String> = runs.chain(turns).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let bpe = super::bpe(&words, &[], crate::vocab::MergeRule::Ranked);
    let tables = BpeTables::new(&bpe).unwrap();
    let mut work = Scratch::default();
    for unit in [
        "a",
        "ab",
        "aab",
        "aaab",
        "aaaabb",
        "aaaaaaaaab",
        "abaabaaabaaaab",
    ] {
        for length in [33, 64, 100, 511, 512, 513, 1000, 3000] {
            let text = &unit.repeat(length / unit.len() + 1).into_bytes()[..length];
            let (mut expected, mut ids) = (Vec::new(), Vec::new());
            let units = tables.units.spell(text);
            merge_long(
                tables.pairs(),
                units,
                &mut Default::default(),
                &mut expected,
                |_, _, _| {},
            );
            tables.merge(&bpe.tokens, text, &mut work, &mut ids);
            assert_eq!(ids, expected, "{unit} {length}");
        }
    }
}
