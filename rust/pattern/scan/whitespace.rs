//! White space and the rest, in turns.

use super::super::text::{Read, Text};
use super::block::Window;
use super::window::{Rule, Starts, after};
use crate::unicode::SPACE;

/// The end of the pretoken at `at`: `\S+|\s+`.
#[inline(always)]
fn end(text: &Text, at: usize) -> usize {
    if text.class(at).0 & SPACE != 0 {
        text.run(at, SPACE)
    } else {
        text.run_without(at, SPACE)
    }
}

pub struct Whitespace;

impl Rule for Whitespace {
    #[inline(always)]
    fn starts(window: &Window, _: &Text, _: usize) -> Starts {
        let space = window.of(SPACE) | window.line_break;
        let starts = (space ^ after(space)) & window.valid;
        Starts { starts, unclear: 0 }
    }

    #[inline(always)]
    fn end(text: &Text, at: usize) -> usize {
        end(text, at)
    }
}
