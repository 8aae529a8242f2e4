use super::*;

fn token(id: u32, text: &str) -> AddedToken {
    AddedToken {
        special: false,
        ..AddedToken::special(id, text)
    }
}

fn pieces(added: &AddedTokens, text: &[u8], special: Special) -> (Vec<String>, u64) {
    let mut pieces = Vec::new();
    let as_text = added.split(text, special, true, &Stop::default(), |piece| {
        pieces.push(match piece {
            Piece::Text { bytes, .. } => bytes.escape_ascii().to_string(),
            Piece::Added { id, span, .. } => format!("#{id}:{}", span.1 - span.0),
        });
        Ok(())
    });
    (pieces, as_text.unwrap())
}

#[test]
fn marked_tokens_are_tokens_and_others_text() {
    let strips = AddedToken {
        lstrip: true,
        rstrip: true,
        ..AddedToken::special(2, "<m>")
    };
    let late = AddedToken {
        normalized: true,
        ..AddedToken::special(4, "e\u{301}")
    };
    let tokens = [AddedToken::special(1, "<s>"), strips, token(3, "ab"), late];
    let added = AddedTokens::new(&tokens, Some(Normalizer::nfc()), false).unwrap();
    let find = |text: &[u8]| pieces(&added, text, Special::Marked).0;
    assert_eq!(find(b"<s>x\xfe<s>\xfdaab"), ["<s>x", "#1:5", "a", "#3:2"]);
    assert_eq!(
        find(b"x \xfe<m>\xfd\n\xfe<s>\xfd y"),
        ["x", "#2:7", "#1:5", " y"]
    );
    let text = [
        b"a\xfe",
        "e\u{301}".as_bytes(),
        b"\xfde",
        "\u{301}".as_bytes(),
    ]
    .concat();
    assert_eq!(find(&text), ["a", "#4:5", "\\xc3\\xa9"]);
    // What no caller writes is text.
    for text in [
        &b"\xfe<s>"[..],
        b"\xfeab\xfd",
        b"\xfe\xfd",
        b"<s>\xfd",
        b"\xfe<s>\xfe",
    ] {
        assert!(!find(text).concat().contains("#1"));
    }
    assert_eq!(find(b"\xfe\xfe<s>\xfd"), ["\\xfe", "#1:5"]);
}

#[test]
fn matches_in_white_space_that_was_taken_in_count_again() {
    let token = |id, text: &str, lstrip, rstrip| AddedToken {
        lstrip,
        rstrip,
        ..token(id, text)
    };
    let spans = |tokens: &[AddedToken], text: &str| {
        let added = AddedTokens::new(tokens, None, false).unwrap();
        let mut spans = Vec::new();
        let split = added.split(
            text.as_bytes(),
            Special::Token,
            true,
            &Stop::default(),
            |piece| {
                spans.push(match piece {
                    Piece::Text { bytes, origin } => (0, origin.span(0..bytes.len())),
                    Piece::Added { id, span, .. } => (id, span),
                });
                Ok(())
            },
        );
        split.unwrap();
        spans
    };
    let tokens = [token(1, "<x>", false, true), token(2, "  ", false, false)];
    assert_eq!(
        spans(&tokens, "<x>   a"),
        [(1, (0, 6)), (2, (3, 5)), (0, (5, 7))]
    );
    let tokens = [token(1, "<x>", true, true), token(2, "  ", false, true)];
    assert_eq!(
        spans(&tokens, "<x>    <x>"),
        [(1, (0, 7)), (2, (3, 7)), (2, (5, 7)), (1, (7, 10))]
    );
    // Where what was taken in is all there is of one, it stands for nothing.
    let tokens = [token(1, "<x>", false, true), token(2, "  ", true, false)];
    assert_eq!(
        spans(&tokens, "<x>   a"),
        [(1, (0, 6)), (2, (6, 6)), (0, (6, 7))]
    );
    // In linear time, however long the white space is.
    let tokens = [token(1, "  ", false, true), token(2, " ", false, true)];
    assert_eq!(spans(&tokens, &" ".repeat(100_000)).len(), 50_000);
}

#[test]
fn takes_the_longest_and_counts_text() {
    let tokens = [
        AddedToken::special(1, "<a>"),
        AddedToken::special(2, "<a><b>"),
        token(3, "b>c"),
    ];
    let added = AddedTokens::new(&tokens, None, false).unwrap();
    assert_eq!(
        pieces(&added, b"x<a>y<a><b>c", Special::Token).0,
        ["x", "#1:3", "y", "#2:6", "c"]
    );
    // The special token that is text still hides the other one.
    assert_eq!(
        pieces(&added, b"<a><b>cb>c", Special::Text),
        (vec!["<a><b>c".into(), "#3:3".into()], 1)
    );
    assert_eq!(
        added.split(b"ab<a>", Special::Error, true, &Stop::default(), |_| Ok(())),
        Err(Error::SpecialTokenInText {
            token: "<a>".into(),
            offset: 2
        })
    );
}

#[test]
fn takes_white_space_in() {
    let mask = AddedToken {
        lstrip: true,
        rstrip: true,
        ..token(1, "<m>")
    };
    let space = token(2, " ");
    let added = AddedTokens::new(&[mask, space], None, false).unwrap();
    let text = "a\t\u{2000}<m>\n<m>\u{a0} b c".as_bytes();
    let expected = ["a", "#1:8", "#1:6", "#2:1", "b", "#2:1", "c"];
    assert_eq!(pieces(&added, text, Special::Text).0, expected);
}

#[test]
fn single_words_stand_alone() {
    let added = AddedTokens::new(
        &[AddedToken {
            single_word: true,
            ..token(1, "<m>")
        }],
        None,
        false,
    )
    .unwrap();
    let text = "<m>, a<m> <m>\u{330} <m>_ \u{e9}<m> \u{b2}<m>\u{ff}".as_bytes();
    let (found, _) = pieces(&added, text, Special::Text);
    let whole = ", a<m> <m>\u{330} <m>_ \u{e9}<m> \u{b2}<m>\u{ff}".as_bytes();
    assert_eq!(found, ["#1:3", &whole.escape_ascii().to_string()]);
    assert_eq!(
        pieces(&added, b"\xff<m>\x80", Special::Text).0,
        ["\\xff", "#1:3", "\\x80"]
    );
}

#[test]
fn normalizes_between_tokens() {
    let raw = token(1, "e\u{301}");
    let late = AddedToken {
        normalized: true,
        ..token(2, "o\u{301}")
    };
    let added = AddedTokens::new(&[raw, late], Some(Normalizer::nfc()), false).unwrap();
    let text = b"a\xCC\x81e\xCC\x81\xFFa\xCC\x81\xC3\xB3 o\xCC\x81";
    let expected = ["\\xc3\\xa1", "#1:3", "\\xff\\xc3\\xa1", "#2:2", " ", "#2:1"];
    assert_eq!(pieces(&added, text, Special::Text).0, expected);
}

#[test]
fn knows_when_it_is_plain() {
    let plain = |tokens: &[AddedToken], normalizer| {
        AddedTokens::new(tokens, normalizer, false)
            .unwrap()
            .is_plain()
    };
    assert!(plain(&[], None));
    assert!(plain(&[token(1, "a"), AddedToken::special(2, "b")], None));
    assert!(plain(
        &[AddedToken {
            normalized: true,
            ..token(1, "a")
        }],
        None
    ));
    assert!(!plain(
        &[
            AddedToken {
                normalized: true,
                ..token(1, "a")
            },
            token(2, "b")
        ],
        None
    ));
    assert!(!plain(
        &[AddedToken {
            lstrip: true,
            ..token(1, "a")
        }],
        None
    ));
    assert!(!plain(&[], Some(Normalizer::nfc())));
}
