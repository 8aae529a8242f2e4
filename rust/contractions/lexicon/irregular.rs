//! The irregular verbs, from the one table of them: the inflection and the lemmas of the Python
//! side read it through the native module.

use super::{Class, IRREGULAR_PARTICIPLES, PAST_ONLY, PURE_PARTICIPLES, SAME_PARTICIPLES};

const TABLE: &str = include_str!("irregular_verbs.txt");

/// What the table has for a regular form.
const REGULAR: &str = "-";

/// Simple pasts that are more often something else: "a bit late", "he'd bore you", "a slew of".
const NOT_PASTS: [&str; 3] = ["bit", "bore", "slew"];

/// An irregular verb. The first of several forms is the one to write; `-` is the regular form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IrregularVerb {
    /// Its infinitive.
    pub base: &'static str,
    /// Its forms of the simple past.
    pub pasts: Vec<&'static str>,
    /// Its past participles.
    pub participles: Vec<&'static str>,
}

/// All irregular verbs but "be", in alphabetical order.
pub fn irregular_verbs() -> impl Iterator<Item = IrregularVerb> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| {
        let mut columns = line.split(' ');
        let base = columns.next()?;
        let pasts = columns.next()?.split('/').collect();
        let participles = columns.next()?.split('/').collect();
        Some(IrregularVerb {
            base,
            pasts,
            participles,
        })
    })
}

impl IrregularVerb {
    /// Its irregular forms, with the classes that each is in.
    pub(super) fn classes(&self) -> Vec<(&'static str, Class)> {
        let mut found = Vec::new();
        for &form in &self.participles {
            let pure = if self.pasts.contains(&form) {
                0
            } else {
                PURE_PARTICIPLES
            };
            found.push(if form == self.base {
                (form, SAME_PARTICIPLES)
            } else {
                (form, IRREGULAR_PARTICIPLES | pure)
            });
        }
        for (at, &form) in self.pasts.iter().enumerate() {
            let only = at == 0
                && form != self.base
                && !self.participles.contains(&form)
                && !NOT_PASTS.contains(&form);
            found.push((form, if only { PAST_ONLY } else { 0 }));
        }
        found.retain(|&(form, _)| form != REGULAR);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_verb_with_forms() {
        let verbs: Vec<IrregularVerb> = irregular_verbs().collect();
        assert_eq!(
            verbs.len(),
            TABLE.lines().filter(|line| !line.starts_with('#')).count()
        );
        assert!(verbs.is_sorted_by(|first, second| first.base < second.base));
        for IrregularVerb {
            base,
            pasts,
            participles,
        } in verbs
        {
            for word in pasts.iter().chain(&participles).chain([&base]) {
                let letters = word.bytes().all(|byte| byte.is_ascii_lowercase());
                assert!(!word.is_empty() && (letters || *word == REGULAR), "{base}");
            }
            // Otherwise nothing about it is irregular.
            assert!(
                pasts
                    .iter()
                    .chain(&participles)
                    .any(|&form| form != REGULAR),
                "{base}"
            );
        }
    }

    #[test]
    fn forms_have_their_classes() {
        let find = |base: &str| irregular_verbs().find(|verb| verb.base == base).unwrap();
        assert_eq!(
            find("take").classes(),
            [
                ("taken", IRREGULAR_PARTICIPLES | PURE_PARTICIPLES),
                ("took", PAST_ONLY)
            ]
        );
        assert_eq!(
            find("put").classes(),
            [("put", SAME_PARTICIPLES), ("put", 0)]
        );
        assert_eq!(find("bite").classes()[1], ("bit", 0));
        assert_eq!(
            find("burn").classes(),
            [("burnt", IRREGULAR_PARTICIPLES), ("burnt", 0)]
        );
    }
}
