"""The tokenizer: text to ids and back."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, final

from bpe_tool import _core, checks
from bpe_tool.encoding import Encoder
from bpe_tool.errors import ArgumentTypeError, DataError, UnknownIdError
from bpe_tool.texts import Missing, Special, Text
from bpe_tool.vocab import files as vocab_files
from bpe_tool.vocab.settings import NO_SETTINGS, Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids: TypeAlias = Sequence[int] | NDArray[Any]

__all__ = ["Missing", "Special", "SpecialTokens", "Text", "Tokenizer"]

SpecialTokens: TypeAlias = Mapping[str, int] | Iterable[str]


@final
class Tokenizer(Encoder):
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

    dropout: Leave merges out at random, so that a model in training sees a text divided in many
        ways (BPE-dropout). A probability: at each step, each merge that is possible is dropped
        with it, and of the others, the one of lowest rank is applied, the leftmost of several;
        merging ends at a step that drops all. So 0.0 is usual merging, without looking up whole
        words, and 1.0 leaves single bytes. The merges are those of `merges`.

        What is dropped is a hash of `seed`, `epoch`, and `sample`, the number of the text, or of
        the first of several: 0 for each that is not given. They need `dropout`. Threads and
        batches change nothing. A vocabulary without merges raises `ArgumentError`.

    All methods that encode raise `LimitError` where matching the pattern takes too much work.

    Some vocabularies of others lack tokens for some bytes or characters. The model says what
    becomes of these: they are left out, or become its unknown token. The first time, a
    `BpeToolWarning` says how many there were; with `Tokenizer.load(..., missing="error")`, the
    first one raises `DataError` instead.
    """

    __slots__ = ("_core", "_digest", "_settings")

    def __init__(self, core: _core.Tokenizer) -> None:
        wanted = "what Tokenizer.load and train_vocab make"
        checks.instance("core", core, _core.Tokenizer, wanted)
        self._core = core
        self._settings = NO_SETTINGS
        # Computed when it is first needed.
        self._digest: bytes | None = None
        self._may_miss = not core.is_complete

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        pattern: str | None = None,
        special_tokens: SpecialTokens = (),
        missing: Missing = "follow",
    ) -> Tokenizer:
        """Load a vocabulary.

        The format is detected from the content of a file, not from its name. A directory is read
        as `transformers` saves it, with its settings.

        Args:
            path: A `tokenizer.json`, a `.tiktoken` file, a `tekken.json`, a SentencePiece model of
                the kind BPE or a GGUF file, under any name; a `vocab.json` or `merges.txt` with the
                other one in the same directory; or a directory with such files. Or a name: a
                vocabulary of tiktoken (`"cl100k"`), a model (`"gpt-4o"`, `"org/model"`), or a file
                in the directory that the environment variable `BPE_TOOL_VOCABS` names. Names are
                looked for there, in tiktoken's cache and in Hugging Face's; nothing is downloaded.
            pattern: The name of a pattern, or a regex, for files that do not hold their own:
                those of tiktoken and GPT-2's pair. Published ones are known by their digests.
            special_tokens: Texts, or a mapping of texts to ids, for the same files. Without
                ids, they get the ids after the largest one, in the given order. Several texts
                may have one id, which is decoded to the first of them. They come on top of those of
                a published vocabulary, and take the place of one with the same text or id.
            missing: What to do about text that has no token: what the model says, or raise
                `DataError`. See the class.

        Warns:
            BpeToolWarning: Part of the file seems to be missing, such as the last merges.

        Raises:
            VocabError: The file is damaged, or of a kind that is not supported.
            LimitError: The file is larger than 1 GiB.
            ArgumentError: `pattern` is missing, or the file holds its own.
            OSError: The file cannot be read, or nothing has the name.
        """
        checks.choice("missing", missing, ("follow", "error"))
        opened = vocab_files.open_vocab(checks.path("path", path), pattern, special_tokens)
        if missing == "error":
            opened = opened._replace(core=opened.core.refusing_missing())
        return cls._of(opened)

    @classmethod
    def from_huggingface(cls, tokenizer: object) -> Tokenizer:
        """Take over a tokenizer that is in memory, with its settings.

        Args:
            tokenizer: A `tokenizers.Tokenizer`, or a fast tokenizer of `transformers`.

        Raises:
            ArgumentTypeError: It is neither.
            VocabError: It is of a kind that is not supported, such as WordPiece.
        """
        from bpe_tool.vocab import huggingface

        return cls._of(huggingface.taken_over(tokenizer))

    def to_huggingface(self, library: Literal["tokenizers", "transformers"] = "tokenizers") -> Any:  # noqa: ANN401
        """Make a tokenizer of another library, which gives the same ids.

        Args:
            library: `"tokenizers"` makes a `tokenizers.Tokenizer`; `"transformers"` makes a
                `PreTrainedTokenizerFast` with the settings.

        Raises:
            ArgumentError: The library is not installed.
            VocabError: A `tokenizer.json` cannot hold this vocabulary.
        """
        from bpe_tool.vocab import huggingface

        return huggingface.made(self._core, self._settings, library)

    @classmethod
    def _of(cls, opened: vocab_files.Opened) -> Tokenizer:
        tokenizer = cls(opened.core)
        tokenizer._settings = opened.settings
        return tokenizer

    def save(self, path: str | os.PathLike[str], *, roles: Mapping[str, str] | None = None) -> None:
        """Write a vocabulary file. If that fails, an existing file stays as it was.

        Args:
            path: The name decides the format. `NAME.json` is a `tokenizer.json`;
                `NAME.tiktoken` is a tiktoken file; `merges.txt` or `NAME-merges.txt` is written
                together with its `vocab.json`. Any other path is a directory with
                `tokenizer.json`, `tokenizer_config.json` and the chat templates.
            roles: Which special token is `bos`, `eos`, `pad`, `unk`, `cls`, `sep` or `mask`, in
                place of what the settings say. Only a directory keeps them, like all settings.

        Raises:
            VocabError: The format cannot hold this vocabulary.
            ArgumentError: A role does not exist, or its token is not a special token.
            OSError: A file cannot be written.
        """
        path = checks.path("path", path)
        vocab_files.save(self._core, path, {} if roles is None else roles, self._settings)

    def with_vocab_size(self, vocab_size: int) -> Tokenizer:
        """Return the vocabulary without its last tokens.

        The tokens with the highest ids are left out, with their merges; special tokens stay, and
        those at the end move down. A vocabulary that was trained here becomes the one that
        training for this size gives.

        Args:
            vocab_size: The number of tokens; a vocabulary that has no more stays as it is.

        Raises:
            ArgumentError: Single bytes, or tokens that others are made of, would be left out.

        >>> import bpe_tool
        >>> tokenizer = bpe_tool.train_vocab(["low lower lowest"] * 9, vocab_size=260)
        >>> tokenizer.with_vocab_size(257).merges
        [(b'l', b'o')]
        """
        size = checks.whole("vocab_size", vocab_size, 1, checks.MAX_COUNT)
        shorter = self._core.with_vocab_size(size)
        return Tokenizer._of(vocab_files.Opened(shorter, self._settings.without_ids()))

    def decode(
        self, ids: Ids, *, errors: str = "replace", skip_special_tokens: bool = False
    ) -> str:
        """Decode ids into text. Special tokens are decoded to their text, unless they are skipped.

        Args:
            ids: A sequence of ids, or an integer array with one dimension.
            errors: What to do about bytes that are not UTF-8, as in `bytes.decode`.
            skip_special_tokens: Decode the ids as if those of special tokens were not there.

        Raises:
            UnknownIdError: An id is not in the vocabulary. The message gives its position.
            ArgumentTypeError: `ids` is not a sequence of whole numbers.
            UnicodeDecodeError: The bytes are not UTF-8, and `errors` is `"strict"`.
        """
        if type(errors) is not str or errors != "replace":
            checks.decode_errors(errors)
        if skip_special_tokens is not False:
            skip_special_tokens = checks.flag("skip_special_tokens", skip_special_tokens)
        return self._core.decode_text(ids, errors, skip_special_tokens)

    def decode_bytes(self, ids: Ids, *, skip_special_tokens: bool = False) -> bytes:
        """Decode ids into bytes; see `decode`. It raises what `decode` raises about `ids`."""
        if skip_special_tokens is False:
            return self._core.decode(ids)
        return self._core.decode(ids, checks.flag("skip_special_tokens", skip_special_tokens))

    def decode_batch(
        self, rows: Iterable[Ids], *, errors: str = "replace", skip_special_tokens: bool = False
    ) -> list[str]:
        """Decode many rows of ids; see `decode`.

        It raises what `decode` raises. The message names the row, counted from 0.
        """
        checks.decode_errors(errors)
        skips = checks.flag("skip_special_tokens", skip_special_tokens)
        texts: list[str] = []
        for ids in checks.several("rows", rows, "rows of ids"):
            try:
                texts.append(self._core.decode_text(ids, errors, skips))
            except DataError as error:
                raise error.at(f"row {len(texts)}") from None
            except ArgumentTypeError as error:
                raise error.at(f"row {len(texts)} of `rows`") from None
        return texts

    def show(self, text: Text, *, special: Special = "text") -> None:
        r"""Show a text in tokens: in a notebook as a page, otherwise on standard output.

        On a terminal, tokens have colours; elsewhere, `|` stands between them. The page shows
        the id, the position and the bytes of the token under the pointer.

        Args:
            text: The text.
            special: See the class.

        Raises:
            LimitError: It has more than a million tokens, or 64 MiB.

        >>> import bpe_tool
        >>> tokenizer = bpe_tool.train_vocab(["a rose is a rose is a rose"], vocab_size=270)
        >>> tokenizer.show("a rose\n")
        3 tokens, 7 characters, 7 bytes
        a|␣rose|⏎
        """
        from bpe_tool.rendering.showing import show, shown
        from bpe_tool.rendering.split import refuse_long, split

        raw = checks.as_bytes("text", text)
        checks.choice("special", special, ("text", "token", "error"))
        refuse_long(self._core, raw, special)
        show(shown(split(self._core, raw, special), raw))

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
    def roles(self) -> dict[str, str]:
        """Which special token is `bos`, `eos`, `pad` and so on, if that is known."""
        return self._settings.roles(self._core.special_tokens)

    @property
    def settings(self) -> dict[str, Any]:
        """The content of `tokenizer_config.json`, with the chat template, if there is any.

        Nothing in it changes how this class encodes, but for added tokens, which are added.
        """
        return copy.deepcopy(self._settings.entries())

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
            import hashlib

            constructor, arguments = self._core.state()
            digest = hashlib.sha256(constructor.encode() + bytes([self._core.refuses_missing]))
            for argument in arguments:
                data = argument if isinstance(argument, bytes) else repr(argument).encode()
                digest.update(len(data).to_bytes(8, "little") + data)
            self._digest = digest.digest()
        return self._digest

    def __repr__(self) -> str:
        specials = len(self.special_tokens)
        return f"<Tokenizer: {len(self)} tokens, {specials} special, pattern {self.pattern!r}>"

    def _repr_html_(self) -> str:
        from bpe_tool.rendering.blocks import Cell, Facts
        from bpe_tool.rendering.html import in_notebook

        specials = ", ".join(list(self.special_tokens)[:10])
        facts: list[tuple[str, Cell]] = [
            ("tokens", len(self)),
            ("special tokens", len(self.special_tokens)),
            ("the first of them", specials),
            ("pattern", self.pattern),
        ]
        return in_notebook("Tokenizer", [Facts("Vocabulary", facts)])

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (*self._core.state(), self._settings, self._core.refuses_missing)


def _rebuild(
    constructor: str,
    arguments: tuple[Any, ...],
    settings: Settings = NO_SETTINGS,
    refuses_missing: bool = False,
) -> Tokenizer:
    """Make the tokenizer that `__reduce__` describes."""
    core = getattr(_core.Tokenizer, constructor)(*arguments)
    if refuses_missing:
        core = core.refusing_missing()
    return Tokenizer._of(vocab_files.Opened(core, settings))
