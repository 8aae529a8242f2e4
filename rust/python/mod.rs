//! The native module `bpe_tool._core`: converts types, releases the interpreter lock,
//! maps errors. `bpe_tool/_core.pyi` is its contract.

mod arguments;
mod arrays;
mod buffer;
mod contractions;
mod count_file;
mod counter;
mod encoder;
mod errors;
mod gil;
mod ids;
mod integers;
mod lists;
mod memory;
mod pack;
mod records;
mod slots;
mod strings;
mod text;
mod tokenizer;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::contractions::{
        code_spans, contraction_edits, expand_all_contractions, expand_contractions,
        irregular_verbs, protected_spans,
    };
    #[pymodule_export]
    use super::count_file::{
        count_arrays, count_records, load_counts, merge_counts, pattern_splits,
        pattern_with_superwords, pattern_without_superwords, top_counts,
    };
    #[pymodule_export]
    use super::counter::{
        PretokenCounter, PretokenCounts, check_options, count_tokens, merge_origins, replay_merges,
        train, trim,
    };
    #[pymodule_export]
    use super::encoder::{DocumentEncoder, record_cuts};
    #[pymodule_export]
    use super::ids::join_rows;
    #[pymodule_export]
    use super::memory::on_exhaustion;
    #[pymodule_export]
    use super::pack::plan_packing;
    #[pymodule_export]
    use super::records::{
        DocumentDecoder, Gathered, Records, parse_ids, parse_ndjson_ids, raw_ids,
    };
    #[pymodule_export]
    use super::text::EncodedText;
    #[pymodule_export]
    use super::tokenizer::Tokenizer;

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("UNICODE_VERSION", crate::unicode::UNICODE_VERSION)?;
        module.add("APOSTROPHES", crate::contractions::APOSTROPHES)?;
        module.add("PATTERNS", crate::pattern::NAMES.to_vec())
    }
}
