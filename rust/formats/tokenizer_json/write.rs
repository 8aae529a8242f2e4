//! Writes a `tokenizer.json` that `tokenizers` and `transformers` read with equal ids.

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::byte_level;
use crate::error::{Error, Result};
use crate::formats::bpe::{self, is_pretoken};
use crate::formats::quote;
use crate::normalize::Normalizer;
use crate::vocab::{AddedToken, Bpe, MergeRule, Model, Unit, Units, Vocab, Words};
use crate::words::UNKNOWN;

use super::FORMAT;

/// Writes the file. [`read`](super::read) gives the same vocabulary back, and equal
/// vocabularies give equal bytes.
///
/// Added tokens are listed apart from the model, as `tokenizers` saves them, unless it
/// would give them other ids on loading: then the model lists them too. The order is
/// that of ids throughout.
pub fn write(vocab: &Vocab) -> Result<Vec<u8>> {
    let around = &vocab.around;
    let splits = match &around.pre_tokenizer {
        Some(_) => Vec::new(),
        None => vocab.pattern.to_oniguruma()?,
    };
    let splits = splits.into_iter().map(Step::split);
    let (model, steps, decoder) = match &vocab.model {
        Model::Bpe(bpe) => {
            let (bytes, decoder) = match bpe.units.unit {
                Unit::Byte => (Some(Step::BYTES), Decoder::BYTES),
                Unit::Character => (None, Decoder::Fuse),
            };
            let steps = splits.chain(bytes).collect();
            (bpe_model(bpe, vocab)?, steps, decoder)
        }
        Model::Words(words) => (word_model(words, vocab)?, splits.collect(), Decoder::Fuse),
    };
    let file = File {
        version: "1.0",
        truncation: raw(around.truncation.as_deref())?,
        padding: raw(around.padding.as_deref())?,
        added_tokens: vocab.added_tokens.iter().map(Added::from).collect(),
        normalizer: raw(vocab.normalizer.as_ref().map(Normalizer::json))?,
        pre_tokenizer: match &around.pre_tokenizer {
            Some(steps) => Own::Kept(raw(Some(steps.json()))?),
            None => Own::Made(Step::sequence(steps)),
        },
        post_processor: raw(vocab.template.as_ref().map(|template| &template.json[..]))?,
        decoder: match &around.decoder {
            Some(decoder) => Own::Kept(raw(Some(decoder.json()))?),
            None => Own::Made(decoder),
        },
        model,
    };
    serde_json::to_vec_pretty(&file).map_err(|error| refuse(error.to_string()))
}

/// JSON that is written as it was read.
fn raw(json: Option<&str>) -> Result<Option<&RawValue>> {
    let value = json.map(serde_json::from_str).transpose();
    value.map_err(|error| Error::InvalidVocab {
        reason: format!("a part of it is not JSON: {error}"),
    })
}

fn refuse(reason: String) -> Error {
    Error::NotExpressible {
        format: FORMAT,
        reason,
    }
}

fn bpe_model(bpe: &Bpe, vocab: &Vocab) -> Result<ModelPart> {
    let MergeRule::Listed { ignore_merges } = bpe.rule else {
        return Err(refuse("it has no list of merges".into()));
    };
    if let Some(reason) = bpe::confusion(bpe, &vocab.added_tokens) {
        return Err(refuse(reason));
    }
    let listed = to_list(
        bpe.tokens.len() + bpe.inert.len(),
        &vocab.added_tokens,
        |id| vocab.model.has(id),
    );
    if ignore_merges {
        // In the model, a text that is a whole pretoken would be found as a plain one.
        for token in &listed {
            let bytes = match bpe.units.unit {
                Unit::Byte => byte_level::decode(&token.text).ok(),
                Unit::Character => Some(token.text.clone().into_bytes()),
            };
            if let Some(bytes) = bytes
                && is_pretoken(&vocab.pattern, &bytes)?
            {
                return Err(refuse(numbering(token)));
            }
        }
    }
    let merges = bpe.merges.iter().map(|merge| bpe::parts(bpe, merge));
    let Units {
        unit,
        prefix,
        suffix,
        byte_fallback,
        unknown,
        ..
    } = &bpe.units;
    let affix = |bytes: &[u8]| (!bytes.is_empty()).then(|| unit.spelled(bytes));
    Ok(ModelPart::Bpe {
        dropout: (),
        unk_token: unknown.and_then(|unknown| key(bpe, vocab, unknown.id)),
        continuing_subword_prefix: affix(prefix),
        end_of_word_suffix: affix(suffix),
        fuse_unk: unknown.is_some_and(|unknown| unknown.fused),
        byte_fallback: *byte_fallback,
        ignore_merges,
        vocab: Entries(bpe::entries(bpe, listed)),
        merges: merges.collect::<Result<_>>()?,
    })
}

/// How the file spells the token of `id`.
fn key(bpe: &Bpe, vocab: &Vocab, id: u32) -> Option<String> {
    let inert = || {
        bpe.spelled(id)
            .map(|text| String::from_utf8_lossy(text).into())
    };
    let added = || {
        let added = vocab.added_tokens.iter().find(|added| added.id == id)?;
        Some(added.text.clone())
    };
    let token = bpe.tokens.get(id);
    let own = token.map(|token| bpe.units.unit.spelled(token));
    own.or_else(inert).or_else(added)
}

fn word_model(words: &Words, vocab: &Vocab) -> Result<ModelPart> {
    if words.unknown != 0 || words.tokens.get(0) != Some(UNKNOWN.as_bytes()) {
        return Err(refuse(format!("{UNKNOWN:?} does not have id 0")));
    }
    if vocab.normalizer.is_some() || vocab.template.is_some() {
        return Err(refuse(
            "a list of words with a normalizer or a template".into(),
        ));
    }
    let other_id = |added: &&AddedToken| {
        words
            .tokens
            .id(added.text.as_bytes())
            .is_some_and(|id| id != added.id)
    };
    if let Some(token) = vocab.added_tokens.iter().find(other_id) {
        let text = quote(&token.text);
        return Err(refuse(format!(
            "the added token {text} has another id as a word"
        )));
    }
    let has = |id| words.tokens.get(id).is_some();
    if let Some(token) = to_list(words.tokens.len(), &vocab.added_tokens, has).first() {
        return Err(refuse(numbering(token)));
    }
    let words = words
        .tokens
        .iter()
        .map(|(id, word)| match std::str::from_utf8(word) {
            Ok(word) => Ok((id, word.to_owned())),
            Err(_) => Err(refuse(format!("id {id} is not valid UTF-8"))),
        });
    Ok(ModelPart::WordLevel {
        vocab: Entries(words.collect::<Result<_>>()?),
        unk_token: UNKNOWN,
    })
}

/// The added tokens that the model must list for `tokenizers` to give them their ids.
/// It numbers the others on from the number of entries that the model lists. `listed` is how many
/// it has, and `has` whether it has an id.
fn to_list(listed: usize, added: &[AddedToken], has: impl Fn(u32) -> bool) -> Vec<&AddedToken> {
    let mut new: Vec<_> = added.iter().filter(|token| !has(token.id)).collect();
    let misnumbered = new
        .iter()
        .enumerate()
        .rposition(|(index, token)| token.id as usize != listed + index);
    new.truncate(misnumbered.map_or(0, |last| last + 1));
    new
}

fn numbering(token: &AddedToken) -> String {
    format!(
        "the added token {} does not have the next unused id",
        quote(&token.text)
    )
}

/// A whole file, its parts in the order in which `tokenizers` writes them.
#[derive(Serialize)]
struct File<'a> {
    version: &'static str,
    truncation: Option<&'a RawValue>,
    padding: Option<&'a RawValue>,
    added_tokens: Vec<Added<'a>>,
    normalizer: Option<&'a RawValue>,
    pre_tokenizer: Own<'a, Step>,
    post_processor: Option<&'a RawValue>,
    decoder: Own<'a, Decoder>,
    model: ModelPart,
}

/// A part that was read, or is made anew.
#[derive(Serialize)]
#[serde(untagged)]
enum Own<'a, T> {
    Kept(Option<&'a RawValue>),
    Made(T),
}

#[derive(Serialize)]
struct Added<'a> {
    id: u32,
    content: &'a str,
    single_word: bool,
    lstrip: bool,
    rstrip: bool,
    normalized: bool,
    special: bool,
}

impl<'a> From<&'a AddedToken> for Added<'a> {
    fn from(token: &'a AddedToken) -> Self {
        Added {
            id: token.id,
            content: &token.text,
            single_word: token.single_word,
            lstrip: token.lstrip,
            rstrip: token.rstrip,
            normalized: token.normalized,
            special: token.special,
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Step {
    Sequence {
        pretokenizers: Vec<Step>,
    },
    Split {
        pattern: Regex,
        behavior: &'static str,
        invert: bool,
    },
    ByteLevel {
        add_prefix_space: bool,
        trim_offsets: bool,
        use_regex: bool,
    },
}

#[derive(Serialize)]
struct Regex {
    #[serde(rename = "Regex")]
    text: String,
}

impl Step {
    /// Writes pretokens in GPT-2's alphabet and does nothing else.
    const BYTES: Step = Step::ByteLevel {
        add_prefix_space: false,
        trim_offsets: false,
        use_regex: false,
    };

    fn split(text: String) -> Step {
        Step::Split {
            pattern: Regex { text },
            behavior: "Isolated",
            invert: false,
        }
    }

    fn sequence(mut steps: Vec<Step>) -> Step {
        match steps.pop() {
            Some(only) if steps.is_empty() => only,
            last => Step::Sequence {
                pretokenizers: steps.into_iter().chain(last).collect(),
            },
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Decoder {
    ByteLevel {
        add_prefix_space: bool,
        trim_offsets: bool,
        use_regex: bool,
    },
    Fuse,
}

impl Decoder {
    /// The flags mean nothing to a decoder; these are the usual ones.
    const BYTES: Decoder = Decoder::ByteLevel {
        add_prefix_space: true,
        trim_offsets: true,
        use_regex: true,
    };
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum ModelPart {
    #[serde(rename = "BPE")]
    Bpe {
        dropout: (),
        unk_token: Option<String>,
        continuing_subword_prefix: Option<String>,
        end_of_word_suffix: Option<String>,
        fuse_unk: bool,
        byte_fallback: bool,
        ignore_merges: bool,
        vocab: Entries,
        merges: Vec<[String; 2]>,
    },
    WordLevel {
        vocab: Entries,
        unk_token: &'static str,
    },
}

/// An object whose keys come in the order of this list.
struct Entries(Vec<(u32, String)>);

impl Serialize for Entries {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(id, key)| (key, id)))
    }
}
