//! The metadata at the beginning of a GGUF file: keys with typed values.

use std::collections::HashMap;

use super::{Kind, malformed};
use crate::error::{Error, Result};
use crate::formats::quote;
use crate::vocab::MAX_IDS;

/// How many bytes of a file are needed to read its tokenizer; `None` if these are too few to know.
/// Anything but a GGUF file is an error.
pub fn metadata_length(data: &[u8]) -> Result<Option<usize>> {
    let mut reader = Reader::new(data);
    match reader.metadata(false) {
        Ok(_) => Ok(Some(reader.at)),
        Err(Failure::End(_)) => Ok(None),
        Err(Failure::Other(error)) => Err(error),
    }
}

/// The metadata by key.
pub(super) struct Fields<'d>(HashMap<&'d str, Value<'d>>);

impl<'d> Fields<'d> {
    /// Those about the tokenizer in the metadata that a file begins with.
    pub fn read(data: &'d [u8]) -> Result<Self> {
        let mut reader = Reader::new(data);
        Ok(Fields(reader.metadata(true).map_err(Failure::error)?))
    }

    pub fn text(&self, key: &str) -> Result<Option<&'d str>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(malformed(0, format!("{key} is no string"))),
        }
    }

    pub fn flag(&self, key: &str) -> Result<Option<bool>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::Flag(flag)) => Ok(Some(*flag)),
            Some(_) => Err(malformed(0, format!("{key} is neither true nor false"))),
        }
    }

    pub fn id(&self, key: &str) -> Result<Option<u32>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::Number(number)) if (0.0..MAX_IDS as f64).contains(number) => {
                Ok(Some(*number as u32))
            }
            Some(_) => Err(malformed(0, format!("{key} is no id"))),
        }
    }

    pub fn texts(&self, key: &str) -> Result<Vec<&'d str>> {
        let text = |value: &Value<'d>| match value {
            Value::Text(text) => Some(*text),
            _ => None,
        };
        match self.0.get(key) {
            Some(Value::List(list)) => list.iter().map(text).collect(),
            _ => None,
        }
        .ok_or_else(|| malformed(0, format!("{key} is no list of strings")))
    }

    pub fn numbers(&self, key: &str) -> Result<Vec<f64>> {
        let number = |value: &Value<'d>| match value {
            Value::Number(number) => Some(*number),
            _ => None,
        };
        match self.0.get(key) {
            Some(Value::List(list)) => list.iter().map(number).collect(),
            _ => None,
        }
        .ok_or_else(|| malformed(0, format!("{key} is no list of numbers")))
    }

    /// What each token is for; without a list, all are normal.
    pub fn kinds(&self, tokens: usize) -> Result<Vec<Kind>> {
        const KEY: &str = "tokenizer.ggml.token_type";
        if !self.0.contains_key(KEY) {
            return Ok(vec![Kind::Normal; tokens]);
        }
        let numbers = self.numbers(KEY)?;
        if numbers.len() != tokens {
            return Err(malformed(
                0,
                format!("{KEY} has not as many entries as tokens"),
            ));
        }
        let kind = |number: f64| {
            Kind::new(number as u64)
                .ok_or_else(|| malformed(0, format!("{number} is no type of token")))
        };
        numbers.into_iter().map(kind).collect()
    }
}

/// A value of the metadata.
enum Value<'d> {
    /// Of any type: those that matter are below 2^53.
    Number(f64),
    Flag(bool),
    Text(&'d str),
    List(Vec<Value<'d>>),
    /// What is not about the tokenizer.
    Skipped,
}

/// Why reading ended early.
enum Failure {
    /// At the end of the data.
    End(usize),
    Other(Error),
}

impl Failure {
    fn error(self) -> Error {
        match self {
            Failure::End(at) => malformed(at, "the file ends within its metadata"),
            Failure::Other(error) => error,
        }
    }
}

type Read<T> = std::result::Result<T, Failure>;

struct Reader<'d> {
    data: &'d [u8],
    at: usize,
    /// Whether the first byte of a number is its highest.
    big_endian: bool,
}

impl<'d> Reader<'d> {
    fn new(data: &'d [u8]) -> Self {
        Reader {
            data,
            at: 0,
            big_endian: false,
        }
    }

    fn refuse<T>(&self, reason: impl std::fmt::Display) -> Read<T> {
        Err(Failure::Other(malformed(self.at, reason)))
    }

    fn take(&mut self, length: u64) -> Read<&'d [u8]> {
        let rest = &self.data[self.at..];
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let taken = rest.get(..length).ok_or(Failure::End(self.data.len()))?;
        self.at += length;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let bytes = self.take(N as u64)?;
        Ok(bytes.try_into().expect("as many bytes were taken"))
    }

    /// The bytes of a number, the lowest first.
    fn number<const N: usize>(&mut self) -> Read<[u8; N]> {
        let mut bytes = self.array()?;
        if self.big_endian {
            bytes.reverse();
        }
        Ok(bytes)
    }

    fn u32(&mut self) -> Read<u32> {
        Ok(u32::from_le_bytes(self.number()?))
    }

    fn u64(&mut self) -> Read<u64> {
        Ok(u64::from_le_bytes(self.number()?))
    }

    fn text(&mut self) -> Read<&'d str> {
        let length = self.u64()?;
        let start = self.at;
        match str::from_utf8(self.take(length)?) {
            Ok(text) => Ok(text),
            Err(_) => Err(Failure::Other(malformed(
                start,
                "the text is not valid UTF-8",
            ))),
        }
    }

    /// The metadata about the tokenizer; without `keep`, only its length is found out.
    fn metadata(&mut self, keep: bool) -> Read<HashMap<&'d str, Value<'d>>> {
        let magic: [u8; 4] = self.array()?;
        if magic != *b"GGUF" {
            return self.refuse("it does not begin with GGUF");
        }
        let mut version = self.u32()?;
        // Nothing else tells the byte order.
        if version & 0xFFFF == 0 {
            self.big_endian = true;
            version = version.swap_bytes();
        }
        if !(2..=3).contains(&version) {
            return Err(Failure::Other(Error::Unsupported {
                what: format!("version {version} of GGUF"),
            }));
        }
        self.u64()?;
        let count = self.u64()?;
        let mut fields = HashMap::new();
        for _ in 0..count {
            let key = self.text()?;
            let kind = self.u32()?;
            let wanted = keep && key.starts_with("tokenizer.ggml.");
            let value = self.value(kind, wanted)?;
            if wanted && fields.insert(key, value).is_some() {
                return self.refuse(format_args!("the key {} comes twice", quote(key)));
            }
        }
        Ok(fields)
    }

    fn value(&mut self, kind: u32, keep: bool) -> Read<Value<'d>> {
        Ok(match kind {
            0 => Value::Number(f64::from(self.array::<1>()?[0])),
            1 => Value::Number(f64::from(i8::from_le_bytes(self.number()?))),
            2 => Value::Number(f64::from(u16::from_le_bytes(self.number()?))),
            3 => Value::Number(f64::from(i16::from_le_bytes(self.number()?))),
            4 => Value::Number(f64::from(self.u32()?)),
            5 => Value::Number(f64::from(i32::from_le_bytes(self.number()?))),
            6 => Value::Number(f64::from(f32::from_le_bytes(self.number()?))),
            7 => match self.array::<1>()?[0] {
                0 => Value::Flag(false),
                1 => Value::Flag(true),
                other => return self.refuse(format_args!("{other} is neither true nor false")),
            },
            8 => Value::Text(self.text()?),
            9 => self.list(keep)?,
            10 => Value::Number(self.u64()? as f64),
            11 => Value::Number(i64::from_le_bytes(self.number()?) as f64),
            12 => Value::Number(f64::from_le_bytes(self.number()?)),
            other => return self.refuse(format_args!("{other} is no type of value")),
        })
    }

    fn list(&mut self, keep: bool) -> Read<Value<'d>> {
        let kind = self.u32()?;
        let count = self.u64()?;
        let width = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            10..=12 => 8,
            8 => 0,
            // Nested ones are in no file about text, and would need a stack.
            9 => return self.refuse("a list of lists"),
            other => return self.refuse(format_args!("{other} is no type of value")),
        };
        // Nothing about a tokenizer is a list of small numbers.
        let keep = keep && !(1..=2).contains(&width);
        if !keep && width > 0 {
            self.take(count.saturating_mul(width))?;
            return Ok(Value::Skipped);
        }
        let mut list = Vec::new();
        for _ in 0..count {
            let value = self.value(kind, keep)?;
            if keep {
                list.push(value);
            }
        }
        Ok(if keep {
            Value::List(list)
        } else {
            Value::Skipped
        })
    }
}
