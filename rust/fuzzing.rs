//! What holds for all bytes. The targets in `rust/fuzz` call these checks with bytes of their
//! choice; tests call them with what the targets found, and with a few others.

#![allow(clippy::unwrap_used)]

use std::sync::{Arc, LazyLock};

use crate::Special;
use crate::decode::stream::DocumentDecoder;
use crate::documents::Unit;
use crate::encode::stream::{DocumentEncoder, StreamOptions};
use crate::error::Error;
use crate::formats::{gguf, sentencepiece, tekken, tiktoken, tokenizer_json, vocab_merges};
use crate::pattern::{self, Pattern};
use crate::testing::{pretokens, reference, trained};
use crate::threads::NEVER;
use crate::tokenizer::Tokenizer;
use crate::vocab::{AddedToken, MergeRule, Model, Vocab};

/// What the vocabularies are trained on: several scripts, signs, numbers and white space.
const TEXT: &str = "The cat's hat isn't  on the mats; we'LL sit, 1234567 times!\n\n  that(x) == 00\r\n\t\
    café Straße ÀÉ ʰ e\u{301}a\u{301} съешь ещё этих 中文天地玄黄，宇宙洪荒。いろはにほへと 다람쥐 헌 ٣٣ ½ Ⅷ \u{1F600}\u{1F600} ";

/// A vocabulary for every named pattern, by listed merges and by ranks in turn.
static TOKENIZERS: LazyLock<Vec<Arc<Tokenizer>>> = LazyLock::new(|| {
    let vocab = |(index, name): (usize, &&str)| {
        let mut vocab = trained(&TEXT.repeat(3), name, 120);
        if let (Model::Bpe(bpe), 1) = (&mut vocab.model, index % 2) {
            bpe.rule = MergeRule::Ranked;
            bpe.merges.clear();
        }
        vocab.added_tokens = vec![
            AddedToken::special(900, "<|"),
            AddedToken::special(901, "a>"),
        ];
        Arc::new(Tokenizer::new(vocab).unwrap())
    };
    pattern::NAMES.iter().enumerate().map(vocab).collect()
});

/// The first byte chooses one of `all`.
fn chosen<'d, T>(data: &'d [u8], all: &'static [T]) -> Option<(&'static T, u8, &'d [u8])> {
    let (&choice, rest) = data.split_first()?;
    Some((&all[choice as usize % all.len()], choice, rest))
}

/// Ids are those of the slow encoder, with and without a full cache. They come back as the text, their
/// offsets tile it, and a stream of pieces has the same.
pub fn encode(data: &[u8]) {
    let Some((tokenizer, choice, text)) = chosen(data, &TOKENIZERS) else {
        return;
    };
    let Model::Bpe(bpe) = &tokenizer.vocab().model else {
        return;
    };
    let pieces = pretokens(&tokenizer.vocab().pattern, text);
    let expected: Vec<u32> = pieces
        .into_iter()
        .flat_map(|piece| reference(bpe, piece))
        .collect();
    let encoded = || tokenizer.encode(text, Special::Text, false).unwrap();
    assert_eq!(encoded(), expected);
    assert_eq!(encoded(), expected);
    assert_eq!(tokenizer.decode(&expected, NEVER).unwrap(), text);
    assert_eq!(
        tokenizer.count(text, Special::Text, false, NEVER),
        Ok(expected.len())
    );

    let (ids, offsets) = tokenizer
        .encode_with_offsets(text, Special::Token, false, NEVER)
        .unwrap();
    assert_eq!(tokenizer.decode(&ids, NEVER).unwrap(), text);
    let mut at = 0;
    for (id, &(start, end)) in ids.into_iter().zip(&offsets) {
        assert_eq!(
            (start, tokenizer.token(id).unwrap()),
            (at, &text[start as usize..end as usize])
        );
        at = end;
    }
    assert_eq!(at, text.len() as i64);

    assert_eq!(streamed(tokenizer, text, choice as usize % 7 + 1), expected);
}

/// The ids of a stream in pieces of `size` bytes.
fn streamed(tokenizer: &Arc<Tokenizer>, text: &[u8], size: usize) -> Vec<u32> {
    let options = StreamOptions {
        unit: Unit::Whole,
        special: Special::Text,
        offsets: false,
        count_special: false,
        dropout: None,
        threads: 1,
        max_pretoken_bytes: 1 << 20,
    };
    let mut encoder = DocumentEncoder::new(tokenizer.clone(), options);
    for piece in text.chunks(size) {
        encoder.give(piece, &[], NEVER);
    }
    encoder.give_end(NEVER);
    let take = || encoder.take(0, NEVER).unwrap();
    std::iter::from_fn(take)
        .flat_map(|block| block.ids)
        .collect()
}

/// Ids are decoded to the bytes of their tokens, also piece by piece, or the first that is
/// unknown is named.
pub fn decode(data: &[u8]) {
    let Some((tokenizer, choice, rest)) = chosen(data, &TOKENIZERS) else {
        return;
    };
    let ids: Vec<u32> = rest
        .as_chunks()
        .0
        .iter()
        .map(|&id| u16::from_le_bytes(id).into())
        .collect();
    let token = |&id: &u32| tokenizer.token(id);
    let known: Vec<&[u8]> = ids.iter().map_while(token).collect();
    let decoded = tokenizer.decode(&ids, NEVER);
    if let Some(&id) = ids.get(known.len()) {
        let position = known.len();
        return assert_eq!(decoded, Err(Error::UnknownId { id, position }));
    }
    let text = known.concat();
    assert_eq!(decoded.as_deref(), Ok(&text[..]));
    let mut decoder = DocumentDecoder::new(tokenizer.clone(), b"", &[], &[]);
    let pieces = ids.chunks(choice as usize % 5 + 1);
    let mut out: Vec<u8> = pieces
        .flat_map(|ids| decoder.more(ids, NEVER).unwrap())
        .collect();
    out.extend(decoder.end().unwrap());
    assert_eq!(out, text);
    let bounds = [0, ids.len() as i64 / 2, ids.len() as i64];
    assert_eq!(tokenizer.decode_rows(&ids, &bounds, NEVER).unwrap().0, text);
}

/// Whatever the file: it is refused, or gives a vocabulary that encodes, and that is the same
/// after it was written and read again.
pub fn load(data: &[u8]) {
    let Some((&kind, file)) = data.split_first() else {
        return;
    };
    let gpt2 = || Pattern::parse("gpt2").unwrap();
    let read = match kind % 6 {
        0 => tokenizer_json::read(file),
        1 => tiktoken::read(file, gpt2(), &[]),
        2 => {
            let cut = file
                .iter()
                .position(|&byte| byte == 0)
                .unwrap_or(file.len());
            vocab_merges::read(
                &file[..cut],
                &file[(cut + 1).min(file.len())..],
                gpt2(),
                &[],
            )
        }
        3 => sentencepiece::read(file),
        4 => gguf::read(file),
        _ => tekken::read(file),
    };
    // Ids far apart are valid, but tables by id would take the memory of the machine.
    let small = |vocab: &Vocab| vocab.model.tokens().id_limit() < 1 << 20;
    let Some(tokenizer) = read
        .ok()
        .filter(small)
        .and_then(|vocab| Tokenizer::new(vocab).ok())
    else {
        return;
    };
    let encoded = |tokenizer: &Tokenizer| tokenizer.encode(TEXT.as_bytes(), Special::Text, false);
    let ids = encoded(&tokenizer);
    if let Ok(ids) = &ids {
        tokenizer.decode(ids, NEVER).unwrap();
    }
    if let Ok(written) = tokenizer_json::write(&tokenizer.listed()) {
        let again = Tokenizer::new(tokenizer_json::read(&written).unwrap()).unwrap();
        assert_eq!(encoded(&again), ids);
    }
}

/// Pretokens are not empty and joined they are the text. A named pattern splits as its regex does;
/// before a NUL there may be another regex.
pub fn pattern(data: &[u8]) {
    let Some((name, choice, text)) = chosen(data, pattern::NAMES) else {
        return;
    };
    let checked = |pattern: &Pattern, text: &[u8]| {
        let mut ends = Vec::new();
        let mut pretokens = pattern.pretokens(text);
        let (mut some, mut last) = (Vec::new(), 0);
        loop {
            // The work of a regex is limited.
            if pretokens.fill(&mut some).is_err() {
                return None;
            }
            for &end in &some {
                assert!(last < end);
                last = end;
            }
            if some.is_empty() {
                assert_eq!(last, text.len());
                return Some(ends);
            }
            ends.extend_from_slice(&some);
        }
    };
    let cut = text.iter().position(|&byte| byte == 0);
    if choice >= 0x80
        && let Some(cut) = cut
    {
        if let Ok(pattern) = std::str::from_utf8(&text[..cut])
            .map_or(Err(()), |text| Pattern::parse(text).map_err(drop))
        {
            checked(&pattern, &text[cut + 1..]);
        }
        return;
    }
    let named = Pattern::parse(name).unwrap();
    assert_eq!(
        checked(&named, text),
        checked(&named.as_regex(), text),
        "{name}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Texts of the scripts that the vocabularies know, with any bytes between them.
    fn data() -> impl Strategy<Value = Vec<u8>> {
        let character = prop::sample::select(TEXT.chars().collect::<Vec<_>>());
        let piece = prop_oneof![
            9 => character.prop_map(|character| character.to_string().into_bytes()),
            1 => prop::collection::vec(any::<u8>(), 1..3),
        ];
        let pieces = prop::collection::vec(piece, 0..40);
        (any::<u8>(), pieces).prop_map(|(choice, pieces)| [vec![choice], pieces.concat()].concat())
    }

    proptest! {
        #[test]
        fn checks_hold(data in data()) {
            encode(&data);
            pattern(&data);
            load(&data);
        }

        #[test]
        fn checks_of_decoding_hold(
            choice in any::<u8>(),
            ids in prop::collection::vec(prop_oneof![40 => 0..376u16, 1 => any::<u16>()], 0..40),
        ) {
            let ids = ids.into_iter().flat_map(u16::to_le_bytes);
            decode(&[choice].into_iter().chain(ids).collect::<Vec<_>>());
        }
    }
}
