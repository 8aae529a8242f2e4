//! Jobs on threads, with results in order: those of one call ([`map`](mod@map)), and those that
//! come one after the other ([`pool`]).

mod map;
pub(crate) mod pool;

pub use map::*;
