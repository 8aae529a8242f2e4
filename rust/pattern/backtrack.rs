//! Runs the regexes that no automaton can.

use fancy_regex::{Regex, RegexBuilder};

use super::automaton::Step;
use super::work::{TooMuch, Work};

/// How often one search may go back to try something else.
const BACKTRACK_LIMIT: usize = 1 << 20;

/// Compiles a regex; the error says what is wrong with it, in one line.
pub fn compile(regex: &str) -> Result<Regex, String> {
    RegexBuilder::new(regex)
        .backtrack_limit(BACKTRACK_LIMIT)
        .build()
        .map_err(|error| error.to_string().lines().collect::<Vec<_>>().join(" "))
}

/// Calls `visit` with the matches from `at` on and the unmatched text before each, until
/// it returns `false` or the text ends. Where the regex matches the empty text, it does
/// not match.
pub fn walk(
    regex: &Regex,
    text: &str,
    mut at: usize,
    work: &mut Work,
    visit: &mut dyn FnMut(Step, &mut Work) -> Result<bool, TooMuch>,
) -> Result<(), TooMuch> {
    let reach = text.len() + 1;
    let (mut more, mut from) = (true, at);
    while more && at < text.len() {
        let found = regex.find_from_pos(text, from).map_err(|_| TooMuch(from))?;
        let step = match found {
            Some(found) if found.start() == found.end() => {
                from = found.end() + text[found.end()..].chars().next().map_or(1, char::len_utf8);
                if from < text.len() {
                    continue;
                }
                Step {
                    start: text.len(),
                    end: text.len(),
                    reach,
                }
            }
            Some(found) => Step {
                start: found.start(),
                end: found.end(),
                reach,
            },
            None => Step {
                start: text.len(),
                end: text.len(),
                reach,
            },
        };
        (at, from) = (step.end, step.end);
        more = visit(step, work)?;
    }
    Ok(())
}
