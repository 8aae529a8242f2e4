"""The native module: the boundary between Python and the Rust core, as a contract.

Blocks and batches cross it whole. Arrays of numbers come back as `bytearray`s in
native (little-endian) byte order: ids as unsigned 32-bit, positions as signed 64-bit.

`special` is one of `"text"`, `"token"`, `"error"`. `threads` of 0 means as many as the
process may use. Errors are the classes of `bpe_tool.errors`.
"""

import builtins
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, final

__version__: str
UNICODE_VERSION: str
PATTERNS: list[str]
APOSTROPHES: str

@final
class Tokenizer:
    """An immutable tokenizer; safe to share between threads."""

    @staticmethod
    def from_tokenizer_json(data: bytes) -> Tokenizer: ...
    @staticmethod
    def from_tiktoken(
        data: bytes, pattern: str, special_tokens: Sequence[tuple[str, int | None]]
    ) -> Tokenizer: ...
    @staticmethod
    def from_vocab_and_merges(
        vocab: bytes, merges: bytes, pattern: str, special_tokens: Sequence[tuple[str, int | None]]
    ) -> Tokenizer: ...
    def to_tokenizer_json(self) -> bytes: ...
    def to_tiktoken(self) -> bytes: ...
    def to_vocab_and_merges(self) -> tuple[bytes, bytes]: ...
    def state(self) -> tuple[str, tuple[object, ...]]:
        """Return a constructor's name, and the arguments with which it gives an equal tokenizer."""

    def encode(self, text: str | bytes, special: str, template: bool) -> list[int]: ...
    def encode_batch(
        self, texts: Sequence[str | bytes], special: str, template: bool, threads: int
    ) -> list[list[int]]: ...
    def encode_arrays(
        self, texts: Sequence[str | bytes], special: str, template: bool, threads: int
    ) -> tuple[bytearray, bytearray]:
        """`(ids, bounds)`: row `i` is `ids[bounds[i]:bounds[i + 1]]`."""

    def measure(
        self, texts: Sequence[str | bytes], of_words: bytes, threads: int
    ) -> tuple[bytearray, bytearray, dict[bytes, int]]:
        """Encode documents and return statistics: `(counts, sums, split)`.

        `counts` is how often each id occurs, by id. `sums` has six numbers for each document:
        tokens, bytes, characters, words, tokens of all words, and words that are one token.
        `split` maps each word of several tokens to how often it occurs. A word is a run of
        characters whose entry in `of_words`, by code point, is not 0.
        """

    def encode_with_offsets(
        self, text: str | bytes, special: str, template: bool
    ) -> tuple[list[int], list[tuple[int, int]]]: ...
    def count(self, text: str | bytes, special: str, template: bool) -> int: ...
    def decode(self, ids: Iterable[int]) -> bytes: ...
    def decode_arrays(
        self, ids: bytes | bytearray, bounds: bytes | bytearray
    ) -> tuple[bytearray, bytearray]:
        """Decode the rows of an array of ids: `(bytes, bounds)`, with the bounds in bytes."""

    def id_to_token(self, id: int) -> bytes: ...
    def tokens(self) -> tuple[bytearray, bytearray, bytearray]:
        """Return all tokens in order of id: `(ids, bytes, bounds)`.

        The token of `ids[i]` is `bytes[bounds[i]:bounds[i + 1]]`. An added token's bytes are
        its text.
        """

    def token_to_id(self, token: bytes) -> int | None: ...
    def pretokenize(self, text: bytes) -> list[bytes]: ...
    @property
    def merges(self) -> list[tuple[bytes, bytes]]: ...
    def effective_merges(self) -> bytearray:
        """Return the merges that can occur, in order of rank: `left, right, result` ids of each.

        Each token has one at most. A token of several bytes without one is never the result of
        merging.
        """

    @property
    def looks_up_whole(self) -> bool:
        """Whether a pretoken that is a token becomes that token, without merging."""

    def in_model(self, id: int) -> bool:
        """Return whether an id belongs to a token of the model, not only to an added token."""

    @property
    def missing(self) -> tuple[Literal["merges", "tokens"], int, int] | None:
        """Which part of the file seems to be missing, if any: `(part, count, id)`.

        `"merges"`: the number of tokens that no merge makes, and the id of one of them.
        `"tokens"`: the number of ids below the largest that have no token, and the first.
        """

    @property
    def special_tokens(self) -> dict[str, int]: ...
    @property
    def added_tokens(self) -> dict[str, int]:
        """The added tokens that are not special: found in every text before it is split."""

    @property
    def pattern(self) -> str: ...
    @property
    def max_id(self) -> int: ...
    @property
    def template(self) -> tuple[list[int], list[int]]:
        """The ids that the vocabulary's own template puts before and after a text."""

    def __len__(self) -> int: ...

@final
class DocumentEncoder:
    """Encodes a stream of documents that comes in blocks.

    With `terminator=None`, the stream is one document. Blocks are given, and their results are
    taken in the same order: `(ids, ends, offsets)`. These are the ids that the block settled;
    for each document that ended, the length of `ids` at its end; and with `offsets`, the
    `(start, end)` byte positions of every id in its document. In between, threads work on the
    blocks that are pending.

    The ids `before` and `after` are put around those of each document; their positions are
    the start and the end of the document.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        terminator: bytes | None,
        special: str,
        offsets: bool,
        count_special: bool,
        threads: int,
        max_pretoken_bytes: int,
        before: Sequence[int] = ...,
        after: Sequence[int] = ...,
    ) -> None: ...
    def give(self, block: bytes, bare: Sequence[int] = ...) -> None:
        """Give the next block.

        `bare` are the indices, sorted, of those documents that end in it and get neither
        `before` nor `after`.
        """

    def give_end(self) -> None:
        """End the stream. Its remaining ids count as a block. Another stream may follow."""

    def take(self, most: int) -> tuple[bytearray, bytearray, bytearray] | None:
        """Take the result of the next block, or raise its error.

        Returns `None` if no more than `most` bytes are pending (the text that the blocks
        settled, and 1024 for each), unless the last block failed, or half a million documents
        end in them. After an exception from any method, only `reset` may be called.
        """

    def end_threads(self) -> None:
        """End the threads after their pending work. More work starts new ones."""

    def reset(self) -> None:
        """Drop pending work, and end the threads. A new stream can begin."""

    @property
    def threads(self) -> int:
        """The largest number of threads it uses."""

    @property
    def special_tokens_in_text(self) -> int:
        """The number of special tokens found as plain text so far, with `count_special`."""

def format_ids(
    ids: bytes | bytearray,
    ends: bytes | bytearray,
    *,
    json: bool,
    skipped: Sequence[int],
    continued: bool,
) -> bytes:
    """Format ids as decimal numbers, one document a line: separated by spaces, or as JSON.

    The documents with the indices in `skipped`, which are sorted, become an empty line, or
    `null`. `continued` means that earlier calls have written ids of the first document.
    """

def parse_ids(text: bytes, separator: bytes) -> tuple[bytearray, bytearray]:
    """Read what `format_ids` writes without `json`: `(ids, ends)`.

    `text` holds whole documents, and `separator` ends each.
    """

def record_cuts(text: bytes, terminator: bytes, most: int) -> list[int]:
    """Return positions that cut a text into pieces with at most `most` terminators each."""

def join_rows(rows: Iterable[object]) -> tuple[bytearray, bytearray] | None:
    """Return the ids of rows and their bounds, as arrays.

    Returns:
        None if a row is neither a `list` nor a `tuple`, or an item is not an `int` from 0 to
        2^32 - 1.
    """

def on_exhaustion(end: Callable[[], object]) -> None:
    """Have `end` called when the core runs out of memory, on any thread; it ends the process.

    Without it, the process ends with `SIGABRT`. Only the first call counts.

    Raises:
        MemoryError: The memory that `end` will need cannot be reserved.
    """

def plan_packing(
    lengths: bytes | bytearray, length: int, *, strategy: str, long: str
) -> tuple[bytearray, bytearray, bytearray, bytearray]:
    """Plan rows of `length` ids: `(row_bounds, documents, starts, stops)`.

    `strategy` is one of `"concatenate"`, `"best-fit"`, `"best-fit-crop"`, `long` one of
    `"split"`, `"truncate"`, `"drop"`; see `bpe_tool.batching.packing`.
    """

@final
class PretokenCounts:
    """How often each pretoken occurs."""

    @property
    def documents(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def pretokens(self) -> int: ...
    def __len__(self) -> int: ...
    def write_sorted(self, sink: Callable[[builtins.bytes], object]) -> None:
        """Call `sink` with pieces of the counts' canonical form, for a digest."""

@final
class PretokenCounter:
    """Counts the pretokens of a stream of documents that comes in blocks."""

    def __init__(
        self,
        pattern: str,
        *,
        special_tokens: Sequence[str],
        terminator: bytes | None,
        threads: int,
        max_pretoken_bytes: int,
    ) -> None: ...
    def feed(self, block: bytes) -> None: ...
    def end_stream(self) -> None:
        """End the current document; the next block starts another stream."""

    def feed_documents(self, texts: Sequence[str | bytes]) -> None: ...
    def finish(self) -> PretokenCounts: ...

def check_options(options: Mapping[str, object]) -> None:
    """Refuse options that contradict each other or whose vocabulary could not be written.

    They are the fields of `bpe_tool.train.TrainOptions`, except its roles.
    """

def train(
    counts: PretokenCounts, options: Mapping[str, object], progress: Callable[[int, int], object]
) -> tuple[Tokenizer, list[int]]:
    """Learn a vocabulary: `(tokenizer, the count of each merge when it was made)`.

    `progress(done, total)` is called a few times a second, in units of estimated work.
    """

def expand_contractions(text: str, ambiguous: str, inversion: str, bare: bool) -> str:
    """Write English contractions out in full. A text without any is returned unchanged.

    `ambiguous` is one of `"likely"`, `"keep"`, `"list"`; `inversion` is `"literal"` or
    `"reorder"`; `bare` says whether words that lack their apostrophe count. Here and below, a
    text with a lone surrogate raises `DataError`.
    """

def expand_all_contractions(
    texts: Iterable[str], ambiguous: str, inversion: str, bare: bool
) -> list[str]:
    """Do the same for many texts at once."""

def contraction_edits(
    text: str, ambiguous: str, inversion: str, bare: bool
) -> list[tuple[int, int, str, str, float, tuple[str, ...]]]:
    """Return the fields of each `bpe_tool.preprocess.edits.Edit` that this makes."""
