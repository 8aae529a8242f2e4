//! SentencePiece's `.model`, of its kind BPE: a message in Protocol Buffers' encoding.
//!
//! Ids are those that SentencePiece gives. Its template is empty; pieces for control are special
//! tokens, which SentencePiece itself never finds in text.

use super::pieces::{Kind, Piece, Rules, to_tokenizer_json};
use super::{Location, tokenizer_json};
use crate::error::{Error, Result};
use crate::vocab::Vocab;

const FORMAT: &str = "SentencePiece model";

/// Reads a file. Kinds other than BPE and normalization by a table are refused.
pub fn read(data: &[u8]) -> Result<Vocab> {
    tokenizer_json::read(&convert(data)?).map_err(|error| without_offset(error, FORMAT))
}

/// The same model as a `tokenizer.json`.
pub(super) fn convert(data: &[u8]) -> Result<Vec<u8>> {
    let model = Model::parse(data)?;
    let unsupported = |what: &str| {
        Err(Error::Unsupported {
            what: format!("a {FORMAT} {what}"),
        })
    };
    match model.kind {
        2 => {}
        1 => return unsupported("of kind Unigram"),
        3 => return unsupported("of kind Word"),
        4 => return unsupported("of kind Char"),
        _ => return unsupported("of an unknown kind"),
    }
    if model.has_table {
        let name = super::quote(&model.normalization);
        return unsupported(&format!("with the normalization {name}"));
    }
    if model.suffix {
        return unsupported("that marks spaces at the end of words");
    }
    if !model.escape {
        return unsupported("that does not mark spaces");
    }
    to_tokenizer_json(
        &model.pieces,
        &Rules {
            format: FORMAT,
            byte_fallback: model.byte_fallback,
            prefix: model.prefix,
            collapse: model.collapse,
            before: None,
            after: None,
        },
    )
}

/// An error about a `tokenizer.json` that was made from a file of another format.
pub(super) fn without_offset(error: Error, format: &'static str) -> Error {
    match error {
        Error::Malformed { reason, .. } => Error::Malformed {
            format,
            offset: None,
            reason,
        },
        other => other,
    }
}

/// What matters of a model.
struct Model {
    pieces: Vec<Piece>,
    kind: u64,
    byte_fallback: bool,
    suffix: bool,
    normalization: String,
    has_table: bool,
    prefix: bool,
    collapse: bool,
    escape: bool,
}

impl Model {
    fn parse(data: &[u8]) -> Result<Self> {
        let mut model = Model {
            pieces: Vec::new(),
            kind: 1,
            byte_fallback: false,
            suffix: false,
            normalization: String::new(),
            has_table: false,
            prefix: true,
            collapse: true,
            escape: true,
        };
        let mut file = Message::new(data);
        while let Some((number, value)) = file.field()? {
            match number {
                1 => model.pieces.push(read_piece(value.message()?)?),
                2 => model.read_trainer(value.message()?)?,
                3 => model.read_normalizer(value.message()?)?,
                _ => {}
            }
        }
        if model.pieces.is_empty() {
            return Err(file.error("the file holds no pieces"));
        }
        Ok(model)
    }

    fn read_trainer(&mut self, mut fields: Message<'_>) -> Result<()> {
        while let Some((number, value)) = fields.field()? {
            match number {
                3 => self.kind = value.number()?,
                24 => self.suffix = value.number()? != 0,
                35 => self.byte_fallback = value.number()? != 0,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_normalizer(&mut self, mut fields: Message<'_>) -> Result<()> {
        while let Some((number, value)) = fields.field()? {
            match number {
                1 => self.normalization = value.string()?,
                2 => self.has_table = !value.message()?.data.is_empty(),
                3 => self.prefix = value.number()? != 0,
                4 => self.collapse = value.number()? != 0,
                5 => self.escape = value.number()? != 0,
                _ => {}
            }
        }
        Ok(())
    }
}

fn read_piece(mut fields: Message<'_>) -> Result<Piece> {
    let mut piece = Piece {
        text: String::new(),
        score: 0.0,
        kind: Kind::Normal,
    };
    while let Some((number, value)) = fields.field()? {
        match number {
            1 => piece.text = value.string()?,
            2 => piece.score = value.float()?,
            3 => {
                let number = value.number()?;
                piece.kind = Kind::new(number)
                    .ok_or_else(|| value.error(&format!("{number} is no type of piece")))?;
            }
            _ => {}
        }
    }
    Ok(piece)
}

/// The fields of a message, one after the other.
struct Message<'d> {
    data: &'d [u8],
    /// Where `data` begins in the file.
    start: usize,
    at: usize,
}

/// The value of a field, and where it is in the file.
struct Value<'d> {
    offset: usize,
    content: Content<'d>,
}

enum Content<'d> {
    Number(u64),
    Fixed32([u8; 4]),
    Fixed64,
    Bytes(&'d [u8]),
}

impl<'d> Message<'d> {
    fn new(data: &'d [u8]) -> Self {
        Message {
            data,
            start: 0,
            at: 0,
        }
    }

    fn error(&self, reason: &str) -> Error {
        malformed(self.start + self.at, reason)
    }

    fn take(&mut self, length: usize) -> Result<&'d [u8]> {
        let end = self.at.checked_add(length);
        let taken = end.and_then(|end| self.data.get(self.at..end));
        let taken = taken.ok_or_else(|| self.error("the file ends within a field"))?;
        self.at += length;
        Ok(taken)
    }

    fn varint(&mut self) -> Result<u64> {
        let mut value = 0;
        for shift in (0..70).step_by(7) {
            let byte = self.take(1)?[0];
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.error("a number exceeds 64 bits"))
    }

    /// The number and the value of the next field.
    fn field(&mut self) -> Result<Option<(u64, Value<'d>)>> {
        if self.at == self.data.len() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = tag >> 3;
        if number == 0 {
            return Err(self.error("a field has number 0"));
        }
        let offset = self.start + self.at;
        let content = match tag & 7 {
            0 => Content::Number(self.varint()?),
            1 => {
                self.take(8)?;
                Content::Fixed64
            }
            2 => {
                let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
                Content::Bytes(self.take(length)?)
            }
            5 => {
                let bytes = self.take(4)?;
                Content::Fixed32(bytes.try_into().expect("as many bytes were taken"))
            }
            _ => return Err(self.error("a field has an unknown type")),
        };
        Ok(Some((number, Value { offset, content })))
    }
}

impl<'d> Value<'d> {
    fn error(&self, reason: &str) -> Error {
        malformed(self.offset, reason)
    }

    fn number(&self) -> Result<u64> {
        match self.content {
            Content::Number(number) => Ok(number),
            _ => Err(self.error("expected a number")),
        }
    }

    fn float(&self) -> Result<f32> {
        match self.content {
            Content::Fixed32(bytes) => Ok(f32::from_le_bytes(bytes)),
            _ => Err(self.error("expected a number of four bytes")),
        }
    }

    fn message(&self) -> Result<Message<'d>> {
        match self.content {
            // The offset is that of the length, at most a few bytes before.
            Content::Bytes(data) => Ok(Message {
                data,
                start: self.offset,
                at: 0,
            }),
            _ => Err(self.error("expected bytes")),
        }
    }

    fn string(&self) -> Result<String> {
        let text = str::from_utf8(self.message()?.data);
        let text = text.map_err(|_| self.error("the text is not valid UTF-8"))?;
        Ok(text.to_owned())
    }
}

fn malformed(offset: usize, reason: &str) -> Error {
    Location {
        format: FORMAT,
        offset,
        line: None,
    }
    .error(reason)
}
