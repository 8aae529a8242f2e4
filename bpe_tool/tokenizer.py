"""The tokenizer: text to ids and back."""

from __future__ import annotations

import codecs
import hashlib
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, final

from bpe_tool import _core, checks
from bpe_tool.errors import (
    ArgumentError,
    ArgumentTypeError,
    DataError,
    LimitError,
    UnknownIdError,
)
from bpe_tool.ragged import Ragged
from bpe_tool.vocab import files as vocab_files

if TYPE_CHECKING:
    from numpy.typing import NDArray

Text: TypeAlias = str | bytes
Special: TypeAlias = Literal["text", "token", "error"]
SpecialTokens: TypeAlias = Mapping[str, int] | Iterable[str]

#: A pretoken longer than this, in bytes, ends a stream with `LimitError`.
MAX_PRETOKEN_BYTES = 64 * 1024 * 1024


@final
class Tokenizer:
    """Turns text into ids and ids into text.

    Immutable, picklable, and safe to share between threads and processes. Two are equal
    if they hold the same vocabulary, to be applied by the same rules. Made by
    `Tokenizer.load` or `train_vocab`.

    Text is `str` or `bytes`; any bytes will do, and `decode_bytes(encode(x)) == x` for
    every vocabulary trained here. What `special` means, here and everywhere:

    - `"text"` (default): the text of a special token is plain text.
    - `"token"`: it becomes the special token's id.
    - `"error"`: it raises `SpecialTokenError`.

    `template=True` puts the ids of the vocabulary's own template around each text; it
    raises `ArgumentError` if there is none.
    """

    __slots__ = ("_core", "_digest")

    def __init__(self, core: _core.Tokenizer) -> None:
        wanted = "what Tokenizer.load and train_vocab make"
        checks.instance("core", core, _core.Tokenizer, wanted)
        self._core = core
        # Made when it is first asked for.
        self._digest: bytes | None = None

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

        Warns:
            BpeToolWarning: A part of the file seems to be missing, such as the end of its merges.

        Raises:
            VocabError: The file is damaged or of a kind that is not supported.
            LimitError: The file has more than 1 GiB.
            ArgumentError: `pattern` is missing, or the file already has what is given.
            OSError: The file cannot be read.
        """
        return cls(vocab_files.load(checks.path("path", path), pattern, special_tokens))

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
        vocab_files.save(self._core, checks.path("path", path), {} if roles is None else roles)

    def encode(self, text: Text, *, special: Special = "text", template: bool = False) -> list[int]:
        """Encode one text.

        Args:
            text: The text. A `str` with a lone surrogate raises `DataError`.
            special: What the text of a special token means; see the class.
            template: Put the ids of the vocabulary's own template around it.
        """
        return self._core.encode(text, special, template is not False and self._asks_for(template))

    def encode_batch(
        self,
        texts: Iterable[Text],
        *,
        special: Special = "text",
        template: bool = False,
        threads: int = 0,
    ) -> list[list[int]]:
        """Encode many texts, on `threads` threads (0: all that the process may use).

        An error names the row, counted from 0.
        """
        texts, template = checks.texts("texts", texts), self._asks_for(template)
        threads = checks.whole("threads", threads, most=checks.MAX_THREADS)
        with self._naming_row(texts, special):
            return self._core.encode_batch(texts, special, template, threads)

    def encode_arrays(
        self,
        texts: Iterable[Text],
        *,
        special: Special = "text",
        template: bool = False,
        threads: int = 0,
    ) -> Ragged:
        """Encode many texts into numpy arrays, without making Python integers.

        Otherwise like `encode_batch`.
        """
        import numpy as np

        texts, template = checks.texts("texts", texts), self._asks_for(template)
        threads = checks.whole("threads", threads, most=checks.MAX_THREADS)
        with self._naming_row(texts, special):
            ids, bounds = self._core.encode_arrays(texts, special, template, threads)
        return Ragged(np.frombuffer(ids, np.uint32), np.frombuffer(bounds, np.int64))

    def encode_with_offsets(
        self, text: Text, *, special: Special = "text", template: bool = False
    ) -> tuple[list[int], list[tuple[int, int]]]:
        """Encode one text and say where each token stands.

        Returns:
            The ids, and for each its `(start, end)` in bytes of the text's UTF-8 form
            (of the normalized text, for a vocabulary with a normalizer).
        """
        return self._core.encode_with_offsets(text, special, self._asks_for(template))

    def count(self, text: Text, *, special: Special = "text", template: bool = False) -> int:
        """Count the tokens of one text without keeping them."""
        return self._core.count(text, special, template is not False and self._asks_for(template))

    def _asks_for(self, template: bool) -> bool:
        """Return whether there shall be a template; raise if there is none to take.

        What was asked for must not be left out silently.
        """
        if not checks.flag("template", template):
            return False
        if not any(self._core.template):
            raise ArgumentError("this vocabulary has no template", hint="leave `template` out")
        return True

    @contextmanager
    def _naming_row(self, texts: Sequence[Text], special: Special) -> Iterator[None]:
        """Let errors about one of several texts say which.

        The core works on many at once. After an error, each is tried on its own.
        """
        try:
            yield
        except ArgumentTypeError:
            for row, text in enumerate(texts):
                if not isinstance(text, str | bytes | bytearray):
                    raise checks.not_a_text("texts", row, text) from None
            raise
        except (DataError, LimitError):
            for row, text in enumerate(texts):
                try:
                    self._core.count(text, special, False)
                except (DataError, LimitError) as error:
                    raise error.at(f"row {row}") from None
            raise

    def decode(self, ids: Sequence[int] | NDArray[Any], *, errors: str = "replace") -> str:
        """Decode ids into text.

        Args:
            ids: Ids as a sequence or an integer array.
            errors: What to do where the bytes are not UTF-8, as in `bytes.decode`.

        Raises:
            UnknownIdError: An id is not in the vocabulary.
        """
        if type(errors) is not str or errors != "replace":
            _check_errors(errors)
        return self._core.decode(ids).decode("utf-8", errors)

    def decode_bytes(self, ids: Sequence[int] | NDArray[Any]) -> bytes:
        """Decode ids into the exact bytes they stand for."""
        return self._core.decode(ids)

    def decode_batch(
        self, rows: Iterable[Sequence[int] | NDArray[Any]], *, errors: str = "replace"
    ) -> list[str]:
        """Decode many rows of ids. An error names the row, counted from 0."""
        _check_errors(errors)
        texts: list[str] = []
        for ids in checks.several("rows", rows, "rows of ids"):
            try:
                texts.append(self._core.decode(ids).decode("utf-8", errors))
            except DataError as error:
                raise error.at(f"row {len(texts)}") from None
            except ArgumentTypeError as error:
                raise error.at(f"row {len(texts)} of `rows`") from None
        return texts

    def token_to_id(self, token: bytes) -> int | None:
        """Return the id of a token or of a special token's text, if there is one."""
        if not isinstance(token, bytes | bytearray):
            raise checks.wrong_type("token", token, "bytes, such as b'the'")
        return self._core.token_to_id(token)

    def id_to_bytes(self, id: int) -> bytes:
        """Return the bytes of an id. Raises `UnknownIdError` if there is none."""
        number = checks.whole("id", id, least=None)
        if not 0 <= number <= self._core.max_id:
            raise UnknownIdError(f"id {checks.shown(number)} is not in the vocabulary")
        return self._core.id_to_token(number)

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

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tokenizer):
            return NotImplemented
        if self._core is other._core:
            return True
        return len(self) == len(other) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> bytes:
        """Return a digest of all that decides how text becomes ids."""
        if self._digest is None:
            constructor, arguments = self._core.state()
            digest = hashlib.sha256(constructor.encode())
            for argument in arguments:
                data = argument if isinstance(argument, bytes) else repr(argument).encode()
                digest.update(len(data).to_bytes(8, "little") + data)
            self._digest = digest.digest()
        return self._digest

    def __repr__(self) -> str:
        specials = len(self.special_tokens)
        return f"<Tokenizer: {len(self)} tokens, {specials} special, pattern {self.pattern!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, self._core.state()


def _rebuild(constructor: str, arguments: tuple[Any, ...]) -> Tokenizer:
    """Make the tokenizer that `__reduce__` took apart."""
    return Tokenizer(getattr(_core.Tokenizer, constructor)(*arguments))


def _check_errors(errors: str) -> None:
    """Refuse what says nothing about bytes that are not UTF-8."""
    try:
        b"\xff".decode("utf-8", checks.string("errors", errors))
    except UnicodeDecodeError:
        # That is what "strict" does.
        return
    except ArgumentTypeError:
        raise
    except (LookupError, TypeError, ValueError):
        raise ArgumentError(
            f"`errors` is {checks.shown(errors)}, which says nothing about how to decode",
            hint='use `errors="replace"`, "strict", "ignore", "backslashreplace" or '
            '"surrogateescape"',
        ) from None


@final
class StreamEncoder:
    """Encodes one text that comes in pieces.

    However the text is cut, the ids are those of the whole. What a later piece could
    still change is held back, seldom more than one word. An error in the text ends it:
    another text may follow. Pieces have an order, so threads do not share one: what a second
    thread does while a piece is at work raises `ArgumentError`.

    >>> import bpe_tool
    >>> tokenizer = bpe_tool.train_vocab(["hello world"] * 9, vocab_size=270)
    >>> encoder = bpe_tool.StreamEncoder(tokenizer)
    >>> ids = encoder.feed("hello wor") + encoder.feed("ld") + encoder.finish()
    >>> ids == tokenizer.encode("hello world")
    True
    """

    __slots__ = ("_alone", "_encoder")

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        special: Special = "text",
        max_pretoken_bytes: int = MAX_PRETOKEN_BYTES,
    ) -> None:
        self._alone = threading.Lock()
        self._encoder = _core.DocumentEncoder(
            checks.core_of("tokenizer", tokenizer),
            terminator=None,
            special=special,
            offsets=False,
            count_special=False,
            threads=1,
            max_pretoken_bytes=checks.whole(
                "max_pretoken_bytes", max_pretoken_bytes, 1, checks.MAX_COUNT
            ),
        )

    def feed(self, piece: Text) -> list[int]:
        """Take the next piece; return the ids that are certain by now."""
        return self._settled(checks.as_bytes("piece", piece))

    def finish(self) -> list[int]:
        """End the text; return the remaining ids. Another text may follow."""
        return self._settled(None)

    def _settled(self, piece: bytes | None) -> list[int]:
        """Return the ids that a piece, or the end of the text, makes certain."""
        if not self._alone.acquire(blocking=False):
            raise ArgumentError(
                "this encoder is at work in another thread",
                hint="make a StreamEncoder for each text; they share the tokenizer",
            )
        try:
            if piece is None:
                self._encoder.give_end()
            else:
                self._encoder.give(piece)
            ids: list[int] = []
            while arrays := self._encoder.take(0):
                ids += _ids(arrays[0])
            # Between calls the process may fork, which threads would not survive.
            self._encoder.end_threads()
        except BaseException:
            self._encoder.reset()
            raise
        finally:
            self._alone.release()
        return ids


def _ids(array: bytearray) -> list[int]:
    return memoryview(array).cast("I").tolist()


@final
class StreamDecoder:
    """Decodes ids that come in pieces, never splitting a character.

    At most three bytes are held back, until the character they begin is complete.
    """

    __slots__ = ("_decoder", "_tokenizer")

    def __init__(self, tokenizer: Tokenizer, *, errors: str = "replace") -> None:
        checks.core_of("tokenizer", tokenizer)
        _check_errors(errors)
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors)

    def feed(self, ids: Sequence[int] | NDArray[Any]) -> str:
        """Take the next ids; return the text that is complete by now."""
        return self._decoder.decode(self._tokenizer.decode_bytes(ids))

    def finish(self) -> str:
        """End the text; return what was still incomplete, by the rule of `errors`."""
        return self._decoder.decode(b"", True)
