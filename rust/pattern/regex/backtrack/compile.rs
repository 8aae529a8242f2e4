//! Compiles regexes to programs.

use super::first_bytes::{FirstBytes, first_bytes};
use super::program::{Instruction, Program, Taking};
use super::set::Set;
use super::tree::{Node, Tree, size};

impl Program {
    /// Compiles a regex; the error says what is wrong with it, in one line.
    pub fn new(regex: &str) -> Result<Self, String> {
        let tree = Tree::parse(regex)?;
        let mut compiler = Compiler {
            instructions: Vec::new(),
            sets: tree.sets,
            slots: 2 * tree.groups,
        };
        compiler.compile(&tree.root, false)?;
        compiler.push(Instruction::Match);
        Ok(Program {
            may_be_empty: size(&tree.root).0 == 0,
            first_bytes: compiler.first_bytes(&tree.root, false),
            instructions: compiler.instructions,
            sets: compiler.sets,
            slots: compiler.slots,
        })
    }
}

struct Compiler {
    instructions: Vec<Instruction>,
    sets: Vec<Set>,
    slots: usize,
}

impl Compiler {
    /// Appends the instructions for `node`. Recursive; the parser limits how deep a regex
    /// is.
    fn compile(&mut self, node: &Node, back: bool) -> Result<(), String> {
        match node {
            Node::Character(_) => self.compile_literal(std::slice::from_ref(node), back),
            Node::Set(set) => {
                self.push(Instruction::Set { set: *set, back });
            }
            Node::Assertion(look) => {
                self.push(Instruction::Assertion(*look));
            }
            Node::SearchStart => {
                self.push(Instruction::SearchStart);
            }
            Node::LineEndsToEnd { crlf } => {
                self.push(Instruction::LineEndsToEnd { crlf: *crlf });
            }
            Node::Concat(nodes) => self.compile_concat(nodes, back)?,
            Node::Alternatives(nodes) => {
                self.compile_alternatives(nodes, back, |own, node| own.compile(node, back))?
            }
            Node::Group(..) | Node::Atomic(_) | Node::Backreference { .. } if back => {
                return Err(
                    "an atomic group, a possessive operator or a backreference is not \
                            supported in a lookbehind of variable length, nor is a group \
                            that a backreference names"
                        .into(),
                );
            }
            Node::Group(group, child) => {
                self.push(Instruction::Save(2 * group));
                self.compile(child, back)?;
                self.push(Instruction::Save(2 * group + 1));
            }
            Node::Repeat {
                child,
                least,
                most,
                greedy,
            } => match self.as_set(child) {
                Some(set) => {
                    let taking = if *greedy { Taking::Most } else { Taking::Least };
                    self.compile_run(set, (*least, *most), taking, back);
                }
                None => self.compile_repeat(child, (*least, *most), *greedy, back)?,
            },
            Node::Atomic(child) => self.compile_atomic(child, back)?,
            Node::Look {
                child,
                behind,
                negative,
            } => self.compile_look(child, *behind, *negative)?,
            Node::Backreference {
                group, caseless, ..
            } => {
                self.push(Instruction::Backreference {
                    slot: 2 * group,
                    caseless: *caseless,
                });
            }
        }
        Ok(())
    }

    fn compile_concat(&mut self, nodes: &[Node], back: bool) -> Result<(), String> {
        let is_character = |node: &Node| matches!(node, Node::Character(_));
        let mut rows: Vec<&[Node]> = nodes
            .chunk_by(|one, next| is_character(one) && is_character(next))
            .collect();
        if back {
            rows.reverse();
        }
        for row in rows {
            match row {
                [Node::Character(_), ..] => self.compile_literal(row, back),
                row => self.compile(&row[0], back)?,
            }
        }
        Ok(())
    }

    fn compile_literal(&mut self, characters: &[Node], back: bool) {
        let text: String = characters
            .iter()
            .filter_map(|node| match node {
                Node::Character(character) => Some(character),
                _ => None,
            })
            .collect();
        self.push(Instruction::Literal {
            bytes: text.into_bytes().into(),
            back,
        });
    }

    fn compile_alternatives(
        &mut self,
        nodes: &[Node],
        back: bool,
        mut compile: impl FnMut(&mut Self, &Node) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut jumps = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            if index + 1 == nodes.len() {
                compile(self, node)?;
                break;
            }
            let first_bytes = self.first_bytes(node, back);
            let split = self.split(first_bytes);
            compile(self, node)?;
            jumps.push(self.push(Instruction::Jump(0)));
            self.set_exit(split);
        }
        for jump in jumps {
            self.set_exit(jump);
        }
        Ok(())
    }

    fn compile_run(&mut self, set: usize, counts: (usize, usize), taking: Taking, back: bool) {
        self.push(Instruction::Run {
            set,
            least: counts.0,
            most: counts.1,
            taking,
            back,
        });
    }

    fn compile_repeat(
        &mut self,
        child: &Node,
        (least, most): (usize, usize),
        greedy: bool,
        back: bool,
    ) -> Result<(), String> {
        let can_be_empty = size(child).0 == 0;
        let first_bytes = if greedy {
            self.first_bytes(child, back)
        } else {
            None
        };
        match (least, most) {
            (_, 0) => {}
            (0, 1) => {
                let split = self.split(first_bytes);
                self.compile(child, back)?;
                self.set_exit(split);
                self.prefer(split, greedy);
            }
            (0, usize::MAX) if !can_be_empty => {
                let split = self.split(first_bytes);
                self.compile(child, back)?;
                self.push(Instruction::Jump(split));
                self.set_exit(split);
                self.prefer(split, greedy);
            }
            (1, usize::MAX) if !can_be_empty => {
                let start = self.instructions.len();
                self.compile(child, back)?;
                let split = self.split(first_bytes);
                self.set_exit(split);
                if let Instruction::Split { first, .. } = &mut self.instructions[split] {
                    *first = start;
                }
                self.prefer(split, greedy);
            }
            _ => {
                let count = self.new_slot();
                let start = (most == usize::MAX && can_be_empty).then(|| self.new_slot());
                self.push(Instruction::Zero(count));
                let repeat = self.push(Instruction::Repeat {
                    count,
                    start,
                    least,
                    most,
                    greedy,
                    exit: 0,
                });
                self.compile(child, back)?;
                self.push(Instruction::Jump(repeat));
                self.set_exit(repeat);
            }
        }
        Ok(())
    }

    fn compile_atomic(&mut self, child: &Node, back: bool) -> Result<(), String> {
        if let Node::Repeat {
            child,
            least,
            most,
            greedy: true,
        } = child
            && let Some(set) = self.as_set(child)
        {
            self.compile_run(set, (*least, *most), Taking::All, back);
            return Ok(());
        }
        let slot = self.new_slot();
        self.new_slot();
        self.push(Instruction::Enter(slot));
        self.compile(child, back)?;
        self.push(Instruction::Commit(slot));
        Ok(())
    }

    fn compile_look(&mut self, child: &Node, behind: bool, negative: bool) -> Result<(), String> {
        if let Some(set) = self.as_set(child) {
            self.push(Instruction::Peek {
                set,
                behind,
                negative,
            });
            return Ok(());
        }
        let slot = self.new_slot();
        self.new_slot();
        let enter = self.push(match negative {
            true => Instruction::EnterNot { slot, exit: 0 },
            false => Instruction::Enter(slot),
        });
        match behind {
            true => self.compile_behind(child)?,
            false => self.compile(child, false)?,
        }
        self.push(match negative {
            true => Instruction::Fail(slot),
            false => Instruction::Return(slot),
        });
        self.set_exit(enter);
        Ok(())
    }

    /// The inside of a lookbehind: read forwards from where it must start if that is known,
    /// so that groups match as elsewhere, and otherwise backwards.
    fn compile_behind(&mut self, child: &Node) -> Result<(), String> {
        let (least, most) = size(child);
        if least == most {
            self.push(Instruction::Back(least));
            return self.compile(child, false);
        }
        match child {
            Node::Alternatives(nodes) => {
                self.compile_alternatives(nodes, true, Self::compile_behind)
            }
            _ => self.compile(child, true),
        }
    }

    /// The set of characters that `node` matches, if it always matches exactly one.
    fn as_set(&mut self, node: &Node) -> Option<usize> {
        match node {
            Node::Set(set) => Some(*set),
            Node::Character(only) => {
                self.sets.push(Set::of(*only));
                Some(self.sets.len() - 1)
            }
            _ => None,
        }
    }

    /// The bytes that `node` can begin with, if they restrict it.
    fn first_bytes(&self, node: &Node, back: bool) -> Option<Box<FirstBytes>> {
        let first_bytes = if back {
            None
        } else {
            first_bytes(node, &self.sets)
        };
        first_bytes.map(Box::new)
    }

    fn push(&mut self, instruction: Instruction) -> usize {
        self.instructions.push(instruction);
        self.instructions.len() - 1
    }

    fn new_slot(&mut self) -> usize {
        self.slots += 1;
        self.slots - 1
    }

    /// A split into what follows and an exit that is set later.
    fn split(&mut self, first_bytes: Option<Box<FirstBytes>>) -> usize {
        let first = self.instructions.len() + 1;
        self.push(Instruction::Split {
            first,
            second: 0,
            first_bytes,
        })
    }

    /// Makes an instruction lead to the next one that is pushed.
    fn set_exit(&mut self, at: usize) {
        let next = self.instructions.len();
        match &mut self.instructions[at] {
            Instruction::Jump(exit)
            | Instruction::Split { second: exit, .. }
            | Instruction::Repeat { exit, .. }
            | Instruction::EnterNot { exit, .. } => *exit = next,
            _ => {}
        }
    }

    /// Swaps the alternatives of a split unless it is greedy.
    fn prefer(&mut self, at: usize, greedy: bool) {
        if let Instruction::Split { first, second, .. } = &mut self.instructions[at]
            && !greedy
        {
            std::mem::swap(first, second);
        }
    }
}
