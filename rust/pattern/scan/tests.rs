//! Windows find the same pretokens as the character-by-character scanners.

use proptest::prelude::*;

use super::block::Window;
use super::bytes::{Bytes, Job, Portable};
use super::*;
use crate::pattern::named::ALL;
use crate::pattern::tests::CHARACTERS;

/// Calls `$function` for all ways to classify that this processor has.
macro_rules! in_all_ways {
    ($function:ident::<$rule:ty>($($argument:expr),*)) => {
        $function::<$rule, Portable>($($argument),*);
        #[cfg(target_arch = "x86_64")]
        {
            if x86::has_avx2() {
                $function::<$rule, x86::Avx2>($($argument),*);
            }
            if x86::has_avx512() {
                $function::<$rule, x86::Avx512>($($argument),*);
            }
        }
    };
}

fn assert_found<R: Rule, C: Bytes>(read: &Text, expected: &[usize]) {
    let mut found = Vec::new();
    let scan = Scan {
        text: read,
        at: 0,
        limit: usize::MAX / 2,
        ends: &mut found,
        rule: PhantomData::<R>,
    };
    scan.run::<C>();
    assert!(
        found == expected,
        "{:?}\n{found:?}\n{expected:?}",
        read.as_str()
    );
}

fn check<R: Rule>(text: &str) {
    let mut expected = Vec::new();
    let read = Text::new(text);
    let mut at = 0;
    while at < text.len() {
        at = R::end(&read, at);
        expected.push(at);
    }
    in_all_ways!(assert_found::<R>(&read, &expected));
}

fn check_all(text: &str) {
    for name in ALL {
        with_rule!(name, check(text), none: ());
    }
}

fn assert_ways_agree<R: Rule>() {
    in_all_ways!(assert_like_portable::<R>());
}

fn assert_like_portable<R: Rule, C: Bytes>() {
    let table = R::table();
    let text: String = ('\0'..=char::MAX).step_by(5).collect();
    let mut rest = text.as_str();
    while let Some(bytes) = rest.as_bytes().first_chunk() {
        let expected = Window::classify::<Portable>(bytes, 64, &table);
        let found = Window::classify::<C>(bytes, 64, &table);
        assert_eq!(found, expected, "{bytes:?}");
        let mut step = 61;
        while !rest.is_char_boundary(step) {
            step += 1;
        }
        rest = &rest[step..];
    }
}

#[test]
fn all_ways_classify_all_characters_alike() {
    for name in ALL {
        with_rule!(name, assert_ways_agree(), none: ());
    }
}

fn assert_constants<R: Rule>() {
    let table = R::table();
    let classes = table.classes;
    let all_are = |first: usize, last: usize, class| {
        classes[first..=last].iter().all(|&known| known == class)
    };
    assert!(all_are(0x4E00, 0x9F7F, table.han));
    assert!(all_are(0xB000, 0xCFFF, table.hangul));
}

#[test]
fn what_is_classified_without_a_table_is_in_the_table() {
    for name in ALL {
        with_rule!(name, assert_constants(), none: ());
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
            "a", " ", "x ", "\n", "'s ", "1", "é", "中", "\u{A0}", "\u{2028}", ".", "aB", "\t\n",
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
