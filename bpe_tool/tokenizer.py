"""The tokenizer: text to ids and back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, final

from bpe_tool import _core, checks
from bpe_tool.errors import (
    ArgumentError,
    ArgumentTypeError,
    DataError,
    LimitError,
    Suggestion,
    UnknownIdError,
)
from bpe_tool.ragged import Ragged
from bpe_tool.vocab import files as vocab_files

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids: TypeAlias = Sequence[int] | NDArray[Any]

Text: TypeAlias = str | bytes
Special: TypeAlias = Literal["text", "token", "error"]
SpecialTokens: TypeAlias = Mapping[str, int] | Iterable[str]


@final
class Tokenizer:
    """Turns text into ids and ids into text.

    `Tokenizer.load` and `train_vocab` make tokenizers. They are immutable and picklable, and
    may be shared between threads and processes. Two tokenizers are equal if they hold the same
    vocabulary and apply it by the same rules.

    Text is `str` or `bytes`. Any bytes can be encoded, and `decode_bytes(encode(x)) == x` for
    every vocabulary trained by this package. A `str` with a lone surrogate raises `DataError`.

    These arguments mean the same in all methods:

    special: What to do with the text of a special token:

        - `"text"` (default): encode it as plain text.
        - `"token"`: encode it as the special token's id.
        - `"error"`: raise `SpecialTokenError`.

    template: Add the ids that the vocabulary's own template puts before and after a text.
        Without such a template, `True` raises `ArgumentError`.

    All methods that encode raise `LimitError` where matching the pattern takes too much work.
    """

    __slots__ = ("_core", "_digest")

    def __init__(self, core: _core.Tokenizer) -> None:
        wanted = "what Tokenizer.load and train_vocab make"
        checks.instance("core", core, _core.Tokenizer, wanted)
        self._core = core
        # Computed when it is first needed.
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
            path: A `tokenizer.json` under any name, a directory that holds one, a `.tiktoken`
                file, or a `vocab.json` or `merges.txt` with the other one in the same directory.
            pattern: The name of a pattern, or a regex. Needed for all files but
                `tokenizer.json`, which holds its own.
            special_tokens: Texts, or a mapping of texts to ids, for the same files. Without
                ids, they get the ids after the largest one, in the given order.

        Warns:
            BpeToolWarning: Part of the file seems to be missing, such as the last merges.

        Raises:
            VocabError: The file is damaged, or of a kind that is not supported.
            LimitError: The file is larger than 1 GiB.
            ArgumentError: `pattern` is missing, or the file holds its own.
            OSError: The file cannot be read.
        """
        return cls(vocab_files.load(checks.path("path", path), pattern, special_tokens))

    def save(self, path: str | os.PathLike[str], *, roles: Mapping[str, str] | None = None) -> None:
        """Write a vocabulary file. If that fails, an existing file stays as it was.

        Args:
            path: The name decides the format. `NAME.json` is a `tokenizer.json`;
                `NAME.tiktoken` is a tiktoken file; `merges.txt` or `NAME-merges.txt` is written
                together with its `vocab.json`. Any other path is a directory with
                `tokenizer.json` and `tokenizer_config.json`.
            roles: Which special token is `bos`, `eos`, `pad` or `unk`, for
                `tokenizer_config.json`. Only a directory keeps them.

        Raises:
            VocabError: The format cannot hold this vocabulary.
            ArgumentError: A role does not exist, or its token is not a special token.
            OSError: A file cannot be written.
        """
        vocab_files.save(self._core, checks.path("path", path), {} if roles is None else roles)

    def encode(self, text: Text, *, special: Special = "text", template: bool = False) -> list[int]:
        """Encode one text; return its ids. See the class for the arguments and errors."""
        return self._core.encode(text, special, template is not False and self._asks_for(template))

    def encode_batch(
        self,
        texts: Iterable[Text],
        *,
        special: Special = "text",
        template: bool = False,
        threads: int = 0,
    ) -> list[list[int]]:
        """Encode many texts; return a list of ids for each.

        Args:
            texts: The texts.
            special: See the class.
            template: See the class.
            threads: Number of threads; 0 uses every CPU available to the process.

        Raises:
            BpeToolError: See the class. The message names the row, counted from 0.
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
        """Encode many texts into numpy arrays. Otherwise like `encode_batch`.

        This is faster, because no Python integers are made.

        Returns:
            Rows of ids: `.ids` is uint32 of shape `(total,)`, `.bounds` is int64 of shape
            `(len(texts) + 1,)`.
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
        """Encode one text; return its ids and the position of each token in the text.

        Returns:
            The ids, and a `(start, end)` pair for each. Positions count bytes of the text in
            UTF-8; for a vocabulary with a normalizer, bytes of the normalized text. Ids of a
            template have empty spans at the two ends of the text.
        """
        return self._core.encode_with_offsets(text, special, self._asks_for(template))

    def count(self, text: Text, *, special: Special = "text", template: bool = False) -> int:
        """Return the number of ids that `encode` would return, without storing them."""
        return self._core.count(text, special, template is not False and self._asks_for(template))

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

    def decode(self, ids: Ids, *, errors: str = "replace") -> str:
        """Decode ids into text. Special tokens are decoded to their text.

        Args:
            ids: A sequence of ids, or an integer array with one dimension.
            errors: What to do about bytes that are not UTF-8, as in `bytes.decode`.

        Raises:
            UnknownIdError: An id is not in the vocabulary. The message gives its position.
            ArgumentTypeError: `ids` is not a sequence of whole numbers.
            UnicodeDecodeError: The bytes are not UTF-8, and `errors` is `"strict"`.
        """
        if type(errors) is not str or errors != "replace":
            checks.decode_errors(errors)
        return self._core.decode(ids).decode("utf-8", errors)

    def decode_bytes(self, ids: Ids) -> bytes:
        """Decode ids into bytes. It raises what `decode` raises about `ids`."""
        return self._core.decode(ids)

    def decode_batch(self, rows: Iterable[Ids], *, errors: str = "replace") -> list[str]:
        """Decode many rows of ids.

        It raises what `decode` raises. The message names the row, counted from 0.
        """
        checks.decode_errors(errors)
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
        """Return the id of a token or of a special token's text; `None` if there is none."""
        if not isinstance(token, bytes | bytearray):
            raise checks.wrong_type("token", token, "bytes, such as b'the'")
        return self._core.token_to_id(token)

    def id_to_bytes(self, id: int) -> bytes:
        """Return the bytes of the token with an id.

        Raises:
            UnknownIdError: The id is not in the vocabulary.
        """
        number = checks.whole("id", id, least=None)
        if not 0 <= number <= self._core.max_id:
            raise UnknownIdError(f"id {checks.shown(number)} is not in the vocabulary")
        return self._core.id_to_token(number)

    @property
    def merges(self) -> list[tuple[bytes, bytes]]:
        """The merges, as pairs of tokens in order of rank."""
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
        """Return a digest of everything that decides how text becomes ids."""
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
    """Make the tokenizer that `__reduce__` describes."""
    return Tokenizer(getattr(_core.Tokenizer, constructor)(*arguments))
