//! The patterns that have names.

use crate::unicode::{LETTER, NUMBER, SIGN, SPACE};

/// A pattern with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// GPT-2 and most models before 2023.
    Gpt2,
    /// tiktoken's cl100k, in which all white space that ends a text is one pretoken.
    Cl100k,
    /// tiktoken's o200k.
    O200k,
    /// Llama 3, and what Hugging Face has for cl100k: white space that ends a text is
    /// divided after its last line feed or carriage return.
    Llama3,
    /// Qwen 2 and later.
    Qwen2,
    /// DeepSeek-V3 and R1.
    DeepseekV3,
    /// Runs of white space, and runs of anything else.
    Whitespace,
    /// The whole text.
    None,
}

/// All of them, in the order in which they are listed to users.
pub const ALL: [Named; 8] = [
    Named::Gpt2,
    Named::Cl100k,
    Named::O200k,
    Named::Llama3,
    Named::Qwen2,
    Named::DeepseekV3,
    Named::Whitespace,
    Named::None,
];

impl Named {
    pub const fn name(self) -> &'static str {
        match self {
            Named::Gpt2 => "gpt2",
            Named::Cl100k => "cl100k",
            Named::O200k => "o200k",
            Named::Llama3 => "llama3",
            Named::Qwen2 => "qwen2",
            Named::DeepseekV3 => "deepseek-v3",
            Named::Whitespace => "whitespace",
            Named::None => "none",
        }
    }

    /// The pattern with this name.
    pub fn parse(name: &str) -> Option<Self> {
        ALL.into_iter().find(|named| named.name() == name)
    }

    /// The pattern that `name` probably means: its name in another spelling, or that of a
    /// vocabulary or a family of models.
    pub fn nearly(name: &str) -> Option<Self> {
        let plain = |name: &str| name.to_ascii_lowercase().replace(['-', '_', ' '], "");
        let name = plain(name);
        let name = name.strip_suffix("base").unwrap_or(&name);
        match name {
            "r50k" | "p50k" => Some(Named::Gpt2),
            "llama" => Some(Named::Llama3),
            "qwen" => Some(Named::Qwen2),
            "deepseek" => Some(Named::DeepseekV3),
            _ => ALL.into_iter().find(|named| plain(named.name()) == name),
        }
    }

    /// Its meaning: one regex for each split, the same in Oniguruma and in Rust with
    /// lookaround.
    pub fn splits(self) -> &'static [&'static str] {
        match self {
            Named::Gpt2 => {
                &[r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"]
            }
            Named::Cl100k => &[concat!(
                r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|",
                r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s+\z|\s*[\r\n]+|\s+(?!\S)|\s+",
            )],
            Named::O200k => &[concat!(
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+",
                r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|",
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*",
                r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|",
                r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            )],
            Named::Llama3 => &[concat!(
                r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|",
                r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            )],
            Named::Qwen2 => &[concat!(
                r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|",
                r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            )],
            Named::DeepseekV3 => &[
                r"\p{N}{1,3}",
                r"[一-龥぀-ゟ゠-ヿ]+",
                concat!(
                    r##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|"##,
                    r"[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|",
                    r"\s*[\r\n]+|\s+(?!\S)|\s+",
                ),
            ],
            Named::Whitespace => &[r"\S+|\s+"],
            Named::None => &[r"[\s\S]+"],
        }
    }

    /// Whether a pretoken ends between two characters, given with their classes, in any
    /// context, and the text up to there has the same pretokens if it ends there.
    ///
    /// A pretoken that holds a letter or a number continues with letters, marks and numbers
    /// only, or with the contraction that ends a word of o200k; and the next character alone
    /// decides how. A letter never follows a line feed,
    /// but in `gpt2` the white space before it depends on whether it follows.
    pub fn cuts(self, before: (char, u8), after: (char, u8)) -> bool {
        let after_word =
            before.1 & (LETTER | NUMBER) != 0 && after.1 & (SPACE | SIGN) != 0 && after.0 != '\'';
        match self {
            Named::None => false,
            Named::Whitespace => (before.1 ^ after.1) & SPACE != 0,
            Named::Gpt2 => after_word,
            _ => after_word || before.0 == '\n' && after.1 & LETTER != 0,
        }
    }
}
