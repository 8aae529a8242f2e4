//! Tests of all formats together; what belongs to one function stands beside it.

mod damage;
mod foreign;
mod gguf;
mod round_trips;
mod sentencepiece;
mod tekken;

use crate::byte_level::GPT2_ORDER;
use crate::pattern::Pattern;
use crate::vocab::{AddedToken, Bpe, Merge, MergeRule, Model, Tokens, Vocab};

/// A vocabulary of the bytes of `alphabet`, of tokens spelt by adding one byte string to
/// another, as `(left, right)`, and of special tokens.
fn vocab(alphabet: &[u8], merges: &[(&[u8], &[u8])], special: &[&str]) -> Vocab {
    let mut tokens = Tokens::new((0..).zip(alphabet.iter().map(|&byte| [byte]))).unwrap();
    let mut list = Vec::new();
    for (left, right) in merges {
        let id = tokens.len() as u32;
        let parts = [left, right].map(|part| tokens.id(part).unwrap());
        tokens.push(id, &[*left, *right].concat()).unwrap();
        list.push(Merge {
            left: parts[0],
            right: parts[1],
            id,
        });
    }
    let added = special.iter().zip(tokens.len() as u32..);
    Vocab {
        added_tokens: added
            .map(|(text, id)| AddedToken::special(id, *text))
            .collect(),
        model: Model::Bpe(Bpe {
            tokens,
            merges: list,
            rule: MergeRule::Listed {
                ignore_merges: false,
            },
            ..Bpe::default()
        }),
        pattern: Pattern::parse("cl100k").unwrap(),
        normalizer: None,
        around: Default::default(),
        template: None,
    }
}

/// A small vocabulary like those that training makes.
fn trained() -> Vocab {
    let merges: [(&[u8], &[u8]); 6] = [
        (b" ", b"t"),
        (b"h", b"e"),
        (b" t", b"he"),
        (b"\xD0", b"\xBF"),
        (b"\n", b"\n"),
        (b"#", b"v"),
    ];
    vocab(&GPT2_ORDER, &merges, &["<|endoftext|>", "<|pad|>"])
}

fn bpe(vocab: &Vocab) -> &Bpe {
    match &vocab.model {
        Model::Bpe(bpe) => bpe,
        Model::Words(_) => panic!("not a BPE model"),
    }
}

fn pretokens(pattern: &Pattern, text: &str) -> Vec<String> {
    let mut walk = pattern.pretokens(text.as_bytes());
    let (mut all, mut ends, mut start) = (Vec::new(), Vec::new(), 0);
    loop {
        walk.fill(&mut ends).unwrap();
        if ends.is_empty() {
            return all;
        }
        for &end in &ends {
            all.push(text[start..end].to_owned());
            start = end;
        }
    }
}

fn assert_same(left: &Vocab, right: &Vocab) {
    let listed = |vocab: &Vocab| -> Vec<(u32, Vec<u8>)> {
        vocab
            .model
            .tokens()
            .iter()
            .map(|(id, token)| (id, token.to_vec()))
            .collect()
    };
    assert_eq!(listed(left), listed(right));
    match (&left.model, &right.model) {
        (Model::Bpe(left), Model::Bpe(right)) => {
            assert_eq!(left.merges, right.merges);
            assert_eq!(left.rule, right.rule);
            assert_eq!(left.units, right.units);
            assert_eq!(left.inert, right.inert);
        }
        (Model::Words(left), Model::Words(right)) => assert_eq!(left.unknown, right.unknown),
        _ => panic!("one is BPE, one is not"),
    }
    assert_eq!(left.normalizer, right.normalizer);
    assert_eq!(left.added_tokens, right.added_tokens);
    assert_eq!(left.template, right.template);
    let sample = "It's 2024:  naïve  日本語 \r\n\n \tx_y 12345, DON'T!  ";
    assert_eq!(
        pretokens(&left.pattern, sample),
        pretokens(&right.pattern, sample)
    );
}
