//! The backtracking stack: what the virtual machine returns to when an alternative fails.

/// The value of an unset slot.
pub const UNSET: usize = usize::MAX;

/// What to do if the current alternative fails.
#[derive(Clone, Copy)]
pub enum Entry {
    /// Continue with this instruction and position.
    Alternative { pc: usize, at: usize },
    /// Give back one character of a run that read from one position to another.
    GiveBack { pc: usize, from: usize, to: usize },
    /// Let a run take another character, of `left` at most.
    Take { pc: usize, at: usize, left: usize },
}

/// An entry, or a slot to restore before the entry below is taken.
#[derive(Clone, Copy)]
enum Item {
    Entry(Entry),
    Undo { slot: usize, old: usize },
}

/// The entries, the last one on top, and the slots of a program.
pub struct Stack {
    items: Vec<Item>,
    pub slots: Vec<usize>,
}

impl Stack {
    /// An empty stack with unset slots.
    pub fn new(slots: usize) -> Self {
        Stack {
            items: Vec::new(),
            slots: vec![UNSET; slots],
        }
    }

    /// Empties the stack and unsets the slots.
    pub fn clear(&mut self) {
        self.items.clear();
        self.slots.fill(UNSET);
    }

    /// The number of items.
    pub fn height(&self) -> usize {
        self.items.len()
    }

    /// Adds an entry.
    pub fn push(&mut self, entry: Entry) {
        self.items.push(Item::Entry(entry));
    }

    /// Sets a slot until the entry now on top is taken.
    pub fn set(&mut self, slot: usize, value: usize) {
        let old = std::mem::replace(&mut self.slots[slot], value);
        self.items.push(Item::Undo { slot, old });
    }

    /// Takes the entry on top, and restores the slots.
    pub fn pop(&mut self) -> Option<Entry> {
        loop {
            match self.items.pop()? {
                Item::Entry(entry) => return Some(entry),
                Item::Undo { slot, old } => self.slots[slot] = old,
            }
        }
    }

    /// Drops the items above `height` and restores the slots. Returns the number of items.
    pub fn undo(&mut self, height: usize) -> usize {
        let dropped = self.items.len() - height;
        for item in self.items.drain(height..).rev() {
            if let Item::Undo { slot, old } = item {
                self.slots[slot] = old;
            }
        }
        dropped
    }

    /// Drops the entries above `height`, but keeps the slots. Returns the number of items
    /// examined.
    pub fn commit(&mut self, height: usize) -> usize {
        let above = self.items.len() - height;
        if above > 0 {
            let mut kept = height;
            for index in height..self.items.len() {
                if let Item::Undo { .. } = self.items[index] {
                    self.items[kept] = self.items[index];
                    kept += 1;
                }
            }
            self.items.truncate(kept);
        }
        above
    }
}
