//! The `pre_tokenizer` of a `tokenizer.json`.

use super::needle::{self, Source};
use crate::error::{Error, Result};
use crate::formats::json::{Node, Object};
use crate::pattern::Pattern;
use crate::pretokenize::{Behavior, Class, Cuts, Metaspace, PreTokenizer, Prepend, Step};

const NAME: &str = "a pre_tokenizer";

/// What a `pre_tokenizer` does.
pub(super) struct Splits {
    /// All of it, where `steps` is `None`.
    pub pattern: Pattern,
    /// What a pattern cannot say.
    pub steps: Option<PreTokenizer>,
    /// Whether pretokens are written in GPT-2's alphabet.
    pub byte_level: bool,
}

/// A step as the file has it.
enum Read<'a> {
    /// A split whose pieces are the matches and what is between them.
    Isolated(Source, Node<'a>),
    /// The regex of GPT-2.
    Gpt2,
    Other(Step),
    /// A split that does something else with what it finds.
    Split(Node<'a>, Cuts),
}

/// Reads a pre-tokenizer. With `mapped`, the normalizer writes bytes in GPT-2's alphabet
/// already.
pub(super) fn read(node: Option<Node>, mapped: bool) -> Result<Splits> {
    let mut steps = Vec::new();
    if let Some(node) = node {
        read_steps(node, &mut steps)?;
    }
    let json = node.map_or("null", Node::text).to_owned();
    // It would add a character of GPT-2's alphabet, which is not told from bytes here.
    let mut bytes = mapped;
    for step in &steps {
        match step {
            Read::Other(Step::Metaspace(_)) if bytes => {
                return Err(Error::Unsupported {
                    what: "a Metaspace after ByteLevel".into(),
                });
            }
            Read::Other(Step::Bytes) => bytes = true,
            _ => {}
        }
    }
    let is_bytes = |step: &Read| matches!(step, Read::Other(Step::Bytes));
    let byte_level = mapped || steps.iter().any(is_bytes);
    let plain = match steps.split_last() {
        Some((last, before)) if is_bytes(last) => before,
        _ => &steps,
    };
    let ends_with_bytes = plain.len() < steps.len();
    if (ends_with_bytes || !mapped)
        && let Some(pattern) = as_pattern(plain)?
    {
        return Ok(Splits {
            pattern,
            steps: None,
            byte_level,
        });
    }
    let steps = PreTokenizer::new(join(steps)?, json);
    Ok(Splits {
        pattern: Pattern::parse("none")?,
        steps: Some(steps),
        byte_level,
    })
}

/// The pattern that splits as these steps do, if they only split.
///
/// `Digits` splits at what Rust's `char::is_numeric` holds for numbers, by the Unicode version of the
/// compiler that built the library. It is part of a named pattern where one means the same but for
/// thirteen numbers that are new in Unicode 17; elsewhere it is a step of its own.
fn as_pattern(steps: &[Read]) -> Result<Option<Pattern>> {
    let gpt2 = Pattern::parse("gpt2")?;
    let mut texts: Vec<String> = Vec::new();
    let mut only_named = false;
    for step in steps {
        match step {
            Read::Isolated(source, _) => texts.push(source.regex()),
            Read::Gpt2 => {
                // The pieces that it makes are pieces of its own, so twice is as good as once.
                let again = texts
                    .last()
                    .is_some_and(|last| Pattern::from_oniguruma(&[last]) == Ok(gpt2.clone()));
                if !again {
                    texts.extend(gpt2.to_oniguruma()?);
                }
            }
            Read::Other(Step::Class {
                class: Class::Numeric,
                cuts,
            }) => {
                only_named = true;
                texts.push(match cuts.behavior {
                    Behavior::Isolated => r"\p{N}".to_owned(),
                    _ => r"\p{N}+".to_owned(),
                });
            }
            Read::Other(_) | Read::Split(..) => return Ok(None),
        }
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    if texts.is_empty() {
        return Ok(Some(Pattern::parse("none")?));
    }
    // What a pattern cannot be written as is run step by step.
    let pattern = Pattern::from_oniguruma(&texts).ok();
    Ok(pattern.filter(|pattern| pattern.is_named() || !only_named))
}

/// The steps to run. Splits that follow one another are one pattern where they can be.
fn join(steps: Vec<Read>) -> Result<Vec<Step>> {
    let (mut all, mut splits) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Read::Isolated(..) | Read::Gpt2 => splits.push(step),
            Read::Other(step) => {
                end(&mut splits, &mut all)?;
                all.push(step);
            }
            Read::Split(node, cuts) => {
                end(&mut splits, &mut all)?;
                let needle = needle::read(node, "the Split pattern")?;
                all.push(Step::Matches { needle, cuts });
            }
        }
    }
    end(&mut splits, &mut all)?;
    Ok(all)
}

/// Appends `splits` as steps, and empties it.
fn end(splits: &mut Vec<Read>, all: &mut Vec<Step>) -> Result<()> {
    if splits.is_empty() {
        return Ok(());
    }
    if let Some(pattern) = as_pattern(splits)? {
        splits.clear();
        all.push(Step::Pattern(pattern));
        return Ok(());
    }
    for split in splits.drain(..) {
        all.push(match split {
            Read::Isolated(_, node) => Step::Matches {
                needle: needle::read(node, "the Split pattern")?,
                cuts: Cuts {
                    behavior: Behavior::Isolated,
                    invert: false,
                },
            },
            _ => Step::Pattern(Pattern::parse("gpt2")?),
        });
    }
    Ok(())
}

/// Appends the steps of a pre-tokenizer, however deeply sequences are nested.
fn read_steps<'a>(node: Node<'a>, steps: &mut Vec<Read<'a>>) -> Result<()> {
    let mut nodes = vec![node];
    while let Some(node) = nodes.pop() {
        let mut fields = node.object(NAME)?;
        let kind = fields.need("type")?;
        if kind.string()? == "Sequence" {
            let inner = fields.need("pretokenizers")?.list()?;
            nodes.extend(inner.into_iter().rev());
            fields.finish()?;
        } else {
            read_step(kind, &mut fields, steps)?;
            fields.finish()?;
        }
    }
    Ok(())
}

fn read_step<'a>(kind: Node, fields: &mut Object<'a>, steps: &mut Vec<Read<'a>>) -> Result<()> {
    let class = |class, behavior| {
        let invert = false;
        let cuts = Cuts { behavior, invert };
        Read::Other(Step::Class { class, cuts })
    };
    match kind.string()?.as_str() {
        "Split" => {
            let cuts = Cuts {
                behavior: read_behavior(fields)?,
                invert: fields.take("invert").map_or(Ok(false), Node::boolean)?,
            };
            let pattern = fields.need("pattern")?;
            let source = needle::read_source(pattern)?;
            // Matches and gaps alike are pieces.
            steps.push(match cuts.behavior {
                Behavior::Isolated => Read::Isolated(source, pattern),
                _ => Read::Split(pattern, cuts),
            });
        }
        "ByteLevel" => {
            let flag = |node: Option<Node>| node.map_or(Ok(true), Node::boolean);
            // A missing one is an error there.
            if fields
                .take("add_prefix_space")
                .map_or(Ok(false), Node::boolean)?
            {
                steps.push(Read::Other(Step::PrefixSpace));
            }
            fields.ignore_flags(&["trim_offsets"])?;
            if flag(fields.take("use_regex"))? {
                steps.push(Read::Gpt2);
            }
            steps.push(Read::Other(Step::Bytes));
        }
        "Digits" => {
            let single = fields.take("individual_digits");
            let behavior = match single.map_or(Ok(false), Node::boolean)? {
                true => Behavior::Isolated,
                false => Behavior::Contiguous,
            };
            steps.push(class(Class::Numeric, behavior));
        }
        "Punctuation" => {
            let behavior = match fields.has("behavior") {
                true => read_behavior(fields)?,
                false => Behavior::Isolated,
            };
            steps.push(class(Class::Punctuation, behavior));
        }
        "Whitespace" => steps.push(Read::Other(Step::Words)),
        "WhitespaceSplit" => steps.push(class(Class::Whitespace, Behavior::Removed)),
        "BertPreTokenizer" => {
            steps.push(class(Class::Whitespace, Behavior::Removed));
            steps.push(class(Class::Punctuation, Behavior::Isolated));
        }
        "CharDelimiterSplit" | "Delimiter" => {
            let delimiter = read_character(fields.need("delimiter")?)?;
            steps.push(class(Class::Is(delimiter), Behavior::Removed));
        }
        "Metaspace" => steps.push(Read::Other(Step::Metaspace(read_metaspace(fields)?))),
        "FixedLength" => {
            let node = fields.take("length");
            let length = node.map_or(Ok(5), Node::id)?;
            if let (0, Some(node)) = (length, node) {
                return Err(fields.unsupported("length", node));
            }
            steps.push(Read::Other(Step::Length(length as usize)));
        }
        _ => return Err(fields.unsupported("type", kind)),
    }
    Ok(())
}

fn read_behavior(fields: &mut Object) -> Result<Behavior> {
    let behavior = fields.need("behavior")?;
    Ok(match behavior.string()?.as_str() {
        "Removed" => Behavior::Removed,
        "Isolated" => Behavior::Isolated,
        "MergedWithPrevious" => Behavior::MergedWithPrevious,
        "MergedWithNext" => Behavior::MergedWithNext,
        "Contiguous" => Behavior::Contiguous,
        _ => return Err(fields.unsupported("behavior", behavior)),
    })
}

/// Reads what a `Metaspace` does, which occurs in decoders, too.
pub(super) fn read_metaspace(fields: &mut Object) -> Result<Metaspace> {
    let replacement = read_character(fields.need("replacement")?)?;
    fields.take("str_rep").map(Node::string).transpose()?;
    let mut prepend = match fields.take("prepend_scheme") {
        None => Prepend::Always,
        Some(scheme) => match scheme.string()?.as_str() {
            "always" => Prepend::Always,
            "first" => Prepend::First,
            "never" => Prepend::Never,
            _ => return Err(fields.unsupported("prepend_scheme", scheme)),
        },
    };
    // Older files have this instead.
    if let Some(prefix) = fields.take("add_prefix_space")
        && !prefix.boolean()?
    {
        prepend = Prepend::Never;
    }
    Ok(Metaspace {
        replacement,
        prepend,
        split: fields.take("split").map_or(Ok(true), Node::boolean)?,
    })
}

pub(super) fn read_character(node: Node) -> Result<char> {
    let text = node.string()?;
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character),
        _ => Err(node.location().error("expected one character")),
    }
}
