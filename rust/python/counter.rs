//! `_core.PretokenCounter`, `_core.PretokenCounts` and `_core.train`.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use super::arguments::{Text, all_bytes, choice, thread_count, unit};
use super::arrays::{self, Array, to_bytes};
use super::count_file::{Totals, numbers};
use super::gil::{alone, hear_nothing, run, run_apart, run_detached};
use super::tokenizer::Tokenizer;
use crate::count;
use crate::count_file;
use crate::encode::Special;
use crate::error::{Error, Result};
use crate::pattern::Pattern;
use crate::train::{Alphabet, Level, Rules, TrainOptions};
use crate::vocab::Ids;
use crate::words;

/// See `_core.pyi`.
#[pyclass(frozen, module = "bpe_tool._core")]
pub struct PretokenCounts {
    pub(super) counts: Arc<count::PretokenCounts>,
}

#[pymethods]
impl PretokenCounts {
    #[getter]
    fn documents(&self) -> u64 {
        self.counts.documents()
    }

    #[getter]
    fn bytes(&self) -> u64 {
        self.counts.bytes()
    }

    #[getter]
    fn pretokens(&self) -> u64 {
        self.counts.pretokens()
    }

    fn __len__(&self) -> usize {
        self.counts.len()
    }

    fn divided(&self, py: Python<'_>, pattern: &str) -> PyResult<Self> {
        let counts = run_detached(py, |interrupt| {
            self.counts.divided(&Pattern::parse(pattern)?, interrupt)
        })?;
        Ok(PretokenCounts {
            counts: Arc::new(counts),
        })
    }

    fn write_sorted(&self, py: Python<'_>, sink: &Bound<'_, PyAny>) -> PyResult<()> {
        let counts = self.counts.clone();
        let sink = sink.as_unbound();
        run_apart(
            py,
            move |tell| counts.write_sorted(&mut |piece| tell(piece.to_vec())),
            |py, piece: Vec<u8>| sink.call1(py, (to_bytes(py, &piece)?,)).map(drop),
        )
    }

    fn write_blocks(&self, py: Python<'_>, sink: &Bound<'_, PyAny>) -> PyResult<Totals> {
        let counts = self.counts.clone();
        let sink = sink.as_unbound();
        run_apart(
            py,
            move |tell| count_file::write(&counts, &mut |block| tell(block.to_vec())),
            |py, block: Vec<u8>| sink.call1(py, (to_bytes(py, &block)?,)).map(drop),
        )
        .map(numbers)
    }
}

/// See `_core.pyi`.
#[pyclass(module = "bpe_tool._core")]
pub struct PretokenCounter {
    /// Gone once [`finish`](Self::finish) was called.
    counter: Option<count::PretokenCounter>,
}

impl PretokenCounter {
    fn open(&mut self) -> PyResult<&mut count::PretokenCounter> {
        self.counter
            .as_mut()
            .ok_or_else(|| pyo3::exceptions::PyRuntimeError::new_err("the counter is finished"))
    }
}

#[pymethods]
impl PretokenCounter {
    #[new]
    #[pyo3(signature = (pattern, *, special_tokens, terminator, threads, max_pretoken_bytes))]
    fn new(
        py: Python<'_>,
        pattern: &str,
        special_tokens: Vec<String>,
        terminator: Option<PyBackedBytes>,
        threads: i64,
        max_pretoken_bytes: usize,
    ) -> PyResult<Self> {
        let threads = thread_count(py, threads)?;
        let counter = run(py, || {
            count::PretokenCounter::new(
                Pattern::parse(pattern)?,
                &special_tokens,
                unit(terminator)?,
                threads,
                max_pretoken_bytes,
            )
        })?;
        Ok(PretokenCounter {
            counter: Some(counter),
        })
    }

    fn feed(slf: &Bound<'_, Self>, py: Python<'_>, block: PyBackedBytes) -> PyResult<()> {
        let mut own = alone(slf)?;
        let counter = own.open()?;
        run_detached(py, |interrupt| counter.feed(&block, interrupt))
    }

    fn end_stream(slf: &Bound<'_, Self>, py: Python<'_>) -> PyResult<()> {
        let mut own = alone(slf)?;
        let counter = own.open()?;
        run_detached(py, |interrupt| counter.end_stream(interrupt))
    }

    fn feed_documents(slf: &Bound<'_, Self>, py: Python<'_>, texts: Vec<Text>) -> PyResult<()> {
        let mut own = alone(slf)?;
        let counter = own.open()?;
        let documents = all_bytes(&texts);
        run_detached(py, |interrupt| {
            counter.feed_documents(&documents, interrupt)
        })
    }

    #[getter]
    fn memory(slf: &Bound<'_, Self>) -> PyResult<usize> {
        Ok(alone(slf)?.open()?.memory())
    }

    fn keep_apart(slf: &Bound<'_, Self>) -> PyResult<()> {
        alone(slf)?.open()?.keep_apart();
        Ok(())
    }

    fn drain(slf: &Bound<'_, Self>) -> PyResult<Vec<PretokenCounts>> {
        let parts = alone(slf)?.open()?.drain().into_iter();
        let parts = parts.map(|counts| PretokenCounts {
            counts: Arc::new(counts),
        });
        Ok(parts.collect())
    }

    fn add(
        slf: &Bound<'_, Self>,
        py: Python<'_>,
        records: Vec<(PyBackedBytes, u64)>,
    ) -> PyResult<()> {
        let mut own = alone(slf)?;
        let counter = own.open()?;
        run(py, || {
            let mut all = records.iter();
            all.try_for_each(|(pretoken, count)| counter.add(pretoken, *count))
        })
    }

    fn feed_for(
        slf: &Bound<'_, Self>,
        py: Python<'_>,
        tokenizer: &Tokenizer,
        texts: Vec<Text>,
    ) -> PyResult<()> {
        let mut own = alone(slf)?;
        let counter = own.open()?;
        let tokenizer = tokenizer.shared.clone();
        run_detached(py, |interrupt| {
            for text in all_bytes(&texts) {
                if interrupt() {
                    return Err(Error::Interrupted);
                }
                tokenizer.for_each_pretoken(text, Special::Token, |pretoken, is_added| {
                    match is_added {
                        true => Ok(()),
                        false => counter.add(pretoken, 1),
                    }
                })?;
            }
            Ok(())
        })
    }

    fn finish(slf: &Bound<'_, Self>, py: Python<'_>) -> PyResult<PretokenCounts> {
        let mut own = alone(slf)?;
        own.open()?;
        match own.counter.take() {
            Some(counter) => Ok(PretokenCounts {
                counts: Arc::new(run_apart(py, |_| counter.finish(), hear_nothing)?),
            }),
            None => unreachable!("open() refuses a finished counter"),
        }
    }
}

/// How often a pair occurred when it was merged; the most frequent pair then, and its count.
type Replayed = (u64, Option<((u32, u32), u64)>);

/// See `_core.pyi`.
#[pyfunction]
pub fn replay_merges(
    py: Python<'_>,
    counts: &PretokenCounts,
    alphabet: [u32; 256],
    merges: Vec<(u32, u32)>,
    max_token_bytes: usize,
    superwords: bool,
) -> PyResult<Vec<Replayed>> {
    let counts = counts.counts.clone();
    let replayed = run_apart(
        py,
        move |tell| {
            crate::train::replay(
                &counts,
                &alphabet,
                &merges,
                max_token_bytes,
                superwords,
                &mut |_, _| tell(()),
            )
        },
        hear_nothing,
    )?;
    let one = |each: crate::train::Replayed| (each.count, each.best);
    Ok(replayed.into_iter().map(one).collect())
}

/// Options of training, as callers give them.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Options {
    pattern: String,
    vocab_size: i64,
    special_tokens: Vec<String>,
    level: String,
    alphabet: String,
    min_frequency: i64,
    max_token_bytes: Option<i64>,
    max_token_chars: Option<i64>,
    whole_characters: bool,
    blocked_tokens: Vec<PyBackedBytes>,
    allowed_tokens: Option<Vec<PyBackedBytes>>,
    seed_tokens: Vec<PyBackedBytes>,
    init: Option<Py<Tokenizer>>,
    superwords: Option<i64>,
}

/// The tokenizer that training starts from.
type Init = Option<Arc<crate::Tokenizer>>;

impl Options {
    fn parse(&self) -> Result<(TrainOptions, Level, Init)> {
        let levels = [
            ("byte", Level::Byte),
            ("char", Level::Whole),
            ("word", Level::Whole),
        ];
        let level = choice("level", &self.level, &levels)?;
        let alphabets = [("byte", Alphabet::Byte), ("gpt2", Alphabet::Gpt2)];
        let alphabet = choice("alphabet", &self.alphabet, &alphabets)?;
        // What is negative is as wrong as 0, and refused as such.
        let options = TrainOptions {
            pattern: Pattern::parse(&self.pattern)?,
            vocab_size: self.vocab_size.max(0) as usize,
            alphabet,
            special_tokens: self.special_tokens.clone(),
            min_frequency: self.min_frequency.max(0) as u64,
            rules: Rules {
                max_token_bytes: self.max_token_bytes.map(|most| most.max(0) as usize),
                max_token_chars: self.max_token_chars.map(|most| most.max(0) as usize),
                max_words: None,
                whole_characters: self.whole_characters,
                blocked: owned(&self.blocked_tokens),
                allowed: self.allowed_tokens.as_deref().map(owned),
            },
            seeds: owned(&self.seed_tokens),
            superwords: self.superwords.map(|from| from.max(0) as usize),
        };
        let init = self.init.as_ref().map(|init| init.get().shared.clone());
        options.check(level, init.as_deref())?;
        Ok((options, level, init))
    }
}

fn owned<C: FromIterator<Vec<u8>>>(tokens: &[PyBackedBytes]) -> C {
    tokens.iter().map(|token| token.to_vec()).collect()
}

/// See `_core.pyi`.
#[pyfunction]
pub fn check_options(py: Python<'_>, options: Options) -> PyResult<()> {
    let (options, _, init) = run(py, || options.parse())?;
    if options.seeds.is_empty() {
        return Ok(());
    }
    run_apart(
        py,
        move |tell| options.check_seeds(init.as_deref(), &mut |_, _| tell(())),
        hear_nothing,
    )
}

/// See `_core.pyi`.
#[pyfunction]
pub fn train(
    py: Python<'_>,
    counts: &PretokenCounts,
    options: Options,
    progress: &Bound<'_, PyAny>,
) -> PyResult<(Tokenizer, Vec<u64>)> {
    let (options, level, init) = run(py, || options.parse())?;
    let counts = counts.counts.clone();
    let progress = progress.as_unbound();
    let (tokenizer, merge_counts) = run_apart(
        py,
        move |tell| {
            let (vocab, merge_counts) = match level {
                Level::Byte => {
                    let init = init.as_deref();
                    let trained =
                        crate::train::train(&counts, &options, init, &mut |done, total| {
                            tell((done, total))
                        })?;
                    (trained.to_vocab(&options, init)?, trained.merge_counts)
                }
                Level::Whole => (words::build(&counts, &options)?, Vec::new()),
            };
            Ok((crate::Tokenizer::new(vocab)?, merge_counts))
        },
        |py, (done, total): (u64, u64)| progress.call1(py, (done, total)).map(drop),
    )?;
    Ok((Tokenizer::new(tokenizer), merge_counts))
}

/// See `_core.pyi`.
#[pyfunction]
pub fn merge_origins<'py>(
    py: Python<'py>,
    tokenizer: &Tokenizer,
    counts: &PretokenCounts,
    most: usize,
) -> PyResult<Vec<(u64, Vec<Bound<'py, PyBytes>>)>> {
    let tokenizer = tokenizer.shared.clone();
    let found = run_detached(py, |interrupt| {
        crate::train::origins(&tokenizer, &counts.counts, most, interrupt)
    })?;
    let origins = found.into_iter().map(|origin| {
        let pretokens = origin.pretokens.into_iter();
        let pretokens = pretokens.map(|pretoken| to_bytes(py, pretoken));
        Ok((origin.applied, pretokens.collect::<PyResult<_>>()?))
    });
    origins.collect()
}

/// See `_core.pyi`.
#[pyfunction]
pub fn trim<'py>(
    py: Python<'py>,
    tokenizer: &Tokenizer,
    counts: &PretokenCounts,
    vocab_size: Option<i64>,
    freeze_ids: bool,
) -> PyResult<(Tokenizer, Array<'py>, u64)> {
    let size = vocab_size.map(|size| size.max(0) as usize);
    let ids = match freeze_ids {
        true => Ids::Frozen,
        false => Ids::Compact,
    };
    let old = tokenizer.shared.clone();
    let (trimmed, old_ids, before) = run_detached(py, |interrupt| {
        let trimmed = crate::trim::trim(&old, &counts.counts, size, ids, interrupt)?;
        let tokenizer = crate::Tokenizer::new(trimmed.vocab)?;
        Ok((tokenizer, trimmed.old_ids, trimmed.tokens_before))
    })?;
    let old_ids = arrays::from_ids(py, &old_ids)?;
    Ok((Tokenizer::new(trimmed), old_ids, before))
}

/// See `_core.pyi`.
#[pyfunction]
pub fn count_tokens(
    py: Python<'_>,
    tokenizer: &Tokenizer,
    counts: &PretokenCounts,
) -> PyResult<u64> {
    let tokenizer = tokenizer.shared.clone();
    run_detached(py, |interrupt| {
        crate::train::count_tokens(&tokenizer, &counts.counts, interrupt)
    })
}
