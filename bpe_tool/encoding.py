"""What a tokenizer does with text: the methods of `Tokenizer` that encode."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bpe_tool import _core, checks
from bpe_tool.boundaries import Boundary
from bpe_tool.dropout import dropping_of
from bpe_tool.errors import (
    ArgumentError,
    ArgumentTypeError,
    BpeToolWarning,
    DataError,
    LimitError,
    Suggestion,
)
from bpe_tool.pieces import chunked, truncated
from bpe_tool.ragged import Ragged
from bpe_tool.texts import AnyText, Special, Text, without_tokens

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class Encoder:
    """The methods of `Tokenizer` that encode. See there for their common arguments."""

    __slots__ = ("_may_miss",)

    _core: _core.Tokenizer
    #: Until it was said that text has no tokens.
    _may_miss: bool

    def encode(
        self,
        text: Text,
        *,
        special: Special = "text",
        template: bool = False,
        dropout: float | None = None,
        seed: int | None = None,
        epoch: int | None = None,
        sample: int | None = None,
    ) -> list[int]:
        """Encode one text; return its ids. See the class for the arguments and errors."""
        template = template is not False and self._asks_for(template)
        if dropout is None and seed is None and epoch is None and sample is None:
            ids = self._core.encode(text, special, template)
        else:
            dropping = dropping_of(dropout, seed, epoch, sample)
            ids = self._core.encode(text, special, template, dropping)
        if self._may_miss:
            self._tell_missing()
        return ids

    def encode_into(
        self,
        text: Text,
        buffer: object,
        *,
        special: Special = "text",
        template: bool = False,
    ) -> int:
        """Encode one text into an array of the caller; return the number of its ids.

        They become the first items of the array; the others stay as they are.

        Args:
            text: The text.
            buffer: A writable array of whole numbers of 16, 32 or 64 bits, such as one of numpy,
                with one dimension and without gaps.
            special: See the class.
            template: See the class.

        Raises:
            ArgumentError: The array is too short for the ids, or its type for the vocabulary. It
                is unchanged. See the class for other errors.
            ArgumentTypeError: It is not such an array.
        """
        count = self._core.encode_into(text, buffer, special, self._asks_for(template))
        self._tell_missing()
        return count

    def encode_batch(
        self,
        texts: Iterable[Text],
        *,
        special: Special = "text",
        template: bool = False,
        threads: int = 0,
        dropout: float | None = None,
        seed: int | None = None,
        epoch: int | None = None,
        sample: int | None = None,
    ) -> list[list[int]]:
        """Encode many texts; return a list of ids for each.

        Args:
            texts: The texts.
            special: See the class.
            template: See the class.
            threads: Number of threads; 0 uses every CPU available to the process.
            dropout: See the class.
            seed: See the class.
            epoch: See the class.
            sample: See the class.

        Raises:
            BpeToolError: See the class. The message names the row, counted from 0.
        """
        texts, template = checks.texts("texts", texts), self._asks_for(template)
        threads = checks.whole("threads", threads, most=checks.MAX_THREADS)
        dropping = dropping_of(dropout, seed, epoch, sample)
        with self._naming_row(texts, special):
            rows = self._core.encode_batch(texts, special, template, threads, dropping)
        self._tell_missing()
        return rows

    def encode_arrays(
        self,
        texts: Iterable[Text],
        *,
        special: Special = "text",
        template: bool = False,
        threads: int = 0,
        dtype: DTypeLike = "uint32",
        dropout: float | None = None,
        seed: int | None = None,
        epoch: int | None = None,
        sample: int | None = None,
    ) -> Ragged:
        """Encode many texts into numpy arrays. Otherwise like `encode_batch`.

        This is faster, because no Python integers are made.

        Args:
            texts: See `encode_batch`, also for the arguments that are not explained here.
            special: See the class.
            template: See the class.
            threads: See `encode_batch`.
            dtype: The type of the ids: uint32, or uint16 if all ids of the vocabulary fit.
            dropout: See the class.
            seed: See the class.
            epoch: See the class.
            sample: See the class.

        Returns:
            Rows of ids: `.ids` is of type `dtype` and shape `(total,)`, `.bounds` is int64 of
            shape `(len(texts) + 1,)`.
        """
        import numpy as np

        from bpe_tool.id_arrays import id_width

        texts, template = checks.texts("texts", texts), self._asks_for(template)
        threads = checks.whole("threads", threads, most=checks.MAX_THREADS)
        width = id_width(dtype, self._core.max_id)
        dropping = dropping_of(dropout, seed, epoch, sample)
        with self._naming_row(texts, special):
            ids, bounds = self._core.encode_arrays(
                texts, special, template, threads, width, dropping
            )
        self._tell_missing()
        return Ragged(np.frombuffer(ids, f"u{width}"), np.frombuffer(bounds, np.int64))

    def encode_files(
        self,
        paths: Iterable[str | os.PathLike[str]],
        *,
        lines: bool = False,
        separator: str | bytes | None = None,
        ndjson: str | None = None,
        column: str | None = None,
        binary: bool = False,
        special: Special = "text",
        template: bool = False,
        threads: int = 0,
        max_pretoken_bytes: int = checks.MAX_PRETOKEN_BYTES,
        dtype: DTypeLike = "uint32",
        dropout: float | None = None,
        seed: int | None = None,
        epoch: int | None = None,
        sample: int | None = None,
    ) -> Ragged:
        """Encode the documents of files into numpy arrays, as fast as the command line.

        Files are read in blocks. Besides the result, memory stays the same for files of any size.

        Args:
            paths: Files, also compressed ones (`.gz`, `.zst`, `.bz2`, `.xz`) and archives
                (`.zip`, `.tar`); directories, for the text files below them; globs. They are
                read in this order. By default, each file is one document, and an empty one is
                none.
            lines: Each line is a document, without its line end.
            separator: The documents of a file are separated by this text.
            ndjson: Each line is a JSON object, and this field of it a document: a string. For
                `null` in place of the object, the row is empty. A name such as
                `messages.0.content` is a path to the field.
            column: The same for files that hold records by their names: `.csv`, `.tsv`,
                `.parquet`, `.arrow`, `.json`, `.ndjson`, `.jsonl`. Other files are text.
            binary: Read bytes as they are, whatever they look like. Otherwise, files of known
                binary formats are refused and, below directories, all binary files left out.
            special: See the class.
            template: See the class.
            threads: See `encode_batch`.
            max_pretoken_bytes: The maximum length of a pretoken in bytes, 64 MiB by default.
            dtype: See `encode_arrays`.
            dropout: See the class.
            seed: See the class.
            epoch: See the class.
            sample: See the class.

        Returns:
            A row for each document; see `encode_arrays`.

        Raises:
            DataError: A file is damaged, or a line is not a JSON object with this field. Messages
                name file and record.
            OSError: A file cannot be read.
            ArgumentError: More than one of `lines`, `separator` and `ndjson` is given.
        """
        from bpe_tool.io.documents import unit_of
        from bpe_tool.io.files import selection_of
        from bpe_tool.io.template import Template
        from bpe_tool.streams.encode import Encoding
        from bpe_tool.streams.gather import encoded_files

        encoding = Encoding(
            tokenizer=self._core,
            unit=unit_of(lines=lines, separator=separator, ndjson=ndjson, column=column),
            template=Template(*self._core.template) if self._asks_for(template) else Template(),
            special=special,
            threads=checks.whole("threads", threads, most=checks.MAX_THREADS),
            max_pretoken_bytes=checks.whole(
                "max_pretoken_bytes", max_pretoken_bytes, 1, checks.MAX_COUNT
            ),
            dropout=dropping_of(dropout, seed, epoch, sample),
        )
        selection = selection_of(encoding.unit, binary=binary)
        rows = encoded_files(checks.files("paths", paths), encoding, dtype, selection=selection)
        self._tell_missing()
        return rows

    def encode_with_offsets(
        self, text: Text, *, special: Special = "text", template: bool = False
    ) -> tuple[list[int], list[tuple[int, int]]]:
        """Encode one text; return its ids and the position of each token in the text.

        Returns:
            The ids, and a `(start, end)` pair for each. Positions count bytes of the text in
            UTF-8. Where a vocabulary changes text before encoding it, they are those of what a
            token came from, as Hugging Face's library gives them: they may overlap or leave
            text out. Ids of a template have empty spans at the two ends of the text.
        """
        found = self._core.encode_with_offsets(text, special, self._asks_for(template))
        self._tell_missing()
        return found

    def count(
        self,
        text: Text,
        *,
        special: Special = "text",
        template: bool = False,
        limit: int | None = None,
    ) -> int:
        """Return the number of ids that `encode` would return, without storing them.

        With a `limit`, counting ends where it is passed, and returns `limit + 1`. What follows in
        the text is then not looked at: a special token there raises nothing.

        >>> import bpe_tool
        >>> tokenizer = bpe_tool.train_vocab(["hello world"] * 9, vocab_size=270)
        >>> tokenizer.count("hello world" * 1_000_000, limit=4096) > 4096
        True
        """
        template = template is not False and self._asks_for(template)
        if limit is not None:
            limit = checks.whole("limit", limit, 0, checks.MAX_COUNT)
        count = self._core.count(text, special, template, limit)
        self._forget_missing()
        return count

    def truncate(
        self, text: AnyText, limit: int, *, special: Special = "text", template: bool = False
    ) -> AnyText:
        """Return the beginning of a text that has at most `limit` ids.

        It ends within the first `limit` ids of the text, as late as it can: at a character
        boundary, not within a special or another added token, and so that `count` of what is
        returned is at most `limit`.

        Args:
            text: The text. Bytes are returned for bytes.
            limit: The largest number of ids. With `template`, its ids count, too.
            special: See the class.
            template: See the class.

        Raises:
            ArgumentError: The ids of the template alone are more than `limit`.

        >>> import bpe_tool
        >>> tokenizer = bpe_tool.train_vocab(["hello world"] * 9, vocab_size=270)
        >>> tokenizer.truncate("hello world, hello", 2)
        'hello world'
        """
        kept = truncated(self._core, text, limit, special, self._around(template))
        self._forget_missing()
        return kept

    def chunks(
        self,
        text: AnyText,
        limit: int,
        *,
        overlap: int = 0,
        boundary: Boundary = "token",
        special: Special = "text",
        template: bool = False,
    ) -> list[AnyText]:
        """Cut a text into pieces of at most `limit` ids each.

        Each piece is cut off as `truncate` cuts. Without `overlap`, the pieces together are the
        text.

        Args:
            text: The text. For bytes, the pieces are bytes.
            limit: The largest number of ids of a piece. With `template`, its ids count, too.
            overlap: How much of a piece the next one repeats: text of at most so many ids. It is
                less where otherwise nothing new would fit.
            boundary: Where pieces end: at a `"token"`; or at the last `"word"`, `"line"` or
                `"paragraph"` that fits, and at a token only where not even one does.
            special: See the class.
            template: See the class.

        Raises:
            ArgumentError: `overlap` is not less than `limit`; or a character (or an added token)
                has more ids than `limit`: the message says where.

        >>> import bpe_tool
        >>> tokenizer = bpe_tool.train_vocab(["hello world"] * 9, vocab_size=270)
        >>> tokenizer.chunks("hello world, hello world", 3, overlap=1)
        ['hello world,', ', hello', 'hello world']
        """
        return self.chunks_with_offsets(
            text, limit, overlap=overlap, boundary=boundary, special=special, template=template
        )[0]

    def chunks_with_offsets(
        self,
        text: AnyText,
        limit: int,
        *,
        overlap: int = 0,
        boundary: Boundary = "token",
        special: Special = "text",
        template: bool = False,
    ) -> tuple[list[AnyText], list[tuple[int, int]]]:
        """Do what `chunks` does; return the pieces, and where each starts and ends in the text.

        Positions count bytes, as those of `encode_with_offsets`.
        """
        around = self._around(template)
        pieces = chunked(self._core, text, limit, overlap, special, around, boundary)
        self._forget_missing()
        return pieces

    def _tell_missing(self) -> None:
        """Warn, once, if text that was encoded had no tokens."""
        if self._may_miss and (count := self._core.take_missing()):
            self._may_miss = False
            warnings.warn(without_tokens(count), BpeToolWarning, stacklevel=3)

    def _forget_missing(self) -> None:
        """Do not tell of text without tokens that was only counted, perhaps several times."""
        if self._may_miss:
            self._core.take_missing()

    def _around(self, template: bool) -> int:
        """Return how many ids the template adds to a text."""
        return sum(map(len, self._core.template)) if self._asks_for(template) else 0

    def _asks_for(self, template: bool) -> bool:
        """Check the argument `template`; raise if it is true and the vocabulary has none."""
        if not checks.flag("template", template):
            return False
        if not any(self._core.template):
            raise ArgumentError(
                "this vocabulary has no template", hint=Suggestion("leave {template} out")
            )
        return True

    @contextmanager
    def _naming_row(self, texts: Sequence[Text], special: Special) -> Iterator[None]:
        """Make errors about one of several texts name its row.

        The core encodes all of them at once. After an error, each is tried on its own.
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
