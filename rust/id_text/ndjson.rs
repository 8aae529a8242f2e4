//! Reads ids from NDJSON: on each line an object with the list `ids`, or `null` for a skipped
//! document.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The documents of a text, as far as they have been read.
#[derive(Default)]
pub struct NdjsonIds {
    pub ids: Vec<u32>,
    /// The length of `ids` at the end of each document.
    pub ends: Vec<i64>,
    /// The numbers of the skipped documents.
    pub skipped: Vec<usize>,
    /// How much of the text has been read.
    read: usize,
}

impl NdjsonIds {
    /// Reads the lines of `text` that have not been read yet, up to one that it cannot read,
    /// and returns that one. It is for the caller to append that document. All other lines are
    /// read as any JSON parser would; of fields with the same name, the last one counts.
    pub fn read<'a>(&mut self, text: &'a [u8]) -> Option<&'a [u8]> {
        while let Some(rest) = text.get(self.read..).filter(|rest| !rest.is_empty()) {
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = &rest[..end];
            self.read += end + 1;
            let start = self.ids.len();
            match read_line(line, &mut self.ids) {
                Ok(true) => self.end(),
                Ok(false) => self.skip(),
                Err(_) => {
                    self.ids.truncate(start);
                    return Some(line);
                }
            }
        }
        None
    }

    /// Ends a document.
    pub fn end(&mut self) {
        self.ends.push(self.ids.len() as i64);
    }

    /// Appends a document that was skipped.
    pub fn skip(&mut self) {
        self.skipped.push(self.ends.len());
        self.end();
    }
}

/// Appends the ids of a line. Returns whether there are any: false for `null`.
fn read_line(line: &[u8], ids: &mut Vec<u32>) -> serde_json::Result<bool> {
    let text = simdutf8::basic::from_utf8(line).map_err(Error::custom)?;
    let mut json = serde_json::Deserializer::from_str(text);
    let found = json.deserialize_any(Document(ids))?;
    json.end()?;
    Ok(found)
}

/// Reads a document.
struct Document<'a>(&'a mut Vec<u32>);

impl<'de> Visitor<'de> for Document<'_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object with a list \"ids\"")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut fields: M) -> Result<bool, M::Error> {
        let start = self.0.len();
        let mut found = false;
        while let Some(name) = fields.next_key()? {
            match name {
                Name::Ids => {
                    self.0.truncate(start);
                    fields.next_value_seed(List(self.0))?;
                    found = true;
                }
                Name::Other => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        if found {
            Ok(true)
        } else {
            Err(Error::missing_field("ids"))
        }
    }
}

/// The name of a field.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Name {
    Ids,
    #[serde(other)]
    Other,
}

/// Reads a list of ids.
struct List<'a>(&'a mut Vec<u32>);

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a list of ids")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> Result<(), S::Error> {
        while let Some(id) = items.next_element()? {
            self.0.push(id);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_written_and_other_fields() {
        let text = br#"{"ids":[1,4294967295]}
null
{"n":1e400,"s":"\ud800","ids":[7] , "x":[{"ids":[-1]}]}
 {"ids":[5],"\u0069ds":[]}"#;
        let mut found = NdjsonIds::default();
        assert_eq!(found.read(text), None);
        assert_eq!(found.ids, [1, u32::MAX, 7]);
        assert_eq!(found.ends, [2, 2, 3, 3]);
        assert_eq!(found.skipped, [1]);
    }

    #[test]
    fn stops_at_a_line_that_it_cannot_read() {
        for line in [
            &b""[..],
            b"3",
            b"[1]",
            b"{}",
            br#"{"id":[1]}"#,
            br#"{"ids":null}"#,
            br#"{"ids":[1,-1]}"#,
            br#"{"ids":[4294967296]}"#,
            br#"{"ids":[1.0]}"#,
            br#"{"ids":[1e2]}"#,
            br#"{"ids":["1"]}"#,
            br#"{"ids":[true]}"#,
            br#"{"ids":[[1]]}"#,
            br#"{"ids":[01]}"#,
            br#"{"ids":[1,]}"#,
            br#"{"ids":[1]} x"#,
            br#"{"ids":[1]"#,
            b"{\"ids\":[1],\"n\":\"\xff\"}",
            b"{\"ids\":[1],\"n\":\"\t\"}",
            b"\xef\xbb\xbf{\"ids\":[1]}",
        ] {
            let text = [b"{\"ids\":[7]}\n", line, b"\n{\"ids\":[8]}\n"].concat();
            let mut found = NdjsonIds::default();
            assert_eq!(found.read(&text), Some(line));
            found.ids.push(9);
            found.end();
            assert_eq!(found.read(&text), None);
            assert_eq!((found.ids, found.ends), (vec![7, 9, 8], vec![1, 2, 3]));
        }
    }
}
