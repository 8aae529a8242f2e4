"""The native module: the contract between Python and the Rust core.

Blocks and batches are passed as a whole. Arrays of numbers are returned as `bytearray`s in
native (little-endian) byte order: ids as unsigned 32-bit, positions as signed 64-bit numbers.

For `special`, see `bpe_tool.Tokenizer`. `threads=0` uses every CPU available to the process.
Errors are the classes of `bpe_tool.errors`.
"""

import builtins
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, TypeAlias, final

from typing_extensions import Buffer

_Special: TypeAlias = Literal["text", "token", "error"]

# Probability, seed, epoch, and the number of the first text; see `bpe_tool.Tokenizer`.
_Dropout: TypeAlias = tuple[float, int, int, int]

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
    def from_sentencepiece(data: bytes) -> Tokenizer: ...
    @staticmethod
    def gguf_length(data: bytes) -> int | None:
        """Return how many bytes of a GGUF file hold its metadata; `None`: more than these."""

    @staticmethod
    def from_gguf(data: bytes) -> Tokenizer:
        """Read the tokenizer in a GGUF file, of which the metadata is enough."""

    @staticmethod
    def from_tiktoken(
        data: bytes, pattern: str, special_tokens: Sequence[tuple[str, int | None]]
    ) -> Tokenizer: ...
    @staticmethod
    def from_vocab_and_merges(
        vocab: bytes, merges: bytes, pattern: str, special_tokens: Sequence[tuple[str, int | None]]
    ) -> Tokenizer: ...
    def with_vocab_size(self, vocab_size: int) -> Tokenizer:
        """Return the vocabulary without the tokens of the highest ids; added tokens stay."""

    def refusing_missing(self) -> Tokenizer:
        """Return the same tokenizer, for which text without a token is an error."""

    @property
    def is_complete(self) -> bool:
        """Whether every text is known to have tokens."""

    @property
    def refuses_missing(self) -> bool: ...
    def take_missing(self) -> int:
        """Return how many bytes or characters had no token since the last call.

        They were left out, or became the unknown token, in all threads.
        """

    def to_tokenizer_json(self) -> bytes: ...
    def to_tiktoken(self) -> bytes: ...
    def to_vocab_and_merges(self) -> tuple[bytes, bytes]: ...
    def state(self) -> tuple[str, tuple[object, ...]]:
        """Return the name of a constructor above, and arguments that make an equal tokenizer."""

    def encode(
        self, text: str | bytes, special: _Special, template: bool, dropout: _Dropout | None = ...
    ) -> list[int]: ...
    def encode_into(
        self, text: str | bytes, buffer: object, special: _Special, template: bool
    ) -> int:
        """Write the ids to the first items of an array, and return how many there are."""

    def encode_batch(
        self,
        texts: Sequence[str | bytes],
        special: _Special,
        template: bool,
        threads: int,
        dropout: _Dropout | None = ...,
    ) -> list[list[int]]: ...
    def encode_arrays(
        self,
        texts: Sequence[str | bytes],
        special: _Special,
        template: bool,
        threads: int,
        width: int = ...,
        dropout: _Dropout | None = ...,
    ) -> tuple[memoryview, bytearray]:
        """Return `(ids, bounds)`: row `i` is `ids[bounds[i]:bounds[i + 1]]`.

        `ids` is a view of bytes that is writable and costs no copy. `width` is how many an id
        has: 4 or, if all ids of the vocabulary fit, 2.
        """

    def measure(
        self, texts: Sequence[str | bytes], of_words: bytes, threads: int
    ) -> tuple[bytearray, bytearray, dict[bytes, int]]:
        """Encode texts and return statistics: `(counts, sums, split)`.

        `counts` has the number of occurrences of each id. `sums` has six numbers for each text:
        tokens, bytes, characters, words, tokens in words, and words of one token. `split` maps
        words of several tokens to their number of occurrences. A word is a run of characters
        whose code points have a value other than 0 in `of_words`.
        """

    def encode_with_offsets(
        self, text: str | bytes, special: _Special, template: bool
    ) -> tuple[list[int], list[tuple[int, int]]]: ...
    def count(
        self, text: str | bytes, special: _Special, template: bool, limit: int | None = ...
    ) -> int:
        """Return the number of ids; with a limit that they pass, only `limit + 1`."""

    def truncate(self, text: str | bytes, limit: int, special: _Special) -> int:
        """Return how many bytes of a text to keep, so that they have `limit` ids."""

    def chunks(
        self, text: str | bytes, limit: int, overlap: int, special: _Special
    ) -> list[tuple[int, int]]:
        """Return where the pieces of a text start and end, in bytes."""

    def decode(self, ids: Iterable[int], skip_special: bool = ...) -> bytes: ...
    def decode_text(self, ids: Iterable[int], errors: str, skip_special: bool) -> str: ...
    def decode_arrays(
        self, ids: bytes | bytearray, bounds: bytes | bytearray
    ) -> tuple[bytearray, bytearray]:
        """Decode rows of ids: `(bytes, bounds)`; row `i` is `bytes[bounds[i]:bounds[i + 1]]`."""

    def id_to_token(self, id: int) -> bytes: ...
    def tokens(self) -> tuple[bytearray, bytearray, bytearray]:
        """Return all tokens in order of id: `(ids, bytes, bounds)`.

        The token of `ids[i]` is `bytes[bounds[i]:bounds[i + 1]]`. An added token's bytes are
        its text.
        """

    def token_to_id(self, token: bytes) -> int | None: ...
    def pretoken_count(self, text: bytes | str) -> int:
        """Return how many pretokens a text has, which no step of the vocabulary changes."""

    def pretokenize(self, text: bytes) -> list[bytes]: ...
    @property
    def merges(self) -> list[tuple[bytes, bytes]]: ...
    def effective_merges(self) -> bytearray:
        """Return the merges that can occur, in order of rank, as ids `left, right, result`.

        At most one of them makes each token.
        """

    @property
    def changes_text(self) -> bool:
        """Whether text is changed before it is encoded, or parts of it are left out."""

    @property
    def decodes_by_steps(self) -> bool:
        """Whether the text of an id may depend on the ids around it."""

    @property
    def not_applied(self) -> list[str]:
        """The parts of its file that are kept but not applied: `truncation`, `padding`."""

    @property
    def looks_up_whole(self) -> bool:
        """Whether a pretoken that is a token becomes its id without any merging."""

    def in_model(self, id: int) -> bool:
        """Return whether an id belongs to the model, not only to an added token."""

    @property
    def missing(self) -> tuple[Literal["merges", "tokens"], int, int] | None:
        """A sign that part of the file is missing, if there is one.

        `"merges"`, the number of tokens that no merge makes, the id of one of them; or
        `"tokens"`, the number of ids below the largest that have no token, the first of them.
        """

    @property
    def special_tokens(self) -> dict[str, int]: ...
    @property
    def whole_word_tokens(self) -> list[str]:
        """The special tokens that count only where no word character touches them."""

    @property
    def added_tokens(self) -> dict[str, int]:
        """The added tokens that are not special. They are matched before text is split."""

    @property
    def pattern(self) -> str: ...
    @property
    def max_id(self) -> int: ...
    @property
    def template(self) -> tuple[list[int], list[int]]:
        """The ids that the vocabulary's own template adds before and after a text."""

    def __len__(self) -> int: ...

@final
class DocumentEncoder:
    """Encodes a stream of documents that comes in blocks.

    Blocks are given, and their ids are taken in the same order, perhaps some blocks later.
    Threads encode in between. The records of a block hold the ids that are certain after it, and
    the ends of documents that end in it.

    Args:
        tokenizer: The tokenizer.
        terminator: What ends a document. `None` if the stream is one document.
        special: See `bpe_tool.Tokenizer`. `"marked"`: special tokens are those between the bytes
            0xFE and 0xFD, which must not be in documents otherwise. Their text is text elsewhere.
            Offsets count these bytes.
        offsets: Return offsets, too.
        count_special: Count special tokens that are encoded as plain text.
        threads: The number of threads.
        max_pretoken_bytes: A longer pretoken is an error.
        before: Ids to add before each document, with the offset of its start.
        after: Ids to add after each document, with the offset of its end.
        dropout: Which merges to drop. Documents are numbered as they come.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        terminator: bytes | None,
        special: _Special | Literal["marked"],
        offsets: bool,
        count_special: bool,
        threads: int,
        max_pretoken_bytes: int,
        before: Sequence[int] = ...,
        after: Sequence[int] = ...,
        dropout: _Dropout | None = ...,
    ) -> None: ...
    def give(self, block: bytes, bare: Sequence[int] = ...) -> None:
        """Give the next block.

        `bare` has the sorted indices of documents that end in this block and get no ids before
        and after them.
        """

    def give_end(self) -> None:
        """End the stream. The remaining ids count as a block. Another stream may follow."""

    def take(self, most: int) -> Records | None:
        """Return the ids of the next block, or raise its error.

        Returns `None` if the given blocks hold at most `most` bytes of text (each block counts
        1024 bytes more), unless the last one failed or more than half a million documents end
        in them. After an exception of any method, call `reset`.
        """

    def end_threads(self) -> None:
        """End the threads after their current work. New ones are started when needed."""

    def reset(self) -> None:
        """Discard all given blocks and end the threads. A new stream can begin."""

    @property
    def threads(self) -> int:
        """The maximum number of threads."""

    @property
    def special_tokens_in_text(self) -> int:
        """The number of special tokens encoded as plain text so far, if `count_special`."""

@final
class EncodedText:
    """A text and its ids; see `bpe_tool.EncodedText`. `len` counts ids."""

    def __init__(self, tokenizer: Tokenizer, special: _Special) -> None: ...
    def copy(self) -> EncodedText: ...
    def append(self, piece: str | bytes) -> int: ...
    def truncate(self, size: int) -> int:
        """Cut the text off. `size` is at most the number of its bytes."""

    def ids(self, start: int, stop: int) -> list[int]: ...
    def text(self) -> bytes: ...
    @property
    def size(self) -> int:
        """The number of bytes."""

    def __len__(self) -> int: ...

@final
class DocumentDecoder:
    """Decodes a stream of documents whose ids come in blocks: the inverse of `DocumentEncoder`.

    `terminator` follows the text of each document. `before` and `after` are taken off the ids
    of each document if they are there; then special tokens, if `skip_special`.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        terminator: bytes,
        before: Sequence[int],
        after: Sequence[int],
        skip_special: bool = ...,
    ) -> None: ...
    @property
    def documents(self) -> int:
        """How many documents have ended. After an exception, the next one is the cause."""

    def decode(self, records: Records, sink: Callable[[bytes], object]) -> None:
        """Call `sink` with pieces of the documents' text, each with its terminator.

        A document that is not empty gets none if it is the last one and `unterminated`.
        """

    def more(self, ids: Iterable[int]) -> bytes:
        """Return the text that the next ids of a document settle, which has no template."""

    def end(self) -> bytes:
        """End such a document; return the rest of its text."""

    def texts(self, records: Records) -> list[bytes]:
        """Return the text of each document that ends here, and of the one that goes on."""

@final
class Records:
    """Ids, and where the records end that they belong to. They stay in the core.

    A record may begin in one `Records` and end in a later one.

    Args:
        ids: Unsigned 32-bit numbers.
        ends: For each record that ends here, how many of `ids` come before its end: signed
            64-bit numbers.
        offsets: Start and end of each id in its document's bytes, as int64 pairs; or empty.
        skipped: See below.
        unterminated: See below.

    Attributes:
        skipped: Which of the records that end here are empty stand-ins for records that
            could not be processed: their indices, sorted.
        unterminated: Whether the last of them lacks its terminator and is the last of all.

    `len` counts the records that end here. Arrays are buffers of numbers in native byte order,
    or `bytes` or `bytearray` that hold them.
    """

    skipped: Sequence[int]
    unterminated: bool
    def __init__(
        self,
        ids: Buffer,
        ends: Buffer | None = ...,
        offsets: Buffer | None = ...,
        *,
        skipped: Sequence[int] = ...,
        unterminated: bool = ...,
    ) -> None: ...
    def __len__(self) -> int: ...
    @property
    def id_count(self) -> int: ...
    @property
    def is_open(self) -> bool:
        """Whether the last ids are of a record that does not end here."""

    @property
    def ids(self) -> bytearray: ...
    @property
    def ends(self) -> bytearray: ...
    @property
    def offsets(self) -> bytearray: ...
    def count(self, id: int) -> int:
        """Return how often an id occurs."""

    def lines(self, *, json: bool, continued: bool) -> bytes:
        """Return the ids as decimal numbers, one record per line, or as JSON objects.

        A skipped record is an empty line, or `null`. `continued` says that the first record
        has ids in earlier lines already.
        """

    def raw(self, width: int) -> bytes:
        """Return the ids as little-endian numbers of 2 or 4 bytes, which must fit."""

@final
class Gathered:
    """Collects records into arrays of rows. `width` is how many bytes an id has: 2 or 4."""

    def __init__(self, width: int) -> None: ...
    def add(self, records: Records) -> None: ...
    def finish(self) -> tuple[memoryview, bytearray]:
        """Return `(ids, bounds)`, as `Tokenizer.encode_arrays` does."""

def parse_ids(text: bytes) -> Records:
    """Read decimal numbers, one record per line, as `Records.lines` writes them."""

def parse_ndjson_ids(text: bytes, other: Callable[[int, bytes], Buffer | None]) -> Records:
    """Read one record per line: an object with the list `ids`, or `null` for a skipped record.

    Args:
        text: The lines. The last may lack its line end.
        other: Called for each line that is not so, or not valid JSON, with its number from 0.
            Returns its ids as an array of type `"I"`, or `None` to skip it.
    """

def raw_ids(data: bytes, width: int, end_id: int | None) -> Records:
    """Read little-endian numbers of 2 or 4 bytes. Each `end_id` ends a record."""

def record_cuts(text: bytes, terminator: bytes, most: int) -> list[int]:
    """Return where to split a text so that each part has at most `most` terminators."""

def join_rows(rows: Iterable[object]) -> tuple[bytearray, bytearray] | None:
    """Return the ids of rows, and their bounds, as arrays.

    Returns `None` if a row is neither a `list` nor a `tuple`, or if an item is not an `int` from
    0 to 2^32 - 1.
    """

def on_exhaustion(end: Callable[[], object]) -> None:
    """Have `end` called, on any thread, when memory is exhausted. It must end the process.

    Otherwise the process ends by `SIGABRT`, as Rust programs do. Only the first call counts.

    Raises:
        MemoryError: There is too little memory left for `end` to run.
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
    def divided(self, pattern: str) -> PretokenCounts:
        """Return the counts of the pretokens that a pattern divides these pretokens into."""

    def write_sorted(self, sink: Callable[[builtins.bytes], object]) -> None:
        """Call `sink` with pieces of the sorted counts, for a digest."""

    def write_blocks(self, sink: Callable[[builtins.bytes], object]) -> _CountTotals:
        """Call `sink` with the blocks of a count file."""

# Numbers of distinct pretokens, of pretokens and of their bytes, and bytes of the distinct ones.
_CountTotals: TypeAlias = tuple[int, int, int, int]

# The weights of files, and what each of them is to be divided by.
_Weights: TypeAlias = tuple[Sequence[int], int]

# Returns the next block of a file, by its number; `None` after the last one.
_ReadBlock: TypeAlias = Callable[[int], bytes | None]

def merge_counts(
    weights: _Weights, read: _ReadBlock, write: Callable[[bytes], object]
) -> _CountTotals:
    """Call `write` with the blocks of the weighted sum of count files, rounded half to even.

    An error about a block comes before `read` is called again.
    """

def load_counts(weights: _Weights, documents: int, read: _ReadBlock) -> PretokenCounts:
    """Return the weighted sum of count files; see `merge_counts`."""

def top_counts(most: int, read: _ReadBlock) -> list[tuple[bytes, int]]:
    """Return the pretokens of a count file with the highest counts, equal ones by their bytes."""

def count_records(block: bytes) -> list[tuple[bytes, int]]:
    """Return the pretokens of a block of a count file, with their counts, in order of bytes."""

def count_arrays(block: bytes) -> tuple[bytearray, bytearray, bytearray]:
    """Return the same as arrays: joined bytes, their n + 1 bounds, and counts (both 64 bits)."""

def replay_merges(
    counts: PretokenCounts,
    alphabet: Sequence[int],
    merges: Sequence[tuple[int, int]],
    max_token_bytes: int,
    superwords: bool,
) -> list[tuple[int, tuple[tuple[int, int], int] | None]]:
    """Apply merges in order. The merge at index i makes the id 256 + i.

    Returns, for each, how often its pair occurred when its turn came, and the most frequent pair
    then with its count. Pairs that would make longer tokens are left out of account, and with
    `superwords` those that would join too many words. `alphabet` has the ids of the single bytes,
    below 256.
    """

def pattern_splits(pattern: str) -> list[str]:
    """Return the regexes that a pattern consists of, as `tokenizer.json` holds them.

    Raises `PatternError` if it cannot be parsed, or cannot be written there.
    """

def pattern_with_superwords(pattern: str) -> str | None:
    """Return the name of a pattern with superwords; `None` if it cannot have them."""

def pattern_without_superwords(pattern: str) -> str | None:
    """Return the name of the pattern that divides superwords; `None` if a pattern has none."""

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
    @property
    def memory(self) -> int:
        """About how many bytes of memory the counts take."""

    def keep_apart(self) -> None:
        """Do not add up the counts of threads before the end, which takes memory for both."""

    def drain(self) -> list[PretokenCounts]:
        """Take all counts out, in parts that are to be added up. The stream goes on."""

    def add(self, records: Sequence[tuple[bytes, int]]) -> None:
        """Count pretokens as often as is said."""

    def feed_for(self, tokenizer: Tokenizer, texts: Sequence[str | bytes]) -> None:
        """Count the pretokens that the model of a vocabulary gets; added tokens are left out."""

    def finish(self) -> PretokenCounts: ...

def check_options(options: Mapping[str, object]) -> None:
    """Refuse options that contradict each other, or whose vocabulary could not be written.

    They are the attributes of `bpe_tool.streams.train.TrainOptions`, without its roles; `init` is
    a `Tokenizer` or `None`.
    """

def train(
    counts: PretokenCounts, options: Mapping[str, object], progress: Callable[[int, int], object]
) -> tuple[Tokenizer, list[int]]:
    """Learn a vocabulary: `(tokenizer, the count of each merge's pair when it was merged)`.

    `progress(done, total)` is called a few times a second with estimates of the work.
    """

def count_tokens(tokenizer: Tokenizer, counts: PretokenCounts) -> int:
    """Return how many tokens a corpus takes."""

def trim(
    tokenizer: Tokenizer, counts: PretokenCounts, vocab_size: int | None, freeze_ids: bool
) -> tuple[Tokenizer, bytearray, int]:
    """Reduce a vocabulary; see `bpe_tool.trim`.

    Returns the vocabulary, the old id of each of its ids, and how many tokens the corpus took.
    """

def merge_origins(
    tokenizer: Tokenizer, counts: PretokenCounts, most: int
) -> list[tuple[int, list[bytes]]]:
    """Say where each merge that can occur is applied, in order of rank.

    `(how often, the most frequent pretokens that it is applied in)`: at most `most` of these,
    equally frequent ones in order of bytes.
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

def protected_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans that are not prose: addresses, code, handles.

    In code points, in order, and apart from each other.
    """

def code_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of code in Markdown alone."""

def irregular_verbs() -> list[tuple[str, list[str], list[str]]]:
    """Return `(base, pasts, participles)` of each irregular verb of English but "be".

    The first of several forms is the one to write; `"-"` is the regular form.
    """
