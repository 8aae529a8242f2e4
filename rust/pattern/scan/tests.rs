//! Windows find the same pretokens as the character-by-character scanners.

use proptest::prelude::*;

use super::bytes::{Job, Portable};
use super::*;
use crate::pattern::tests::CHARACTERS;
use crate::unicode;

fn by_windows<R: Rule>(text: &str, from: usize) -> [Vec<usize>; 2] {
    let text = Text::new(text);
    let (mut best, mut portable) = (Vec::new(), Vec::new());
    let scan = |ends| Scan {
        text: &text,
        at: from,
        limit: usize::MAX / 2,
        ends,
        rule: PhantomData::<R>,
    };
    with_best(scan(&mut best));
    scan(&mut portable).run::<Portable>();
    [best, portable]
}

fn check<R: Rule>(text: &str) {
    let mut expected = Vec::new();
    let read = Text::new(text);
    walk(&read, 0, usize::MAX, &mut expected, R::end);
    for found in by_windows::<R>(text, 0) {
        assert!(found == expected, "{text:?}\n{found:?}\n{expected:?}");
    }
}

fn check_all(text: &str) {
    check::<Gpt2>(text);
    check::<Cl100k<3, true>>(text);
    check::<Cl100k<3, false>>(text);
    check::<Cl100k<1, false>>(text);
    check::<O200k>(text);
    check::<Whitespace>(text);
}

#[test]
fn plain_leads_begin_letters_without_case() {
    for code in (0x5000..=0x9FFF).chain(0xB000..=0xCFFF) {
        assert_eq!(unicode::classes()[code], unicode::UNCASED, "U+{code:04X}");
    }
}

/// Four characters after one another, with all sorts of text before and after them.
#[test]
fn windows_split_all_short_texts_as_the_scanners_do() {
    let characters = &CHARACTERS[..26];
    let mut text = String::new();
    for (index, first) in characters.iter().enumerate() {
        for second in characters {
            text.clear();
            for third in characters {
                for fourth in characters {
                    text.extend([first, second, third, fourth]);
                    text.push(characters[(index + text.len()) % characters.len()]);
                }
            }
            check_all(&text);
        }
    }
}

#[test]
fn windows_split_at_every_length_and_edge() {
    for tail in [
        "a",
        " ",
        "\n",
        "'s",
        "12345",
        "é",
        "中文",
        "  \n ",
        "!\n\n",
        "\u{3000}\u{3000}",
        "B中A",
    ] {
        for repeated in [
            "a", " ", "x ", "\n", "'s ", "1", "é", "中", "\u{A0}", ".", "aB", "\t\n",
        ] {
            for count in 0..70 {
                let text = format!("{}{tail}", repeated.repeat(count));
                check_all(&text);
                check_all(&format!("{text}{text}"));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn windows_split_any_text_as_the_scanners_do(
        pieces in prop::collection::vec(
            prop_oneof![
                4 => "[a-zA-Z]{1,9}| |\n",
                2 => "'(s|t|LL|lL|ve|x|\u{17F})| {1,5}|[0-9]{1,9}|[ \t\r\n/]{1,5}|[!-/:-@]{1,4}",
                1 => prop::sample::select(CHARACTERS).prop_map(String::from),
                1 => "\\PC",
            ],
            0..80,
        ),
    ) {
        check_all(&pieces.concat());
    }
}
