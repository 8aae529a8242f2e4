//! Strict JSON: every value knows its byte offset, keys are unique, and unexpected keys
//! are refused.
//!
//! A [`Node`] is a piece of the text whose syntax is known to be valid; each level is
//! parsed on request, so there is no recursion on the file's nesting.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt;

use super::{Location, quote};
use crate::error::{Error, Result};

/// One value of a JSON text.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    text: &'a str,
    location: Location,
}

impl<'a> Node<'a> {
    /// Checks the syntax of a whole file.
    pub fn parse(format: &'static str, data: &'a [u8]) -> Result<Self> {
        let location = |offset| Location {
            format,
            offset,
            line: None,
        };
        let text = std::str::from_utf8(data)
            .map_err(|error| location(error.valid_up_to()).error("the text is not valid UTF-8"))?;
        if text.trim_ascii().is_empty() {
            return Err(location(0).error("the file is empty"));
        }
        let file = Node {
            text,
            location: location(0),
        };
        Ok(file.part(file.deserialize()?))
    }

    /// Where the value starts.
    pub fn location(self) -> Location {
        self.location
    }

    /// The text of the value in the file.
    pub fn text(self) -> &'a str {
        self.text
    }

    /// Whether the value is `null`.
    pub fn is_null(self) -> bool {
        self.text == "null"
    }

    /// Whether the value is a string.
    pub fn is_string(self) -> bool {
        self.text.starts_with('"')
    }

    /// The value of `true` or `false`.
    pub fn boolean(self) -> Result<bool> {
        self.expect("true or false")?;
        Ok(self.text == "true")
    }

    /// The value of a string.
    pub fn string(self) -> Result<String> {
        self.expect("a string")?;
        self.deserialize()
    }

    /// The value of an id: a whole number that fits 32 bits.
    pub fn id(self) -> Result<u32> {
        let digits = self.text.bytes().all(|byte| byte.is_ascii_digit());
        self.text.parse().ok().filter(|_| digits).ok_or_else(|| {
            self.location
                .error(format_args!("expected an id, found {}", quote(self.text)))
        })
    }

    /// The values of a list.
    pub fn list(self) -> Result<Vec<Node<'a>>> {
        self.expect("a list")?;
        let items: Vec<&'a RawValue> = self.deserialize()?;
        Ok(items.into_iter().map(|item| self.part(item)).collect())
    }

    /// The entries of an object, in their order. Refuses a key that comes twice.
    pub fn entries(self) -> Result<Vec<(String, Node<'a>)>> {
        self.expect("an object")?;
        let Entries(entries) = self.deserialize()?;
        let mut seen = HashSet::with_capacity(entries.len());
        for (key, value) in &entries {
            if !seen.insert(key) {
                let location = self.part(value).location;
                return Err(location.error(format_args!("the key {} comes twice", quote(key))));
            }
        }
        Ok(entries
            .into_iter()
            .map(|(key, value)| (key, self.part(value)))
            .collect())
    }

    /// The entries of an object by key. Messages call the object `name`.
    pub fn object(self, name: &'static str) -> Result<Object<'a>> {
        Ok(Object {
            name,
            location: self.location,
            entries: self.entries()?,
        })
    }

    fn expect(self, wanted: &str) -> Result<()> {
        let found = self.kind();
        if found == wanted {
            return Ok(());
        }
        Err(self
            .location
            .error(format_args!("expected {wanted}, found {found}")))
    }

    fn kind(self) -> &'static str {
        match self.text.as_bytes().first() {
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b'"') => "a string",
            Some(b't' | b'f') => "true or false",
            Some(b'n') => "null",
            _ => "a number",
        }
    }

    /// The value for a message.
    fn quoted(self) -> String {
        match self.kind() {
            "a string" => quote(&self.string().unwrap_or_default()),
            kind @ ("an object" | "a list") => kind.to_owned(),
            _ => self.text.to_owned(),
        }
    }

    /// `raw` is a slice of this value's text, which is where its offset comes from.
    fn part(self, raw: &'a RawValue) -> Node<'a> {
        let start = raw.get().as_ptr().addr() - self.text.as_ptr().addr();
        let location = Location {
            offset: self.location.offset + start,
            ..self.location
        };
        Node {
            text: raw.get(),
            location,
        }
    }

    fn deserialize<T: Deserialize<'a>>(self) -> Result<T> {
        serde_json::from_str(self.text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let lines = self.text.split_inclusive('\n').take(line.saturating_sub(1));
            let offset = match error.is_eof() {
                true => self.text.len(),
                false => lines.map(str::len).sum::<usize>() + column.saturating_sub(1),
            };
            let message = error.to_string();
            let suffix = format!(" at line {line} column {column}");
            let reason = message.strip_suffix(&suffix).unwrap_or(&message);
            Location {
                offset: self.location.offset + offset,
                ..self.location
            }
            .error(reason)
        })
    }
}

/// An object whose keys are taken one at a time.
pub(super) struct Object<'a> {
    name: &'static str,
    location: Location,
    entries: Vec<(String, Node<'a>)>,
}

impl<'a> Object<'a> {
    /// The value of `key`, unless it is missing or `null`.
    pub fn take(&mut self, key: &str) -> Option<Node<'a>> {
        let index = self.entries.iter().position(|(other, _)| other == key)?;
        let (_, value) = self.entries.swap_remove(index);
        (!value.is_null()).then_some(value)
    }

    /// The value of `key`, which must be there.
    pub fn need(&mut self, key: &str) -> Result<Node<'a>> {
        let missing = format!("{} has no {key:?}", self.name);
        self.take(key).ok_or_else(|| self.location.error(missing))
    }

    /// Whether `key` is there and not `null`.
    pub fn has(&self, key: &str) -> bool {
        self.entries
            .iter()
            .any(|(other, value)| other == key && !value.is_null())
    }

    /// Takes keys whose value, `true` or `false`, changes nothing.
    pub fn ignore_flags(&mut self, keys: &[&str]) -> Result<()> {
        for key in keys {
            self.take(key).map(Node::boolean).transpose()?;
        }
        Ok(())
    }

    /// Refuses keys that were not taken, unless they are `null`.
    pub fn finish(self) -> Result<()> {
        match self.entries.iter().find(|(_, value)| !value.is_null()) {
            None => Ok(()),
            Some((key, value)) => Err(self.unsupported(key, *value)),
        }
    }

    /// The refusal of what `key` says.
    pub fn unsupported(&self, key: &str, value: Node) -> Error {
        Error::Unsupported {
            what: format!(
                "{} with the {} {} (byte {})",
                self.name,
                quote(key),
                value.quoted(),
                value.location.offset
            ),
        }
    }
}

/// Entries in order, their values unparsed.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}
