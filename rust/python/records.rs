//! `_core.Records`: ids between two stages; and `_core.DocumentDecoder`.

use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyByteArray, PyBytes, PyList, PyMemoryView};

use super::arrays::{self, Array, to_bytes};
use super::buffer::IdBuffer;
use super::gil::{alone, run, run_detached};
use super::ids::ids_of;
use super::tokenizer::Tokenizer;
use crate::decode::stream::{self, Block};
use crate::encode::Offsets;
use crate::id_text::{self, NdjsonIds};

/// See `_core.pyi`.
#[pyclass(module = "bpe_tool._core")]
pub struct Records {
    pub(super) ids: Vec<u32>,
    pub(super) ends: Vec<i64>,
    pub(super) offsets: Offsets,
    #[pyo3(get, set)]
    pub(super) skipped: Vec<usize>,
    #[pyo3(get, set)]
    pub(super) unterminated: bool,
}

impl Records {
    pub(super) fn new(ids: Vec<u32>, ends: Vec<i64>, offsets: Offsets) -> Self {
        Records {
            ids,
            ends,
            offsets,
            skipped: Vec::new(),
            unterminated: false,
        }
    }

    fn block(&self) -> Block<'_> {
        Block {
            ids: (&self.ids).into(),
            ends: (&self.ends).into(),
            unterminated: self.unterminated,
        }
    }
}

#[pymethods]
impl Records {
    #[new]
    #[pyo3(signature = (ids, ends = None, offsets = None, *, skipped = vec![], unterminated = false))]
    fn from_arrays(
        ids: &Bound<'_, PyAny>,
        ends: Option<&Bound<'_, PyAny>>,
        offsets: Option<&Bound<'_, PyAny>>,
        skipped: Vec<usize>,
        unterminated: bool,
    ) -> PyResult<Self> {
        let ids = arrays::ids_in_buffer(ids)?;
        let ends = ends.map_or(Ok(Vec::new()), arrays::positions_in_buffer)?;
        let offsets = offsets.map_or(Ok(Vec::new()), arrays::positions_in_buffer)?;
        let (pairs, rest) = offsets.as_chunks();
        let last = ends.last().copied().unwrap_or(0);
        if ends.first().is_some_and(|&end| end < 0)
            || !ends.is_sorted()
            || usize::try_from(last).is_ok_and(|last| last > ids.len())
            || !(offsets.is_empty() || rest.is_empty() && pairs.len() == ids.len())
        {
            return Err(PyValueError::new_err("the arrays do not fit each other"));
        }
        Ok(Records {
            skipped,
            unterminated,
            ..Self::new(
                ids,
                ends,
                pairs.iter().map(|&[start, end]| (start, end)).collect(),
            )
        })
    }

    fn __len__(&self) -> usize {
        self.ends.len()
    }

    #[getter]
    fn id_count(&self) -> usize {
        self.ids.len()
    }

    #[getter]
    fn is_open(&self) -> bool {
        self.ends.last().copied().unwrap_or(0) < self.ids.len() as i64
    }

    #[getter]
    fn ids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyByteArray>> {
        arrays::from_ids(py, &self.ids)
    }

    #[getter]
    fn ends<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyByteArray>> {
        arrays::from_positions(py, &self.ends)
    }

    #[getter]
    fn offsets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyByteArray>> {
        arrays::from_offsets(py, &self.offsets)
    }

    fn count(&self, id: u32) -> usize {
        self.ids.iter().filter(|&&each| each == id).count()
    }

    fn lines<'py>(
        &self,
        py: Python<'py>,
        json: bool,
        continued: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let form = if json {
            &id_text::JSON
        } else {
            &id_text::LINES
        };
        let text = py.detach(|| {
            let (ids, ends, skipped) = (&self.ids, &self.ends, &self.skipped);
            id_text::format_ids(ids, ends, skipped, form, continued, self.unterminated)
        });
        to_bytes(py, &text)
    }

    fn raw<'py>(&self, py: Python<'py>, width: usize) -> PyResult<Bound<'py, PyBytes>> {
        match width {
            2 if self.ids.iter().any(|&id| id > u32::from(u16::MAX)) => {
                Err(PyOverflowError::new_err("an id does not fit 2 bytes"))
            }
            2 => arrays::packed(py, self.ids.iter().map(|&id| (id as u16).to_le_bytes())),
            4 => arrays::packed(py, self.ids.iter().map(|&id| id.to_le_bytes())),
            _ => Err(PyValueError::new_err("ids have 2 or 4 bytes")),
        }
    }
}

/// See `_core.pyi`.
#[pyclass(module = "bpe_tool._core")]
pub struct Gathered {
    ids: Vec<u32>,
    narrow: Vec<u16>,
    is_narrow: bool,
    bounds: Vec<i64>,
}

#[pymethods]
impl Gathered {
    #[new]
    fn new(width: usize) -> Self {
        Gathered {
            ids: Vec::new(),
            narrow: Vec::new(),
            is_narrow: width == 2,
            bounds: vec![0],
        }
    }

    fn add(slf: &Bound<'_, Self>, py: Python<'_>, records: &Records) -> PyResult<()> {
        let own = &mut *alone(slf)?;
        py.detach(|| {
            let before = (own.ids.len() + own.narrow.len()) as i64;
            if own.is_narrow {
                own.narrow.extend(records.ids.iter().map(|&id| id as u16));
            } else {
                own.ids.extend_from_slice(&records.ids);
            }
            own.bounds
                .extend(records.ends.iter().map(|&end| before + end));
        });
        Ok(())
    }

    fn finish<'py>(
        slf: &Bound<'py, Self>,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyMemoryView>, Array<'py>)> {
        let own = &mut *alone(slf)?;
        let bounds = arrays::from_positions(py, &std::mem::replace(&mut own.bounds, vec![0]))?;
        let ids = if own.is_narrow {
            IdBuffer::view(py, std::mem::take(&mut own.narrow))?
        } else {
            IdBuffer::view(py, std::mem::take(&mut own.ids))?
        };
        Ok((ids, bounds))
    }
}

/// See `_core.pyi`.
#[pyfunction]
pub fn parse_ids(py: Python<'_>, text: PyBackedBytes) -> PyResult<Records> {
    let (ids, ends) = run_detached(py, |_| id_text::parse_ids(&text))?;
    Ok(Records::new(ids, ends, Vec::new()))
}

/// See `_core.pyi`.
#[pyfunction]
pub fn parse_ndjson_ids(
    py: Python<'_>,
    text: PyBackedBytes,
    other: &Bound<'_, PyAny>,
) -> PyResult<Records> {
    let mut found = NdjsonIds::default();
    while let Some(line) = py.detach(|| found.read(&text)) {
        let ids = other.call1((found.ends.len(), PyBytes::new(py, line)))?;
        if ids.is_none() {
            found.skip();
        } else {
            found.ids.extend(arrays::ids_in_buffer(&ids)?);
            found.end();
        }
    }
    Ok(Records {
        skipped: found.skipped,
        unterminated: !text.ends_with(b"\n"),
        ..Records::new(found.ids, found.ends, Vec::new())
    })
}

/// See `_core.pyi`.
#[pyfunction]
pub fn raw_ids(
    py: Python<'_>,
    data: PyBackedBytes,
    width: usize,
    end_id: Option<u32>,
) -> PyResult<Records> {
    let numbers: fn(&[u8]) -> PyResult<Vec<u32>> = match width {
        2 => |data| arrays::unpacked(data, |number| u16::from_le_bytes(number).into()),
        4 => |data| arrays::unpacked(data, u32::from_le_bytes),
        _ => return Err(PyValueError::new_err("ids have 2 or 4 bytes")),
    };
    py.detach(|| {
        let ids = numbers(&data)?;
        let mut ends = Vec::new();
        if let Some(end_id) = end_id {
            let is_end = |&(_, id): &(i64, &u32)| *id == end_id;
            ends.extend((1..).zip(&ids).filter(is_end).map(|(end, _)| end));
        }
        Ok(Records::new(ids, ends, Vec::new()))
    })
}

/// See `_core.pyi`.
#[pyclass(module = "bpe_tool._core")]
pub struct DocumentDecoder {
    decoder: stream::DocumentDecoder,
    max_id: u32,
}

#[pymethods]
impl DocumentDecoder {
    #[new]
    #[pyo3(signature = (tokenizer, *, terminator, before, after, skip_special = false))]
    fn new(
        tokenizer: &Tokenizer,
        terminator: PyBackedBytes,
        before: Vec<u32>,
        after: Vec<u32>,
        skip_special: bool,
    ) -> Self {
        let shared = tokenizer.shared.clone();
        let decoder = stream::DocumentDecoder::new(shared, &terminator, &before, &after);
        DocumentDecoder {
            max_id: tokenizer.shared.max_id(),
            decoder: decoder.skipping_special(skip_special),
        }
    }

    #[getter]
    fn documents(slf: &Bound<'_, Self>) -> PyResult<usize> {
        Ok(alone(slf)?.decoder.documents())
    }

    fn decode(
        slf: &Bound<'_, Self>,
        py: Python<'_>,
        records: &Records,
        sink: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let decoder = &mut alone(slf)?.decoder;
        let block = py.detach(|| decoder.strip(records.block()));
        let mut next = 0;
        let mut text = || run_detached(py, |interrupt| decoder.text(&block, &mut next, interrupt));
        while let Some(text) = text()? {
            if !text.is_empty() {
                sink.call1((to_bytes(py, &text)?,))?;
            }
        }
        Ok(())
    }

    fn more<'py>(
        slf: &Bound<'py, Self>,
        py: Python<'py>,
        ids: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let own = &mut *alone(slf)?;
        let ids = ids_of(ids, own.max_id)?;
        let text = run_detached(py, |interrupt| own.decoder.more(&ids, interrupt))?;
        to_bytes(py, &text)
    }

    fn end<'py>(slf: &Bound<'py, Self>, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let own = &mut *alone(slf)?;
        let text = run(py, || own.decoder.end())?;
        to_bytes(py, &text)
    }

    fn texts<'py>(
        slf: &Bound<'py, Self>,
        py: Python<'py>,
        records: &Records,
    ) -> PyResult<Bound<'py, PyList>> {
        let decoder = &mut alone(slf)?.decoder;
        let (bytes, ends) = run_detached(py, |interrupt| {
            let block = decoder.strip(records.block());
            decoder.texts(&block, interrupt)
        })?;
        let texts = PyList::empty(py);
        let mut start = 0;
        for end in ends {
            texts.append(to_bytes(py, &bytes[start..end])?)?;
            start = end;
        }
        Ok(texts)
    }
}
