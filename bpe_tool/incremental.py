"""Encoding and decoding of text and ids that come in pieces."""

from __future__ import annotations

import codecs
import threading
from typing import TYPE_CHECKING, final

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

    __slots__ = ("_alone", "_encoder")

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        special: Special = "text",
        max_pretoken_bytes: int = checks.MAX_PRETOKEN_BYTES,
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
class StreamDecoder:
    """Decodes ids that come in pieces, without splitting a character.

    The bytes of an incomplete character, at most three, are held back until it is complete.

    Args:
        tokenizer: The tokenizer.
        errors: What to do about bytes that are not UTF-8, as in `bytes.decode`.
    """

    __slots__ = ("_decoder", "_tokenizer")

    def __init__(self, tokenizer: Tokenizer, *, errors: str = "replace") -> None:
        checks.core_of("tokenizer", tokenizer)
        checks.decode_errors(errors)
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors)

    def feed(self, ids: Ids) -> str:
        """Add the next ids; return the text that is now complete.

        Raises:
            UnknownIdError: An id is not in the vocabulary.
            UnicodeDecodeError: The bytes are not UTF-8, and `errors` is `"strict"`.
        """
        return self._decoder.decode(self._tokenizer.decode_bytes(ids))

    def finish(self) -> str:
        """End the text; return what is left of an incomplete character, as `errors` says."""
        return self._decoder.decode(b"", True)
