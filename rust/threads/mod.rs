//! Jobs on threads, with results in order: those of one call ([`map`](mod@map)), two different
//! ones ([`both`](fn@both)), and those that come one after the other ([`pool`]).

mod both;
mod map;
pub(crate) mod pool;

pub use both::both;
pub use map::*;

/// The number of threads to use where the caller does not say: what the system lets
/// this process run at once.
pub fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
