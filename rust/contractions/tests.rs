use proptest::prelude::*;

use super::*;

const LITERAL: Expander = Expander {
    ambiguous: Ambiguous::Likely,
    reorder: false,
    bare: false,
};

fn expand(expander: Expander, text: &str) -> String {
    let expanded = expander.expand(text, &Stop::default()).unwrap();
    expanded.unwrap_or_else(|| text.to_owned())
}

fn edits(expander: Expander, text: &str) -> Vec<Edit> {
    expander.edits(text, &Stop::default()).unwrap()
}

/// Makes edits by the definition.
fn applied(text: &str, edits: &[Edit]) -> String {
    let characters: Vec<char> = text.chars().collect();
    let (mut out, mut done) = (String::new(), 0);
    for edit in edits {
        out.extend(&characters[done..edit.start]);
        out.push_str(&edit.text);
        done = edit.end;
    }
    out.extend(&characters[done..]);
    out
}

fn expanders() -> impl Iterator<Item = Expander> {
    [Ambiguous::Likely, Ambiguous::Keep, Ambiguous::List]
        .into_iter()
        .flat_map(|ambiguous| {
            [false, true].map(|on| Expander {
                ambiguous,
                reorder: on,
                bare: on,
            })
        })
}

#[test]
fn every_kind_of_contraction_is_written_out() {
    for (text, full, rule) in [
        ("I can't go.", "I cannot go.", "not"),
        ("They'd've gone.", "They would have gone.", "would-have"),
        ("'Twasn't me.", "It was not me.", "whole"),
        ("Let's go.", "Let us go.", "us"),
        ("It's late.", "It is late.", "is-predicate"),
        ("It's been late.", "It has been late.", "has-participle"),
        ("She's lost her hat.", "She has lost her hat.", "has-object"),
        ("What's he want?", "What does he want?", "does-inverted"),
        ("He'd better go.", "He had better go.", "had-better"),
        ("He'd go.", "He would go.", "would-infinitive"),
        ("Where'd he go?", "Where did he go?", "did-inverted"),
        ("John's not here.", "John is not here.", "noun-is-predicate"),
        ("Dinner's ready.", "Dinner is ready.", "noun-is-adjective"),
        ("Everyone's here.", "Everyone is here.", "is-predicate"),
        ("We ain't ready.", "We are not ready.", "aint-be"),
        ("She ain't been.", "She has not been.", "aint-have"),
    ] {
        assert_eq!(expand(LITERAL, text), full);
        let rules: Vec<String> = edits(LITERAL, text).into_iter().map(|e| e.rule).collect();
        assert_eq!(rules, [rule], "{text}");
    }
}

#[test]
fn what_is_no_contraction_stays() {
    for text in [
        "",
        "no apostrophe at all",
        "John's hat",
        "the dogs' bowls",
        "rock 'n' roll at 5 o'clock in the '90s",
        "ma'am, 6' 2\"",
        "O'Brien",
        "x_it's don't5 @it's #it's it's_",
        "it'sn't",
        "every dog has it's day",
        "a man who's name is Jim",
        "it let's the cat in",
    ] {
        assert_eq!(LITERAL.expand(text, &Stop::default()), Ok(None), "{text}");
    }
}

#[test]
fn what_is_no_prose_stays() {
    for (text, full) in [
        ("`it's` it's", "`it's` it is"),
        ("``it's ` it's`` it's", "``it's ` it's`` it is"),
        ("```\nit's\n``` it's", "```\nit's\n``` it is"),
        ("```\nit's", "```\nit's"),
        ("`it's", "`it is"),
        ("don`t, won`t", "do not, will not"),
        ("http://a.b/it's it's", "http://a.b/it's it is"),
        ("www.it's it's", "www.it's it is"),
        ("it's@a.b it's", "it's@a.b it is"),
        ("@me.it's it's", "@me.it's it is"),
        ("either/it's", "either/it is"),
    ] {
        assert_eq!(expand(LITERAL, text), full);
    }
}

#[test]
fn places_are_counted_in_characters() {
    let text = "Né 😀 \u{2014} it\u{2019}s, \u{e9}h, don\u{2019}t";
    let places: Vec<_> = edits(LITERAL, text)
        .iter()
        .map(|edit| (edit.start, edit.end))
        .collect();
    assert_eq!(places, [(7, 11), (17, 22)]);
}

#[test]
fn policies_decide_about_what_is_not_sure() {
    let text = "He's gone.";
    let (keep, list) = (
        Expander {
            ambiguous: Ambiguous::Keep,
            ..LITERAL
        },
        Expander {
            ambiguous: Ambiguous::List,
            ..LITERAL
        },
    );
    assert_eq!(edits(keep, text), []);
    assert_eq!(edits(LITERAL, text)[0].alternatives, [""; 0]);
    assert_eq!(edits(list, text)[0].alternatives, ["He has"]);
    assert_eq!(edits(list, "I can't")[0].alternatives, [""; 0]);
}

#[test]
fn not_goes_behind_the_subject_on_request() {
    let reorder = Expander {
        reorder: true,
        ..LITERAL
    };
    for (text, full) in [
        ("Don't you think so?", "Do you not think so?"),
        ("AREN'T I RIGHT?", "AM I NOT RIGHT?"),
        (
            "Why isn't the old man here?",
            "Why is the old man not here?",
        ),
        ("I don't you know.", "I do not you know."),
        ("Don't you dare.", "Do not you dare."),
    ] {
        assert_eq!(expand(reorder, text), full);
    }
    let inverted = &edits(reorder, "Isn't it late?")[0];
    assert_eq!(inverted.rule, "not-inverted");
    assert_eq!((inverted.start, inverted.end), (0, 8));
}

#[test]
fn missing_apostrophes_are_seen_on_request() {
    let bare = Expander {
        bare: true,
        ..LITERAL
    };
    for (text, full) in [
        ("I dont know, im late.", "I do not know, I am late."),
        (
            "DONT go, you cant, it's shut",
            "DO NOT go, you cannot, it is shut",
        ),
        ("shes been here, hes won", "she has been here, he has won"),
        ("its a dog and its tail", "it is a dog and its tail"),
        (
            "see www.im.org/dont, @dont, `dont`",
            "see www.im.org/dont, @dont, `dont`",
        ),
        ("well, we were ill in hell", "well, we were ill in hell"),
    ] {
        let expected = full.replace("I am", "i am");
        assert_eq!(expand(bare, text), expected);
        assert_eq!(LITERAL.expand("I dont", &Stop::default()), Ok(None));
    }
}

#[test]
fn work_can_be_stopped() {
    assert_eq!(
        LITERAL.expand("It's", &Stop::set()),
        Err(Error::Interrupted)
    );
}

/// Each would take hours if the work for one place grew with the text.
#[test]
fn the_work_is_linear() {
    let reorder = Expander {
        reorder: true,
        bare: true,
        ..LITERAL
    };
    for unit in [
        "'",
        "\u{2019}",
        "it's",
        "it's ",
        "'s",
        "a'",
        "I'd've",
        "`",
        "x`y",
        "``",
        "``` ",
        "it's `",
        "@a",
        "a@",
        "a@b.",
        "http://",
        "www.",
        "a-",
        "don't ",
        "don't the ",
        "it's\n",
        "it's it",
        "im ",
        "dont",
        "he'd put ",
        "Tom's used ",
    ] {
        // The first word makes all the text be searched for addresses.
        let text = format!("a/it's {} it's", unit.repeat(1_000_000 / unit.len()));
        assert!(!edits(reorder, &text).is_empty(), "{unit}");
    }
}

proptest! {
    #[test]
    fn expanding_makes_the_edits(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "it", "he", "who", "John", "I", "don", "ain", "y", "let", "can", "O", "'s", "'d",
                "'t", "n't", "'ll", "'ve", "'re", "'m", "'tis", "'all", "'", "\u{2019}", "`", "``",
                " ", " ", " ", "\n", "\n\n", ".", ",", "?", "@", "://", "www.", "not", "been",
                "gone", "a", "the", "my", "put", "better", "you", "5", "_", "-", "\u{301}", "\0",
                "é", "中", "\u{1f600}", "name", "own", "is",
                "dont", "im", "its",
            ]),
            0..30,
        )
    ) {
        let text = words.concat();
        for expander in expanders() {
            let edits = edits(expander, &text);
            prop_assert_eq!(expand(expander, &text), applied(&text, &edits));
            prop_assert!(edits.windows(2).all(|pair| pair[0].end <= pair[1].start));
            for edit in edits {
                prop_assert!(edit.start < edit.end);
                prop_assert!(edit.confidence > 0.0 && edit.confidence <= 1.0);
                prop_assert!(!edit.rule.is_empty() && !edit.alternatives.contains(&edit.text));
            }
        }
    }

    #[test]
    fn text_without_apostrophes_stays(text: String) {
        if !text.contains(|character| APOSTROPHES.contains(character)) {
            for expander in expanders().filter(|expander| !expander.bare) {
                prop_assert_eq!(expander.expand(&text, &Stop::default()), Ok(None));
            }
        }
    }
}
