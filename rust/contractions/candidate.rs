//! Finds where a contraction may be, by letters and apostrophes alone.

use super::characters::{
    back, character_at, character_before, is_digit, is_in_names, is_in_words, is_letter, run_end,
    run_start,
};
use super::lexicon::{SELF_STANDING, Word};

/// How many characters of a host are looked at. Longer words have no clitics.
const HOST_WINDOW: usize = 40;
/// The longest chain of clitics: 'dn't've.
const LONGEST_CHAIN: usize = 3;

/// The clitics that begin at an apostrophe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clitics {
    /// Where they end. The search for the next contraction goes on there.
    pub end: usize,
    /// Whether a contraction may end there.
    pub may_end: bool,
}

/// The word that clitics are attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host {
    /// Where it begins; where the clitics begin if there is none.
    pub start: usize,
    /// Whether it is certainly not part of an address.
    pub is_plain: bool,
}

/// Finds the clitics that the apostrophe at `at` begins, or all of a word like 'tis.
pub fn clitics(text: &str, at: usize) -> Clitics {
    let first = next_place(text, at);
    let before = character_before(text, at);
    let mut chained = 0;
    let found = match before {
        Some(before) if is_in_words(before) => {
            let clitic = clitic(text, first);
            chained = usize::from(clitic.is_some());
            clitic.or_else(|| match before {
                'y' | 'Y' => letters(text, first, "all"),
                'd' | 'D' => you(text, first),
                _ => None,
            })
        }
        Some(before) if is_digit(before) => None,
        _ => whole(text, first),
    };
    let Some(end) = found else {
        let (end, may_end) = (first, false);
        return Clitics { end, may_end };
    };
    let (end, count) = chain(text, end, chained);
    let may_end = count <= LONGEST_CHAIN && is_end(text, end);
    Clitics { end, may_end }
}

/// Finds the host of clitics that begin at `at`, with hyphens and apostrophes inside. None
/// if the word cannot have clitics. Nothing before `from` is looked at.
pub fn host(text: &str, from: usize, at: usize) -> Option<Host> {
    let window = text[from.min(at)..at]
        .char_indices()
        .rev()
        .take(HOST_WINDOW);
    let run = window.take_while(|&(_, character)| character != ' ').last();
    let from = run.map_or(at, |(start, _)| from + start);
    let start = run_start(text, from, at, is_letter);
    if start == from && start < at {
        let is_plain = true;
        return Some(Host { start, is_plain });
    }
    let run = &text[from..at];
    // Before a contraction inside an address there is always such a mark.
    let is_plain = !run.contains(['@', '/', '.']) && run.chars().count() < HOST_WINDOW;
    let last = run_start(text, from, at, is_in_words);
    if last == at {
        // The apostrophe of 'tis follows no letter.
        let tied = run.ends_with(|before| ties(before) || is_digit(before));
        let start = at;
        return (!tied).then_some(Host { start, is_plain });
    }
    let (mut start, mut hyphenated) = (last, None);
    while start > from
        && let Some(joint @ ('\'' | '-')) = character_before(text, start)
    {
        let end = back(text, start, 1);
        let part = run_start(text, from, end, is_in_words);
        if part == end {
            break;
        }
        if joint == '-' {
            hyphenated.get_or_insert(start);
        }
        start = part;
    }
    if text[from..start].ends_with(ties) {
        return None;
    }
    if let Some(last) = hyphenated
        && Word::new(&text[last..at].to_lowercase()).is_in(SELF_STANDING)
    {
        start = last; // The hyphen is a dash.
    }
    Some(Host { start, is_plain })
}

/// Whether a character before a host shows that it is part of an identifier.
fn ties(character: char) -> bool {
    matches!(character, '_' | '@' | '#' | '&' | '$' | '\\' | '0'..='9')
}

/// The offset after the character at an offset.
fn next_place(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(0, char::len_utf8)
}

/// Where a word that begins at an offset ends, in either case.
fn letters(text: &str, at: usize, word: &str) -> Option<usize> {
    let end = at + word.len();
    let found = text.as_bytes().get(at..end)?;
    found.eq_ignore_ascii_case(word.as_bytes()).then_some(end)
}

/// Where a clitic ends that begins at an offset, after its apostrophe.
fn clitic(text: &str, at: usize) -> Option<usize> {
    let letter = |at: usize| text.as_bytes().get(at).map(u8::to_ascii_lowercase);
    match (letter(at)?, letter(at + 1)) {
        (b'l', Some(b'l')) | (b'v' | b'r', Some(b'e')) => Some(at + 2),
        // 't must follow.
        (b'd', Some(b'n')) => {
            let negated = character_at(text, at + 2) == Some('\'')
                && letters(text, next_place(text, at + 2), "t").is_some();
            negated.then_some(at + 2)
        }
        (b's' | b't' | b'd' | b'm', _) => Some(at + 1),
        _ => None,
    }
}

/// Where the "you" of d'you, d'ya or d'ye ends, from after the apostrophe. No clitics follow.
fn you(text: &str, at: usize) -> Option<usize> {
    let mut words = ["you", "ya", "ye"].into_iter();
    let end = words.find_map(|word| letters(text, at, word))?;
    is_end(text, end).then_some(end)
}

/// Where a word such as 'tis ends before its clitics, from after its apostrophe.
fn whole(text: &str, at: usize) -> Option<usize> {
    let words = ["tis", "tai", "twas", "twere", "twill", "twould", "two"];
    let end = words.iter().find_map(|word| letters(text, at, word))?;
    letters(text, end, "n").or(Some(end))
}

/// Where the clitics that begin at an offset end, and how many they are with those before.
fn chain(text: &str, mut end: usize, mut count: usize) -> (usize, usize) {
    while character_at(text, end) == Some('\'')
        && let Some(next) = clitic(text, next_place(text, end))
    {
        end = next;
        count += 1;
    }
    (end, count)
}

/// Whether a contraction may end here: no letter, digit or combining mark follows, and no
/// second apostrophe inside a word.
fn is_end(text: &str, at: usize) -> bool {
    match character_at(text, at) {
        Some('\'') => !character_at(text, next_place(text, at)).is_some_and(is_in_names),
        Some('-') => !joins(text, at),
        Some(next) => !is_in_names(next) && !matches!(next, '@' | '\u{300}'..='\u{36f}'),
        None => true,
    }
}

/// Whether a hyphen makes what stands before it part of a compound: "let's-wait-and-see",
/// "don't-know". It is a dash before a pronoun or conjunction: "it's-and I know-late".
fn joins(text: &str, at: usize) -> bool {
    let end = run_end(text, at + 1, is_letter);
    if end == at + 1 {
        return false;
    }
    let more = text[end..].starts_with('-') && text[end + 1..].starts_with(is_letter);
    let dash = [
        "i", "you", "he", "she", "it", "we", "they", "and", "or", "but",
    ];
    more || !dash.contains(&text[at + 1..end].to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contractions::characters::find_apostrophe;

    /// The host and clitics at the first apostrophe, if a contraction may be there.
    fn found(text: &str) -> Option<(&str, &str)> {
        let at = find_apostrophe(text, 0)?;
        let clitics = Some(clitics(text, at)).filter(|clitics| clitics.may_end)?;
        let host = host(text, 0, at)?;
        Some((&text[host.start..at], &text[at..clitics.end]))
    }

    #[test]
    fn hosts_and_clitics_are_found() {
        for (text, host, clitics) in [
            ("it's", "it", "'s"),
            ("(It\u{2019}D\u{2019}VE, ", "It", "\u{2019}D\u{2019}VE"),
            ("y'all'dn't.", "y", "'all'dn't"),
            ("so d'ya", "d", "'ya"),
            ("'Tisn't", "", "'Tisn't"),
            ("well-it's", "it", "'s"),
            ("mother-in-law's", "mother-in-law", "'s"),
            ("x_ 'twould", "", "'twould"),
            ("é's'", "é", "'s'".trim_end_matches('\'')),
        ] {
            assert_eq!(found(text), Some((host, clitics)), "{text}");
        }
        for text in [
            "it'st",
            "it's5",
            "it's_",
            "it's@",
            "it's'x",
            "it'x",
            "5's",
            "x_it's",
            "@it's",
            "a1's",
            "'s",
            "it's\u{301}",
            "it'dn",
            "'s's's's's'it",
            "_'tis",
            "d'you'll",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn the_rest_of_a_chain_is_no_candidate() {
        let long = "it's's's's!";
        let clitics = clitics(long, 2);
        let (end, may_end) = (long.len() - 1, false);
        assert_eq!(clitics, Clitics { end, may_end });
    }

    #[test]
    fn parts_of_addresses_are_not_plain() {
        for (text, plain) in [
            ("it's", true),
            ("\"it's", true),
            ("x/it's", false),
            ("x.it's", false),
            ("------------------------------------------it's", false),
        ] {
            let at = text.len() - 2;
            assert_eq!(
                host(text, 0, at).map(|host| host.is_plain),
                Some(plain),
                "{text}"
            );
        }
    }
}
