"""Text and ids that come in pieces: encoding, decoding, and a text that changes at its end."""

from __future__ import annotations

import codecs
import operator
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, SupportsIndex, final, overload

from bpe_tool import _core, checks
from bpe_tool.errors import ArgumentError
from bpe_tool.tokenizer import Special, Text, Tokenizer

if TYPE_CHECKING:
    from bpe_tool.tokenizer import Ids


@final
class StreamEncoder:
    """Encodes one text that comes in pieces.

    The ids are those of the whole text, however it is cut. Text whose ids a later piece could
    still change is held back; that is rarely more than one word.

    After `finish`, or after an error, the encoder is ready for another text. Pieces have an
    order, so an encoder cannot be used by two threads at once: the second call raises
    `ArgumentError`.

    Args:
        tokenizer: The tokenizer. Encoders may share it, also between threads.
        special: What the text of a special token means; see `Tokenizer`.
        max_pretoken_bytes: The maximum length of a pretoken in bytes, 64 MiB by default. It
            bounds the memory that text held back can take.

    >>> import bpe_tool
    >>> tokenizer = bpe_tool.train_vocab(["hello world"] * 9, vocab_size=270)
    >>> encoder = bpe_tool.StreamEncoder(tokenizer)
    >>> ids = encoder.feed("hello wor") + encoder.feed("ld") + encoder.finish()
    >>> ids == tokenizer.encode("hello world")
    True
    """

    __slots__ = ("_alone", "_encoder", "_tokenizer")

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        special: Special = "text",
        max_pretoken_bytes: int = checks.MAX_PRETOKEN_BYTES,
    ) -> None:
        self._alone = threading.Lock()
        self._tokenizer = tokenizer
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
        """Add a piece of the text; return the ids that are now certain.

        A piece given as `bytes` may end within a character, one given as `str` cannot.

        Raises:
            ArgumentTypeError: The piece is neither `str` nor `bytes`.
            DataError: A `str` holds a lone surrogate.
            SpecialTokenError: The text holds a special token, and `special` is `"error"`.
            LimitError: A pretoken is longer than `max_pretoken_bytes`.
        """
        return self._settled(checks.as_bytes("piece", piece))

    def finish(self) -> list[int]:
        """End the text; return the remaining ids. It raises what `feed` raises."""
        ids = self._settled(None)
        self._tokenizer._tell_missing()
        return ids

    def _settled(self, piece: bytes | None) -> list[int]:
        """Return the ids that a piece, or the end of the text, makes certain."""
        if not self._alone.acquire(blocking=False):
            raise ArgumentError(
                "this encoder is in use in another thread",
                hint="make a StreamEncoder for each text; they share the tokenizer",
            )
        try:
            if piece is None:
                self._encoder.give_end()
            else:
                self._encoder.give(piece)
            ids: list[int] = []
            while (records := self._encoder.take(0)) is not None:
                ids += memoryview(records.ids).cast("I")
            # The process may fork between two calls. Threads would not survive that.
            self._encoder.end_threads()
        except BaseException:
            self._encoder.reset()
            raise
        finally:
            self._alone.release()
        return ids


@final
class EncodedText(Sequence[int]):
    """A text and its ids, to which one appends and which one cuts short.

    The ids are always those of `tokenizer.encode(text)`, but a change encodes again only what it
    may change, which is seldom more than a few words, and after `truncate` a few kilobytes. So a
    conversation can grow turn by turn. (The whole text is encoded again, each time, if steps of
    the vocabulary change it before it is encoded, or if added tokens take in the space around
    them or stand as words only.)

    It is a sequence of its ids: it has a `len`, can be iterated over and sliced. It can be copied
    and pickled. It cannot be changed by two threads at once: the second call raises
    `ArgumentError`.

    Args:
        tokenizer: The tokenizer. Texts may share it, also between threads.
        text: The first text.
        special: What the text of a special token means; see `Tokenizer`.

    Raises:
        BpeToolError: What `Tokenizer.encode` raises; `append` and `truncate` likewise. The text
            is then what it was before.

    >>> import bpe_tool
    >>> tokenizer = bpe_tool.train_vocab(["hello world"] * 9, vocab_size=270)
    >>> text = bpe_tool.EncodedText(tokenizer, "hello wor")
    >>> size = text.size
    >>> kept = text.append("ld, hello")
    >>> text.ids == tokenizer.encode("hello world, hello")
    True
    >>> kept = text.truncate(size)
    >>> text.ids == tokenizer.encode("hello wor")
    True
    """

    __slots__ = ("_core", "_special", "_tokenizer")

    def __init__(self, tokenizer: Tokenizer, text: Text = "", *, special: Special = "text") -> None:
        self._core = _core.EncodedText(checks.core_of("tokenizer", tokenizer), special)
        self._tokenizer, self._special = tokenizer, special
        self._core.append(text)
        tokenizer._tell_missing()

    def append(self, text: Text) -> int:
        """Append text; return how many ids at the beginning are the same as before.

        `self.ids[:n]` is then what it was, for this number n: a model's state after them can be
        kept. Text given as `bytes` may end within a character.
        """
        kept = self._core.append(text)
        self._tokenizer._tell_missing()
        return kept

    def truncate(self, size: int) -> int:
        """Keep the first `size` bytes of the text; return how many ids at the beginning stay.

        Args:
            size: From 0 to `self.size`, such as the value of `size` before an earlier `append`.
        """
        kept = self._core.truncate(checks.whole("size", size, 0, self.size))
        self._tokenizer._forget_missing()
        return kept

    @property
    def ids(self) -> list[int]:
        """The ids, as a new list."""
        return self._core.ids(0, len(self))

    @property
    def size(self) -> int:
        """The number of bytes of the text in UTF-8."""
        return self._core.size

    def copy(self) -> EncodedText:
        """Return an independent copy, without encoding anything."""
        copied = object.__new__(EncodedText)
        copied._core = self._core.copy()
        copied._tokenizer, copied._special = self._tokenizer, self._special
        return copied

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> EncodedText:
        return self.copy()

    def __bytes__(self) -> bytes:
        """Return the text."""
        return self._core.text()

    def __len__(self) -> int:
        """Return the number of ids."""
        return len(self._core)

    @overload
    def __getitem__(self, index: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> int | list[int]:
        """Return an id, or several."""
        count = len(self)
        if isinstance(index, slice):
            found = range(count)[index]
            if found.step == 1:
                return self._core.ids(found.start, max(found.start, found.stop))
            return self.ids[index]
        number = operator.index(index)
        if not -count <= number < count:
            raise IndexError(f"id {number} of {count}")
        number %= count
        return self._core.ids(number, number + 1)[0]

    def __iter__(self) -> Iterator[int]:
        return iter(self.ids)

    def __repr__(self) -> str:
        return f"<EncodedText: {self.size} bytes, {len(self)} ids>"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (self._tokenizer, bytes(self), self._special)


def _rebuilt(tokenizer: Tokenizer, text: bytes, special: Special) -> EncodedText:
    """Make the text that `__reduce__` describes."""
    return EncodedText(tokenizer, text, special=special)


@final
class StreamDecoder:
    """Decodes ids that come in pieces, without splitting a character.

    The bytes of an incomplete character, at most three, are held back until it is complete.

    Args:
        tokenizer: The tokenizer.
        errors: What to do about bytes that are not UTF-8, as in `bytes.decode`.
        skip_special_tokens: See `Tokenizer.decode`.
    """

    __slots__ = ("_errors", "_held", "_skips", "_steps", "_tokenizer")

    def __init__(
        self, tokenizer: Tokenizer, *, errors: str = "replace", skip_special_tokens: bool = False
    ) -> None:
        checks.core_of("tokenizer", tokenizer)
        checks.decode_errors(errors)
        self._tokenizer = tokenizer
        self._skips = checks.flag("skip_special_tokens", skip_special_tokens)
        # Steps of a foreign vocabulary may look at the tokens around one.
        self._steps = (
            _core.DocumentDecoder(
                tokenizer._core, terminator=b"", before=(), after=(), skip_special=self._skips
            )
            if tokenizer._core.decodes_by_steps
            else None
        )
        self._errors = errors
        # The bytes of an incomplete character.
        self._held = b""

    def feed(self, ids: Ids) -> str:
        """Add the next ids; return the text that is now complete.

        Raises:
            UnknownIdError: An id is not in the vocabulary.
            UnicodeDecodeError: The bytes are not UTF-8, and `errors` is `"strict"`.
        """
        if self._steps is not None:
            return self._text(self._steps.more(ids), False)
        return self._text(self._tokenizer._core.decode(ids, self._skips), False)

    def finish(self) -> str:
        """End the text; return what is left of an incomplete character, as `errors` says."""
        rest = b"" if self._steps is None else self._steps.end()
        return self._text(rest, True)

    def _text(self, more: bytes, is_last: bool) -> str:
        """Return the text that more bytes complete, and hold the rest back."""
        raw = self._held + more if self._held else more
        text, used = codecs.utf_8_decode(raw, self._errors, is_last)
        self._held = raw[used:]
        return text
