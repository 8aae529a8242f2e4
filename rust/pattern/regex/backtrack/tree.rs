//! Regexes as trees of a few kinds of nodes, made from the output of the parser.

use std::collections::HashMap;

use crate::error::quote;
use fancy_regex::{Assertion, Expr, LookAround};
use regex_automata::util::look::Look;

use super::super::regular::as_class;
use super::set::Set;

/// A part of a regex. Sets and groups are given by index.
pub enum Node {
    Character(char),
    /// One character of a set.
    Set(usize),
    Assertion(Look),
    /// Where the search for a match began.
    SearchStart,
    /// The end of the text, or line ends up to there.
    LineEndsToEnd {
        crlf: bool,
    },
    Concat(Vec<Node>),
    Alternatives(Vec<Node>),
    /// A group that a backreference names.
    Group(usize, Box<Node>),
    Repeat {
        child: Box<Node>,
        least: usize,
        most: usize,
        greedy: bool,
    },
    Atomic(Box<Node>),
    Look {
        child: Box<Node>,
        behind: bool,
        negative: bool,
    },
    Backreference {
        group: usize,
        caseless: bool,
        size: Size,
    },
}

/// The least and the largest number of characters that something matches.
pub type Size = (usize, usize);

/// A parsed regex, to be compiled.
pub struct Tree {
    pub root: Node,
    pub sets: Vec<Set>,
    /// The number of groups.
    pub groups: usize,
}

fn one_line(message: &str) -> String {
    message.lines().collect::<Vec<_>>().join(" ")
}

/// The parser's message about a regex, in one line. A long regex is quoted from just before
/// the error.
fn explain(error: &fancy_regex::Error, regex: &str) -> String {
    /// A regex that is longer is not quoted as a whole.
    const SHORT: usize = 60;
    /// The number of bytes before the error that are quoted.
    const BEFORE: usize = 20;
    let said = one_line(&error.to_string());
    match error {
        fancy_regex::Error::ParseError(at, _) if regex.len() > SHORT => {
            let starts = regex.char_indices().map(|(start, _)| start);
            let from = starts.take_while(|start| start + BEFORE <= *at).last();
            let from = from.unwrap_or(0);
            format!("{said}, in {}", quote(&regex[from..]))
        }
        _ => said,
    }
}

impl Tree {
    /// Parses a regex; the error says what is wrong with it, in one line.
    pub fn parse(regex: &str) -> Result<Self, String> {
        let parsed = Expr::parse_tree(regex).map_err(|error| explain(&error, regex))?;
        let mut builder = Builder {
            is_named: &|group| parsed.backrefs.contains(group),
            seen: 0,
            indices: HashMap::new(),
            classes: HashMap::new(),
            sets: Vec::new(),
            groups: Vec::new(),
        };
        let root = builder.build(&parsed.expr)?;
        if let Some(group) = builder.indices.keys().find(|&&group| group > builder.seen) {
            return Err(format!("there is no group {group} to refer to"));
        }
        Ok(Tree {
            root,
            sets: builder.sets,
            groups: builder.groups.len(),
        })
    }
}

/// The number of characters that `node` matches. Recursive; the parser limits how deep a regex is.
pub fn size(node: &Node) -> Size {
    let sizes = |nodes: &[Node]| -> Vec<Size> { nodes.iter().map(size).collect() };
    match node {
        Node::Character(_) | Node::Set(_) => (1, 1),
        Node::Assertion(_) | Node::SearchStart | Node::LineEndsToEnd { .. } | Node::Look { .. } => {
            (0, 0)
        }
        Node::Concat(nodes) => sizes(nodes).iter().fold((0, 0), |all, one| {
            (all.0.saturating_add(one.0), all.1.saturating_add(one.1))
        }),
        Node::Alternatives(nodes) => {
            let all = sizes(nodes);
            (
                all.iter().map(|one| one.0).min().unwrap_or(0),
                all.iter().map(|one| one.1).max().unwrap_or(0),
            )
        }
        Node::Group(_, child) | Node::Atomic(child) => size(child),
        Node::Repeat {
            child, least, most, ..
        } => {
            let one = size(child);
            (one.0.saturating_mul(*least), one.1.saturating_mul(*most))
        }
        Node::Backreference { size, .. } => *size,
    }
}

struct Builder<'a> {
    /// Whether a backreference names a group.
    is_named: &'a dyn Fn(usize) -> bool,
    /// The number of groups so far.
    seen: usize,
    /// The indices of the groups that backreferences name.
    indices: HashMap<usize, usize>,
    /// The indices of the sets that classes became.
    classes: HashMap<String, usize>,
    sets: Vec<Set>,
    /// What each group matches, by index.
    groups: Vec<Size>,
}

impl Builder<'_> {
    /// Recursive; the parser limits how deep a regex is.
    fn build(&mut self, expr: &Expr) -> Result<Node, String> {
        let refuse = |what: &str| Err(format!("{what} is not supported"));
        Ok(match expr {
            Expr::Empty => Node::Concat(Vec::new()),
            Expr::Any { newline: true, .. } => self.class("(?s:.)")?,
            Expr::Any { crlf: true, .. } => self.class("(?R:.)")?,
            Expr::Any { .. } => self.class(".")?,
            Expr::Assertion(assertion) => build_assertion(*assertion)?,
            Expr::GeneralNewline { .. } => Node::Atomic(Box::new(Node::Alternatives(vec![
                Node::Concat(vec![Node::Character('\r'), Node::Character('\n')]),
                self.class(r"[\n\x0B\x0C\r\x{85}\x{2028}\x{2029}]")?,
            ]))),
            Expr::Literal { val, casei } => {
                let character = |one: char| match casei {
                    true => self.class(&format!("(?i:{})", regex_syntax::escape(&one.to_string()))),
                    false => Ok(Node::Character(one)),
                };
                concat(val.chars().map(character).collect::<Result<_, _>>()?)
            }
            Expr::LiteralBytes { bytes } => {
                let characters = bytes.iter().map(|&byte| char::from(byte));
                concat(characters.map(Node::Character).collect())
            }
            Expr::Concat(items) => concat(self.build_all(items)?),
            Expr::Alt(items) => Node::Alternatives(self.build_all(items)?),
            Expr::Group(child) => self.build_group(child)?,
            Expr::LookAround(child, kind) => Node::Look {
                child: Box::new(self.build(child)?),
                behind: matches!(kind, LookAround::LookBehind | LookAround::LookBehindNeg),
                negative: matches!(kind, LookAround::LookAheadNeg | LookAround::LookBehindNeg),
            },
            Expr::Repeat {
                child,
                lo,
                hi,
                greedy,
            } => {
                if lo > hi {
                    return Err("a repetition has its counts in the wrong order".into());
                }
                Node::Repeat {
                    child: Box::new(self.build(child)?),
                    least: *lo,
                    most: *hi,
                    greedy: *greedy,
                }
            }
            Expr::Delegate { inner, casei: true } => self.class(&format!("(?i:{inner})"))?,
            Expr::Delegate { inner, .. } => self.class(inner)?,
            Expr::Backref { group, casei } => {
                let group = self.index(*group)?;
                Node::Backreference {
                    group,
                    caseless: *casei,
                    size: self.groups[group],
                }
            }
            Expr::AtomicGroup(child) => Node::Atomic(Box::new(self.build(child)?)),
            Expr::KeepOut => return refuse(r"\K"),
            Expr::ContinueFromPreviousMatchEnd => Node::SearchStart,
            Expr::Conditional { .. } | Expr::BackrefExistsCondition { .. } => {
                return refuse("a condition (?(…)…)");
            }
            Expr::BacktrackingControlVerb(_) => return refuse("a verb (*…)"),
            Expr::Absent(_) => return refuse("the absent operator (?~…)"),
            Expr::DefineGroup { .. } => return refuse("(?(DEFINE)…)"),
            Expr::BackrefWithRelativeRecursionLevel { .. } => {
                return refuse("a backreference at a level of recursion");
            }
            Expr::SubroutineCall(_) | Expr::AstNode(..) => {
                return refuse(r"a call of a group, such as \g<…>,");
            }
        })
    }

    fn build_all(&mut self, items: &[Expr]) -> Result<Vec<Node>, String> {
        items.iter().map(|item| self.build(item)).collect()
    }

    fn build_group(&mut self, child: &Expr) -> Result<Node, String> {
        self.seen += 1;
        let group = self.seen;
        let node = self.build(child)?;
        if !(self.is_named)(group) {
            return Ok(node);
        }
        let index = self.index(group)?;
        self.groups[index] = size(&node);
        Ok(Node::Group(index, Box::new(node)))
    }

    /// The index of a group that a backreference names. Inside the group and before it,
    /// its size is unknown.
    fn index(&mut self, group: usize) -> Result<usize, String> {
        if group == 0 {
            return Err("there is no group 0 to refer to".into());
        }
        Ok(*self.indices.entry(group).or_insert_with(|| {
            self.groups.push((0, usize::MAX));
            self.groups.len() - 1
        }))
    }

    /// A class, as regex-syntax reads it.
    fn class(&mut self, text: &str) -> Result<Node, String> {
        if let Some(&index) = self.classes.get(text) {
            return Ok(Node::Set(index));
        }
        let hir = regex_syntax::parse(text).map_err(|error| one_line(&error.to_string()))?;
        let class = as_class(&hir);
        let class = class.ok_or_else(|| format!("{text} is not supported"))?;
        self.sets.push(Set::new(&class));
        self.classes.insert(text.to_owned(), self.sets.len() - 1);
        Ok(Node::Set(self.sets.len() - 1))
    }
}

fn concat(mut nodes: Vec<Node>) -> Node {
    match nodes.len() {
        1 => nodes.remove(0),
        _ => Node::Concat(nodes),
    }
}

fn build_assertion(assertion: Assertion) -> Result<Node, String> {
    Ok(Node::Assertion(match assertion {
        Assertion::StartText => Look::Start,
        Assertion::EndText => Look::End,
        Assertion::EndTextIgnoreTrailingNewlines { crlf } => {
            return Ok(Node::LineEndsToEnd { crlf });
        }
        Assertion::StartLine { crlf: false } => Look::StartLF,
        Assertion::StartLine { crlf: true } => Look::StartCRLF,
        Assertion::EndLine { crlf: false } => Look::EndLF,
        Assertion::EndLine { crlf: true } => Look::EndCRLF,
        Assertion::LeftWordBoundary => Look::WordStartUnicode,
        Assertion::LeftWordHalfBoundary => Look::WordStartHalfUnicode,
        Assertion::RightWordBoundary => Look::WordEndUnicode,
        Assertion::RightWordHalfBoundary => Look::WordEndHalfUnicode,
        Assertion::WordBoundary => Look::WordUnicode,
        Assertion::NotWordBoundary => Look::WordUnicodeNegate,
        // Only Oniguruma's syntax has it, which is not enabled.
        Assertion::StartLineOniguruma { .. } => {
            return Err("^ as in Oniguruma is not supported".into());
        }
    }))
}
