//! How a GGUF file of the kind `gpt2` splits text: it has only a name for it, one of llama.cpp's.
//!
//! Where llama.cpp comes close to the regexes of a model's own files, these here are the model's.

use crate::pattern::Named;

/// What a name says.
pub(super) struct Split {
    /// One regex for each split.
    pub regexes: Vec<&'static str>,
    /// Whether whole pretokens are looked up first.
    pub whole: bool,
    /// Whether the first special token goes before a text if the file does not say.
    pub begins: bool,
}

const DIGIT: &str = r"\p{N}";
const FALCON: [&str; 2] = [r"[\p{P}\$\+<=>\^~\|`]+", "[0-9][0-9][0-9]"];
const BAILING: &str = concat!(
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|",
    r"\s*[\r\n]|\s+(?!\S)|\s+",
);
const SEED_CODER: &str = concat!(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+|",
    r"\s*[\r\n]+|\s+(?!\S)|\s+",
);
const EXAONE_MOE: &str = concat!(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|",
    r"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+",
);
const MINICPM5: &str = concat!(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+|",
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
);

impl Split {
    /// That of a name; `None` if it is not known.
    pub fn named(name: &str) -> Option<Self> {
        let of = |named: Named| named.splits().to_vec();
        let (regexes, whole) = match name {
            "gpt-2" | "phi-2" | "mpt" | "olmo" | "jais" | "trillion" | "jina-es" | "jina-de"
            | "jina-v1-en" | "jina-v2-code" | "jina-v2-es" | "jina-v2-de" | "granite-docling"
            | "gigachat" | "a.x-4.0" | "mellum" | "modern-bert" | "roberta-bpe" | "exaone4" => {
                (of(Named::Gpt2), false)
            }
            "llama3" | "llama-v3" | "llama-bpe" | "falcon3" | "falcon-h1" | "pixtral"
            | "midm-2.0" | "lfm2" | "jina-v5-nano" => (of(Named::Llama3), true),
            "dbrx" | "smaug-bpe" | "glm4" | "chatglm-bpe" => (of(Named::Llama3), false),
            "qwen2" | "stablelm2" | "hunyuan" | "megrez" | "deepseek-r1-qwen" | "kormo"
            | "f2llmv2" | "grok-2" | "solar-open" => (of(Named::Qwen2), false),
            "qwen35" => (of(Named::Qwen35), false),
            "gpt-4o" | "kanana2" | "talkie" | "minimax-m2" => (of(Named::O200k), false),
            "llama4" => (of(Named::O200k), true),
            "tekken" => (of(Named::Tekken), true),
            "deepseek-llm" => (of(Named::DeepseekV2), false),
            "deepseek-coder" => (of(Named::DeepseekCoder), false),
            "deepseek-v3" | "hunyuan-dense" | "joyai-llm" | "hy_v4" => {
                (of(Named::DeepseekV3), false)
            }
            "starcoder" | "refact" | "command-r" | "smollm" | "codeshell" | "exaone"
            | "minerva-7b" | "mellum2" => (of(Named::DigitsGpt2), false),
            "falcon" => (
                [vec![FALCON[0]], of(Named::Gpt2), vec![FALCON[1]]].concat(),
                false,
            ),
            "bloom" | "poro-chat" | "gpt3-finnish" => (of(Named::Bloom), false),
            "viking" => ([of(Named::Bloom), vec![DIGIT]].concat(), false),
            "kimi-k2" => (of(Named::KimiK2), false),
            "bailingmoe" | "bailingmoe2" | "llada-moe" => (vec![BAILING], false),
            "seed-coder" => (vec![SEED_CODER], false),
            "exaone-moe" => (vec![EXAONE_MOE], false),
            "minicpm5" => (vec![r"\p{N}{1,3}", MINICPM5], true),
            _ => return None,
        };
        let begins = name == "tekken" || regexes == Named::Llama3.splits() && whole;
        Some(Split {
            regexes,
            whole,
            begins,
        })
    }
}
