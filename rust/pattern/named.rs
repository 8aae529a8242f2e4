//! The patterns that have names.

use std::sync::LazyLock;

use crate::unicode::{LETTER, MARK, NUMBER, SIGN, SPACE};

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
    /// Qwen 3.5: that of Qwen 2, but marks go with letters.
    Qwen35,
    /// Mistral's tekken: that of o200k, without contractions and with all numbers apart.
    Tekken,
    /// Kimi K2: that of o200k, but Chinese characters are apart from other letters.
    KimiK2,
    /// StarCoder, SmolLM and Command R: all numbers apart, then that of GPT-2.
    DigitsGpt2,
    /// DeepSeek-Coder.
    DeepseekCoder,
    /// DeepSeek-LLM and V2.
    DeepseekV2,
    /// DeepSeek-V3 and later.
    DeepseekV3,
    /// BLOOM.
    Bloom,
    /// Runs of white space, and runs of anything else.
    Whitespace,
    /// The whole text.
    None,
    /// Another one, but that words with single spaces between them are one pretoken.
    Superwords(Base),
}

/// A pattern whose words can go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    Gpt2,
    Cl100k,
    O200k,
    Llama3,
    Qwen2,
    Qwen35,
    Tekken,
}

/// All of them.
pub const BASES: [Base; 7] = [
    Base::Gpt2,
    Base::Cl100k,
    Base::O200k,
    Base::Llama3,
    Base::Qwen2,
    Base::Qwen35,
    Base::Tekken,
];

/// The splits of each with superwords.
static SUPERWORDS: LazyLock<[[&str; 1]; BASES.len()]> = LazyLock::new(|| {
    BASES.map(|base| {
        let letter = if base.letters() & MARK != 0 {
            r"[\p{L}\p{M}]"
        } else {
            r"\p{L}"
        };
        let words = format!(r"[^\r\n\p{{L}}\p{{N}}]?\p{{L}}{letter}*(?:['’ ]\p{{L}}{letter}*)+");
        let others = base.named().splits()[0];
        [&*format!("{words}|{others}").leak()]
    })
});

impl Base {
    /// The pattern itself.
    pub const fn named(self) -> Named {
        match self {
            Base::Gpt2 => Named::Gpt2,
            Base::Cl100k => Named::Cl100k,
            Base::O200k => Named::O200k,
            Base::Llama3 => Named::Llama3,
            Base::Qwen2 => Named::Qwen2,
            Base::Qwen35 => Named::Qwen35,
            Base::Tekken => Named::Tekken,
        }
    }

    /// The classes of what words are made of after their first letter.
    pub const fn letters(self) -> u8 {
        match self {
            Base::Gpt2 | Base::Cl100k | Base::Llama3 | Base::Qwen2 => LETTER,
            Base::O200k | Base::Qwen35 | Base::Tekken => LETTER | MARK,
        }
    }
}

/// All but those with superwords, in the order in which they are listed to users.
pub const ALL: [Named; 15] = [
    Named::Gpt2,
    Named::Cl100k,
    Named::O200k,
    Named::Llama3,
    Named::Qwen2,
    Named::Qwen35,
    Named::Tekken,
    Named::KimiK2,
    Named::DigitsGpt2,
    Named::DeepseekCoder,
    Named::DeepseekV2,
    Named::DeepseekV3,
    Named::Bloom,
    Named::Whitespace,
    Named::None,
];

/// Other names, of models whose pattern has a name already.
pub const ALIASES: [(&str, Named); 3] = [
    ("glm4", Named::Llama3),
    ("gpt-oss", Named::O200k),
    ("llama4", Named::O200k),
];

const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

/// The letters with case in an older version of Unicode.
macro_rules! deepseek_v2_words {
    () => {
        concat!(
            "[[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿ",
            "ᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨ",
            "K-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲",
            "𑢠-𑣟𞤀-𞥃]]",
        )
    };
}

/// What the second split of DeepSeek-V2 takes but for white space.
pub const DEEPSEEK_V2_WORDS: &str = deepseek_v2_words!();
/// Its second split.
pub const DEEPSEEK_V2_WORD: &str = concat!(r"\s?", deepseek_v2_words!(), "+");

impl Named {
    pub const fn name(self) -> &'static str {
        match self {
            Named::Gpt2 => "gpt2",
            Named::Cl100k => "cl100k",
            Named::O200k => "o200k",
            Named::Llama3 => "llama3",
            Named::Qwen2 => "qwen2",
            Named::Qwen35 => "qwen3.5",
            Named::Tekken => "tekken",
            Named::KimiK2 => "kimi-k2",
            Named::DigitsGpt2 => "digits-gpt2",
            Named::DeepseekCoder => "deepseek-coder",
            Named::DeepseekV2 => "deepseek-v2",
            Named::DeepseekV3 => "deepseek-v3",
            Named::Bloom => "bloom",
            Named::Whitespace => "whitespace",
            Named::None => "none",
            Named::Superwords(base) => match base {
                Base::Gpt2 => "gpt2-superwords",
                Base::Cl100k => "cl100k-superwords",
                Base::O200k => "o200k-superwords",
                Base::Llama3 => "llama3-superwords",
                Base::Qwen2 => "qwen2-superwords",
                Base::Qwen35 => "qwen3.5-superwords",
                Base::Tekken => "tekken-superwords",
            },
        }
    }

    /// The pattern with this name, or this other name.
    pub fn parse(name: &str) -> Option<Self> {
        let own = ALL.map(|named| (named.name(), named));
        let superwords = BASES.map(Named::Superwords);
        let superwords = superwords.map(|named| (named.name(), named));
        let mut all = own.into_iter().chain(superwords).chain(ALIASES);
        all.find(|(known, _)| *known == name)
            .map(|(_, named)| named)
    }

    /// This pattern with superwords; `None` if it has no words that could go together.
    pub fn with_superwords(self) -> Option<Self> {
        match self {
            Named::Superwords(_) => Some(self),
            _ => BASES
                .into_iter()
                .find(|base| base.named() == self)
                .map(Named::Superwords),
        }
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
            _ => {
                let own = ALL.map(|named| (named.name(), named));
                let mut all = own.into_iter().chain(ALIASES);
                all.find(|(known, _)| plain(known) == name)
                    .map(|(_, named)| named)
            }
        }
    }

    /// Its meaning: one regex for each split, the same in Oniguruma and in Rust with
    /// lookaround.
    pub fn splits(self) -> &'static [&'static str] {
        match self {
            Named::Gpt2 => &[GPT2],
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
            Named::Qwen35 => &[concat!(
                r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}|",
                r" ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            )],
            Named::Tekken => &[concat!(
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|",
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|",
                r"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            )],
            Named::KimiK2 => &[concat!(
                r"\p{Han}+|",
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*",
                r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|",
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+",
                r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|",
                r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            )],
            Named::DigitsGpt2 => &[r"\p{N}", GPT2],
            Named::DeepseekCoder => &[
                r"[\r\n]",
                r"\s?\p{L}+",
                r"\s?\p{P}+",
                "[一-龥ࠀ-一가-퟿]+",
                r"\p{N}",
            ],
            Named::DeepseekV2 => &[
                r"[\r\n]",
                DEEPSEEK_V2_WORD,
                "\\s?[!-/:-~！-／：-～‘-‟　-。]+",
                r"\s+$",
                "[一-龥ࠀ-一가-퟿]+",
                r"\p{N}",
            ],
            Named::Bloom => &[r" ?[^(\s|[.,!?…。，、।۔،])]+"],
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
            Named::Superwords(base) => &SUPERWORDS[base as usize],
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
            Named::Gpt2 | Named::DigitsGpt2 => after_word,
            // Chinese characters go together even if they are signs.
            Named::KimiK2 => {
                after_word && (after.0.is_ascii() || after.1 & SPACE != 0)
                    || before.0 == '\n' && after.1 & LETTER != 0
            }
            // A word may hold signs, and nothing but its text divides it from what follows.
            Named::Bloom => before.1 & (LETTER | NUMBER) != 0 && after.0 == '\n',
            Named::DeepseekCoder | Named::DeepseekV2 => before.0 == '\n' || after.0 == '\n',
            // A word may follow, and go with the one before.
            Named::Superwords(base) => {
                !matches!(after.0, ' ' | '’') && base.named().cuts(before, after)
            }
            _ => after_word || before.0 == '\n' && after.1 & LETTER != 0,
        }
    }
}
