"""The tokenizer: text to ids and back."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, final

from bpe_tool import _core, vocab_files
from bpe_tool.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Text: TypeAlias = str | bytes
Special: TypeAlias = Literal["text", "token", "error"]
SpecialTokens: TypeAlias = Mapping[str, int] | Iterable[str]

#: A pretoken longer than this, in bytes, ends a stream with `LimitError`.
MAX_PRETOKEN_BYTES = 64 * 1024 * 1024


@final
class Ragged:
    """Rows of ids of different lengths, in two arrays.

    Attributes:
        ids: All ids, row after row: uint32, shape `(total,)`.
        bounds: Where rows begin and end: int64, shape `(rows + 1,)`; row `i` is
            `ids[bounds[i]:bounds[i + 1]]`.
    """

    __slots__ = ("bounds", "ids")

    def __init__(self, ids: NDArray[np.uint32], bounds: NDArray[np.int64]) -> None:
        self.ids = ids
        self.bounds = bounds

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, row: int) -> NDArray[np.uint32]:
        """Return one row, as a view."""
        rows = len(self)
        if not -rows <= row < rows:
            raise IndexError(f"row {row} of {rows}")
        row %= rows
        return self.ids[self.bounds[row] : self.bounds[row + 1]]

    def __repr__(self) -> str:
        return f"<Ragged: {len(self)} rows, {len(self.ids)} ids>"


@final
class Tokenizer:
    """Turns text into ids and ids into text.

    Immutable, picklable, and safe to share between threads and processes. Made by
    `Tokenizer.load` or `train_vocab`.

    Text is `str` or `bytes`; any bytes will do, and `decode_bytes(encode(x)) == x` for
    every vocabulary trained here. What `special` means, here and everywhere:

    - `"text"` (default): the text of a special token is plain text.
    - `"token"`: it becomes the special token's id.
    - `"error"`: it raises `SpecialTokenError`.
    """

    __slots__ = ("_core",)

    def __init__(self, core: _core.Tokenizer) -> None:
        self._core = core

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        pattern: str | None = None,
        special_tokens: SpecialTokens = (),
    ) -> Tokenizer:
        """Load a vocabulary file.

        Args:
            path: A `tokenizer.json` of any name, a directory that holds one, a
                `.tiktoken` file, or a `vocab.json` with its `merges.txt` beside it.
            pattern: The name of a pattern or a regex, for files that do not carry
                theirs (all but `tokenizer.json`).
            special_tokens: Texts, or texts with their ids, for files that do not carry
                them. Without ids they follow the largest id in the order given.

        Raises:
            VocabError: The file is damaged or of a kind that is not supported.
            ArgumentError: `pattern` is missing, or the file already has what is given.
            OSError: The file cannot be read.
        """
        return cls(vocab_files.load(path, pattern, special_tokens))

    def save(self, path: str | os.PathLike[str], *, roles: Mapping[str, str] | None = None) -> None:
        """Write a vocabulary file, whole or not at all.

        Args:
            path: `NAME.json` becomes a `tokenizer.json`, `NAME.tiktoken` a tiktoken
                file, `merges.txt` (or `NAME-merges.txt`) is written together with its
                `vocab.json`; any other path becomes a directory with `tokenizer.json`
                and `tokenizer_config.json`.
            roles: Which special token is `bos`, `eos`, `pad` or `unk`, for
                `tokenizer_config.json`.

        Raises:
            VocabError: The format cannot hold this vocabulary.
            OSError: The file cannot be written; an old one is kept.
        """
        vocab_files.save(self._core, path, roles or {})

    def encode(self, text: Text, *, special: Special = "text", template: bool = False) -> list[int]:
        """Encode one text.

        Args:
            text: The text. A `str` with a lone surrogate raises `DataError`.
            special: What the text of a special token means; see the class.
            template: Put the ids of the vocabulary's own template, if any, around it.
        """
        return self._core.encode(text, special, template)

    def encode_batch(
        self,
        texts: Iterable[Text],
        *,
        special: Special = "text",
        template: bool = False,
        threads: int = 0,
    ) -> list[list[int]]:
        """Encode many texts, on `threads` threads (0: all that the process may use)."""
        return self._core.encode_batch(_listed(texts), special, template, threads)

    def encode_arrays(
        self,
        texts: Iterable[Text],
        *,
        special: Special = "text",
        template: bool = False,
        threads: int = 0,
    ) -> Ragged:
        """Encode many texts into numpy arrays, without making Python integers."""
        import numpy as np

        ids, bounds = self._core.encode_arrays(_listed(texts), special, template, threads)
        return Ragged(np.frombuffer(ids, np.uint32), np.frombuffer(bounds, np.int64))

    def encode_with_offsets(
        self, text: Text, *, special: Special = "text", template: bool = False
    ) -> tuple[list[int], list[tuple[int, int]]]:
        """Encode one text and say where each token stands.

        Returns:
            The ids, and for each its `(start, end)` in bytes of the text's UTF-8 form
            (of the normalized text, for a vocabulary with a normalizer).
        """
        return self._core.encode_with_offsets(text, special, template)

    def count(self, text: Text, *, special: Special = "text", template: bool = False) -> int:
        """Count the tokens of one text without keeping them."""
        return self._core.count(text, special, template)

    def decode(self, ids: Sequence[int] | NDArray[Any], *, errors: str = "replace") -> str:
        """Decode ids into text.

        Args:
            ids: Ids as a sequence or an integer array.
            errors: What to do where the bytes are not UTF-8, as in `bytes.decode`.

        Raises:
            UnknownIdError: An id is not in the vocabulary.
        """
        return self._core.decode(ids).decode("utf-8", errors)

    def decode_bytes(self, ids: Sequence[int] | NDArray[Any]) -> bytes:
        """Decode ids into the exact bytes they stand for."""
        return self._core.decode(ids)

    def decode_batch(
        self, rows: Iterable[Sequence[int] | NDArray[Any]], *, errors: str = "replace"
    ) -> list[str]:
        """Decode many rows of ids."""
        return [self.decode(row, errors=errors) for row in rows]

    def token_to_id(self, token: bytes) -> int | None:
        """Return the id of a token or of a special token's text, if there is one."""
        return self._core.token_to_id(token)

    def id_to_bytes(self, id: int) -> bytes:
        """Return the bytes of an id. Raises `UnknownIdError` if there is none."""
        return self._core.decode((id,))

    @property
    def merges(self) -> list[tuple[bytes, bytes]]:
        """The merges as pairs of tokens, in rank order."""
        return self._core.merges

    @property
    def special_tokens(self) -> dict[str, int]:
        """The special tokens and their ids, in order of id."""
        return self._core.special_tokens

    @property
    def pattern(self) -> str:
        """The name of the pattern, or its regex."""
        return self._core.pattern

    def __len__(self) -> int:
        """Return the vocabulary size: alphabet, merges and special tokens."""
        return len(self._core)

    def __repr__(self) -> str:
        specials = len(self.special_tokens)
        return f"<Tokenizer: {len(self)} tokens, {specials} special, pattern {self.pattern!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, self._core.state()


def _rebuild(constructor: str, arguments: tuple[Any, ...]) -> Tokenizer:
    """Make the tokenizer that `__reduce__` took apart."""
    return Tokenizer(getattr(_core.Tokenizer, constructor)(*arguments))


def _listed(texts: Iterable[Text]) -> Sequence[Text]:
    if isinstance(texts, str | bytes):
        raise TypeError("expected several texts, not one; wrap it in a list")
    return texts if isinstance(texts, list | tuple) else list(texts)


@final
class StreamEncoder:
    """Encodes one text that comes in pieces.

    However the text is cut, the ids are those of the whole. What a later piece could
    still change is held back, seldom more than one word.

    >>> import bpe_tool
    >>> tokenizer = bpe_tool.train_vocab(["hello world"] * 9, vocab_size=270)
    >>> encoder = bpe_tool.StreamEncoder(tokenizer)
    >>> ids = encoder.feed("hello wor") + encoder.feed("ld") + encoder.finish()
    >>> ids == tokenizer.encode("hello world")
    True
    """

    __slots__ = ("_encoder",)

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        special: Special = "text",
        max_pretoken_bytes: int = MAX_PRETOKEN_BYTES,
    ) -> None:
        self._encoder = _core.DocumentEncoder(
            tokenizer._core,
            terminator=None,
            special=special,
            offsets=False,
            count_special=False,
            threads=1,
            max_pretoken_bytes=max_pretoken_bytes,
        )

    def feed(self, piece: Text) -> list[int]:
        """Take the next piece; return the ids that are certain by now."""
        return _ids(self._encoder.feed(_encoded(piece))[0])

    def finish(self) -> list[int]:
        """End the text; return the remaining ids. Another text may follow."""
        return _ids(self._encoder.finish()[0])


def _encoded(text: Text) -> bytes:
    if not isinstance(text, str):
        return bytes(memoryview(text))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise DataError(
            f"the character at index {error.start} is a lone surrogate, which no bytes stand for"
        ) from None


def _ids(array: bytearray) -> list[int]:
    return memoryview(array).cast("I").tolist()


@final
class StreamDecoder:
    """Decodes ids that come in pieces, never splitting a character.

    At most three bytes are held back, until the character they begin is complete.
    """

    __slots__ = ("_decoder", "_tokenizer")

    def __init__(self, tokenizer: Tokenizer, *, errors: str = "replace") -> None:
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors)

    def feed(self, ids: Sequence[int] | NDArray[Any]) -> str:
        """Take the next ids; return the text that is complete by now."""
        return self._decoder.decode(self._tokenizer.decode_bytes(ids))

    def finish(self) -> str:
        """End the text; return what was still incomplete, by the rule of `errors`."""
        return self._decoder.decode(b"", True)
