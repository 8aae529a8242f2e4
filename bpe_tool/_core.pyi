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
        """Name the constructor above, with its arguments, that gives an equal tokenizer."""

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
        """Add up what encoding gives: `(counts, sums, split)`.

        Counts are by id. Of each document there are six sums: tokens, bytes, characters,
        words, tokens of words and words in one token. `split` has the words that are in
        several. A word is a run of characters whose code points have not 0 in `of_words`.
        """

    def encode_with_offsets(
        self, text: str | bytes, special: str, template: bool
    ) -> tuple[list[int], list[tuple[int, int]]]: ...
    def count(self, text: str | bytes, special: str, template: bool) -> int: ...
    def decode(self, ids: Iterable[int]) -> bytes: ...
    def decode_arrays(
        self, ids: bytes | bytearray, bounds: bytes | bytearray
    ) -> tuple[bytearray, bytearray]:
        """Decode rows of a buffer of ids at once: `(bytes, bounds)` likewise."""

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
        """Return the merges that can occur, in order of rank: ids `left, right, result` of each.

        One at most makes each token; what none makes, merging never makes.
        """

    @property
    def looks_up_whole(self) -> bool:
        """Whether a pretoken that is a token is that token, whatever merging makes of it."""

    def in_model(self, id: int) -> bool:
        """Return whether an id is that of a token, and not of an added token only."""

    @property
    def missing(self) -> tuple[Literal["merges", "tokens"], int, int] | None:
        """What looks as if a part of the file were missing, if anything does.

        `"merges"`: so many tokens are the result of no merge; the id of one of them.
        `"tokens"`: so many ids below the largest have no token; the first.
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

    `terminator` of `None` means that the stream is one document. Blocks are given, and what
    became of them is taken in the same order: `(ids, ends, offsets)`, the ids that the block
    settled, for each document that ended the length of `ids` at its end, and `(start, end)`
    byte positions in the document for every id if `offsets`, else empty. In between, threads
    work on what is under way.

    `before` and `after` stand around the ids of each document; their positions are those
    of its two ends.
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

        Of the documents that end in it, those of the numbers in `bare`, which are sorted,
        get nothing around them.
        """

    def give_end(self) -> None:
        """End the stream. What that settles counts as a block. Another one may follow."""

    def take(self, most: int) -> tuple[bytearray, bytearray, bytearray] | None:
        """Take what became of the next block, or raise what is wrong with it.

        `None` if no more than `most` bytes are under way: the text that the blocks settled,
        and 1024 for each; unless the last block failed, or half a million documents end in
        them. After an exception, of any method, only `reset` is of use.
        """

    def end_threads(self) -> None:
        """End the threads, once they have done what is under way. Others come with more work."""

    def reset(self) -> None:
        """Forget what is under way, and end the threads. A new stream can begin."""

    @property
    def threads(self) -> int:
        """How many threads it uses at most."""

    @property
    def special_tokens_in_text(self) -> int:
        """How many special tokens were met as plain text so far, if `count_special`."""

def format_ids(
    ids: bytes | bytearray,
    ends: bytes | bytearray,
    *,
    json: bool,
    skipped: Sequence[int],
    continued: bool,
) -> bytes:
    """Ids as decimal numbers, one document a line: with a space between, or as JSON.

    The documents of the numbers in `skipped`, which are sorted, are written as an empty
    line, or as `null`. `continued` says that the first document has ids from earlier calls
    already.
    """

def parse_ids(text: bytes, separator: bytes) -> tuple[bytearray, bytearray]:
    """Read what `format_ids` writes without `json`: `(ids, ends)`.

    `text` holds whole documents, and `separator` ends each.
    """

def record_cuts(text: bytes, terminator: bytes, most: int) -> list[int]:
    """Return where to cut a text so that each piece holds `most` terminators at most."""

def join_rows(rows: Iterable[object]) -> tuple[bytearray, bytearray] | None:
    """Return the ids of rows and their bounds, as arrays.

    Returns:
        None if a row is neither a `list` nor a `tuple`, or an item is not an `int` from 0 to
        2^32 - 1.
    """

def on_exhaustion(end: Callable[[], object]) -> None:
    """Have `end` called where the core finds no memory, on any thread; it ends the process.

    Without, such a process ends by `SIGABRT`, as those of Rust do. Only the first call counts.

    Raises:
        MemoryError: There is no room for what `end` will need.
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
        """Call `sink` with pieces of the counts' one sorted form, for a digest."""

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
    """Refuse options that contradict themselves or whose vocabulary could not be written.

    They are those of `bpe_tool.train.TrainOptions` by name, but for its roles.
    """

def train(
    counts: PretokenCounts, options: Mapping[str, object], progress: Callable[[int, int], object]
) -> tuple[Tokenizer, list[int]]:
    """Learn a vocabulary: `(tokenizer, the count of each merge when it was made)`.

    `progress(done, total)` is called a few times a second with estimated work done.
    """

def expand_contractions(text: str, ambiguous: str, inversion: str, bare: bool) -> str:
    """Write English contractions out in full. A text without any is returned itself.

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
