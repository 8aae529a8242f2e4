//! Regexes that an automaton can run: alternatives without anchors or lookaround, save
//! for one look at the character that follows.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind};

use super::syntax::{Kind, Part, parts};

/// What must follow a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// One of these characters …
    pub class: ClassUnicode,
    /// … or the end of the text, if this is set.
    pub or_end: bool,
}

/// Alternatives with the same condition on what follows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// What they match: no captures, no anchors, never the empty text.
    pub body: Hir,
    /// The condition, if any.
    pub next: Option<Next>,
}

/// Why a regex is not of this form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It may be valid, but needs this construct.
    Needs(String),
    /// It is not valid, for this reason.
    Invalid(String),
    /// It can match the empty text.
    MatchesEmpty,
}

/// The alternatives of a regex, first choice first. Neighbours with the same condition
/// are one, so that equal lists mean equal regexes more often.
pub fn parse(regex: &str) -> Result<Vec<Branch>, Reason> {
    let needs = |what: &str| Reason::Needs(what.to_owned());
    let all = parts(regex).ok_or_else(|| needs("balanced brackets and parentheses"))?;
    let (flags, all) = match all.split_first() {
        Some((first, rest)) if first.kind == Kind::Flags => (&regex[first.span.clone()], rest),
        _ => ("", &all[..]),
    };
    for part in all {
        let text = &regex[part.span.clone()];
        if part.kind == Kind::Flags {
            return Err(needs("flags in the middle"));
        }
        if part.kind == Kind::Open && part.depth > 0 && is_look(text) {
            return Err(needs("lookaround inside a group"));
        }
        if part.depth > 0 && regex[part.repeat.clone()].ends_with("+") && part.repeat.len() > 1 {
            return Err(needs("a possessive operator inside a group"));
        }
    }
    let groups = all.iter().filter(|part| part.kind == Kind::Open);
    if groups
        .map(|part| &regex[part.span.clone()])
        .chain([flags])
        .any(is_verbose)
    {
        return Err(needs("verbose mode"));
    }
    let mut branches: Vec<(Vec<Hir>, Option<Next>)> = Vec::new();
    for branch in all.split(|part| part.kind == Kind::Bar && part.depth == 0) {
        let (body, next) = parse_branch(regex, flags, branch)?;
        match branches.last_mut() {
            Some((bodies, last)) if *last == next => bodies.push(body),
            _ => branches.push((vec![body], next)),
        }
    }
    let merge = |(bodies, next)| Branch {
        body: Hir::alternation(bodies),
        next,
    };
    Ok(branches.into_iter().map(merge).collect())
}

/// One alternative, given as the parts of `regex` that it consists of.
fn parse_branch(regex: &str, flags: &str, branch: &[Part]) -> Result<(Hir, Option<Next>), Reason> {
    let mut items = items(branch);
    let next = match items.last() {
        Some(item) => condition(regex, flags, item)?,
        None => None,
    };
    if next.is_some() {
        items.pop();
    }
    let text = |range: std::ops::Range<usize>| &regex[range];
    let mut body = String::from(flags);
    for (index, item) in items.iter().enumerate() {
        let (first, last) = (&item[0], &item[item.len() - 1]);
        if first.kind == Kind::Open && is_look(text(first.span.clone())) {
            return Err(Reason::Needs(
                "lookaround of its kind or in its place".into(),
            ));
        }
        let repeat = text(last.repeat.clone());
        body.push_str(text(first.span.start..last.span.end));
        match repeat.strip_suffix('+') {
            Some(greedy) if !greedy.is_empty() => {
                let rest = items[index + 1..].concat();
                let taken = parse_body(flags, text(first.span.start..last.span.end))?;
                if flags.contains('U')
                    || !never_gives_back(regex, flags, &taken, &rest, next.as_ref())?
                {
                    return Err(Reason::Needs("a possessive operator".into()));
                }
                body.push_str(greedy);
            }
            _ => body.push_str(repeat),
        }
    }
    let body = parse_body(flags, &body[flags.len()..])?;
    if body.properties().minimum_len() == Some(0) {
        return Err(Reason::MatchesEmpty);
    }
    Ok((body, next))
}

/// Groups parts into the items of a concatenation, each with the groups inside it.
fn items(branch: &[Part]) -> Vec<Vec<Part>> {
    let mut items: Vec<Vec<Part>> = Vec::new();
    let mut inside = false;
    for part in branch {
        match items.last_mut() {
            Some(item) if inside => item.push(part.clone()),
            _ => items.push(vec![part.clone()]),
        }
        if part.depth == 0 && matches!(part.kind, Kind::Open | Kind::Close) {
            inside = part.kind == Kind::Open;
        }
    }
    items
}

/// Whether an opening of a group, or flags, ask for white space and comments to be
/// skipped, so that parts are not what they seem.
fn is_verbose(open: &str) -> bool {
    let flags = open.strip_prefix("(?").unwrap_or("");
    flags
        .bytes()
        .take_while(u8::is_ascii_alphabetic)
        .any(|flag| flag == b'x')
}

fn is_look(open: &str) -> bool {
    ["(?=", "(?!", "(?<=", "(?<!", "(?>"].contains(&open)
}

/// The condition on what follows that `item` is, if it is one.
fn condition(regex: &str, flags: &str, item: &[Part]) -> Result<Option<Next>, Reason> {
    let (first, last) = (&item[0], &item[item.len() - 1]);
    if !last.repeat.is_empty() {
        return Ok(None);
    }
    let nothing = Next {
        class: ClassUnicode::empty(),
        or_end: true,
    };
    match &regex[first.span.clone()] {
        "$" if !flags.contains('m') => Ok(Some(nothing)),
        r"\z" => Ok(Some(nothing)),
        look @ ("(?=" | "(?!") => {
            let inside = parse_body(flags, &regex[first.span.end..last.span.start])?;
            let Some(mut class) = as_class(&inside) else {
                return Err(Reason::Needs("lookaround for more than a character".into()));
            };
            let or_end = look == "(?!";
            if or_end {
                class.negate();
            }
            Ok(Some(Next { class, or_end }))
        }
        _ => Ok(None),
    }
}

/// Whether a greedy repetition of `taken`, followed by `rest` and `next`, matches as one
/// that never gives back what it took. It does if the rest always matches, or cannot
/// begin with what would be given back.
fn never_gives_back(
    regex: &str,
    flags: &str,
    taken: &Hir,
    rest: &[Part],
    next: Option<&Next>,
) -> Result<bool, Reason> {
    let mut text = String::new();
    for part in rest {
        let repeat = &regex[part.repeat.clone()];
        text.push_str(&regex[part.span.clone()]);
        text.push_str(match repeat.strip_suffix('+') {
            Some(greedy) if !greedy.is_empty() => greedy,
            _ => repeat,
        });
    }
    let rest = parse_body(flags, &text)?;
    let optional = rest.properties().minimum_len() == Some(0);
    if optional && next.is_none() {
        return Ok(true);
    }
    let (Some(taken), Some(mut first)) = (as_class(taken), first_characters(&rest)) else {
        return Ok(false);
    };
    if let Some(next) = next.filter(|_| optional) {
        first.union(&next.class);
    }
    first.intersect(&taken);
    Ok(first.ranges().is_empty())
}

/// The characters that a match can begin with, if they are easily found.
fn first_characters(hir: &Hir) -> Option<ClassUnicode> {
    let mut first = ClassUnicode::empty();
    match hir.kind() {
        HirKind::Empty => {}
        HirKind::Repetition(repetition) => return first_characters(&repetition.sub),
        HirKind::Concat(items) => {
            for item in items {
                first.union(&first_characters(item)?);
                if item.properties().minimum_len() != Some(0) {
                    break;
                }
            }
        }
        HirKind::Alternation(items) => {
            for item in items {
                first.union(&first_characters(item)?);
            }
        }
        HirKind::Literal(literal) => {
            let start = std::str::from_utf8(&literal.0).ok()?.chars().next()?;
            first.push(ClassUnicodeRange::new(start, start));
        }
        _ => return as_class(hir),
    }
    Some(first)
}

/// The characters that `hir` matches, if it always matches exactly one.
pub fn as_class(hir: &Hir) -> Option<ClassUnicode> {
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => Some(class.clone()),
        HirKind::Class(Class::Bytes(class)) => class.to_unicode_class(),
        HirKind::Literal(literal) => {
            let mut characters = std::str::from_utf8(&literal.0).ok()?.chars();
            let only = characters.next().filter(|_| characters.next().is_none())?;
            Some(ClassUnicode::new([ClassUnicodeRange::new(only, only)]))
        }
        _ => None,
    }
}

/// Parses a regex that has neither anchors nor lookaround.
fn parse_body(flags: &str, regex: &str) -> Result<Hir, Reason> {
    let hir = regex_syntax::parse(&format!("{flags}{regex}")).map_err(|error| refusal(&error))?;
    if !hir.properties().look_set().is_empty() {
        return Err(Reason::Needs("an anchor or a word boundary".into()));
    }
    Ok(simplify(&hir))
}

/// The reason that an error of the parser amounts to. Most of what it does not know is syntax
/// of the backtracking engine. But that engine also accepts counts and ranges in the wrong
/// order, with a meaning of its own.
fn refusal(error: &regex_syntax::Error) -> Reason {
    use regex_syntax::ast::ErrorKind::{ClassRangeInvalid, RepetitionCountInvalid};
    match error {
        regex_syntax::Error::Parse(parse)
            if matches!(parse.kind(), ClassRangeInvalid | RepetitionCountInvalid) =>
        {
            Reason::Invalid(explain(error))
        }
        _ => Reason::Needs(explain(error)),
    }
}

/// The message of the parser, in one line.
fn explain(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        other => other.to_string(),
    }
}

/// Removes captures, and the laziness of fixed counts. Recursive; the parser limits how deep a
/// regex can be.
fn simplify(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Capture(capture) => simplify(&capture.sub),
        HirKind::Concat(items) => Hir::concat(items.iter().map(simplify).collect()),
        HirKind::Alternation(items) => Hir::alternation(items.iter().map(simplify).collect()),
        HirKind::Repetition(repetition) => {
            let mut repetition = repetition.clone();
            repetition.greedy |= repetition.max == Some(repetition.min);
            repetition.sub = Box::new(simplify(&repetition.sub));
            Hir::repetition(repetition)
        }
        _ => hir.clone(),
    }
}
