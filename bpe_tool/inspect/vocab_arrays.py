"""A vocabulary as arrays, to compute on all tokens at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bpe_tool.errors import UnknownIdError
from bpe_tool.inspect.report import Token

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bpe_tool import _core

#: The largest code point. The search for a character that no token contains goes down from it.
LAST_CODE = 0x10FFFF


class VocabArrays:
    """All tokens of a tokenizer as arrays, in order of id.

    Attributes:
        core: The tokenizer.
        ids: int64, shape `(tokens,)`: the ids that have a token, including special tokens.
        raw: The bytes of all tokens, concatenated.
        bounds: int64, shape `(tokens + 1,)`: token `i` is `raw[bounds[i]:bounds[i + 1]]`.
        special: bool, shape `(tokens,)`.
        merges: int64, shape `(merges, 3)`: left id, right id and resulting id of every merge
            that can be applied, in order of rank.
    """

    def __init__(self, core: _core.Tokenizer) -> None:
        self.core = core
        ids, raw, bounds = core.tokens()
        self.ids = np.frombuffer(ids, np.uint32).astype(np.int64)
        self.raw = bytes(raw)
        self.bounds = np.frombuffer(bounds, np.int64)
        specials = np.fromiter(core.special_tokens.values(), np.int64)
        self.special = np.isin(self.ids, specials)
        merges = np.frombuffer(core.effective_merges(), np.uint32)
        self.merges = merges.reshape(-1, 3).astype(np.int64)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def limit(self) -> int:
        """The largest id plus one: the size of an array that is indexed by id."""
        return self.core.max_id + 1

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """The length of each token in bytes: shape `(tokens,)`."""
        return np.diff(self.bounds)

    def length_of(self, ids: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the lengths of tokens in bytes, by their ids: an array of the shape of `ids`."""
        return self._length_of.take(ids)

    @cached_property
    def _length_of(self) -> NDArray[np.int32]:
        lengths = np.zeros(self.limit, np.int32)
        lengths[self.ids] = self.lengths
        return lengths

    def bytes_of(self, index: int) -> bytes:
        """Return the bytes of the token at an index, which is not its id."""
        return self.raw[self.bounds[index] : self.bounds[index + 1]]

    def token(self, id: int) -> Token:
        """Return the token of an id.

        Raises:
            UnknownIdError: No token has this id.
        """
        index = int(np.searchsorted(self.ids, id))
        if index == len(self) or self.ids[index] != id:
            raise UnknownIdError(f"id {id} is not in the vocabulary")
        return Token(id, self.bytes_of(index), bool(self.special[index]))

    def tokens(self, indices: Sequence[int] | NDArray[np.int64]) -> list[Token]:
        """Return the tokens at indices."""
        return [
            Token(int(self.ids[at]), self.bytes_of(at), bool(self.special[at])) for at in indices
        ]

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """The rank of the merge that makes each id: shape `(limit,)`; from 1, 0 for no merge."""
        ranks = np.zeros(self.limit, np.int64)
        ranks[self.merges[:, 2]] = np.arange(1, len(self.merges) + 1)
        return ranks

    @cached_property
    def codes(self) -> NDArray[np.uint32]:
        """The code points of all tokens, with `separator` after each.

        A byte outside UTF-8 is a lone surrogate, as `bytes.decode` with `surrogateescape`.
        """
        ends = self.bounds[1:] + np.arange(len(self))
        joined = np.zeros(len(self.raw) + len(self), np.uint8)
        inside = np.ones(len(joined), bool)
        inside[ends] = False
        joined[inside] = np.frombuffer(self.raw, np.uint8)
        # A NUL between tokens keeps a character from spanning two of them.
        text = joined.tobytes().decode("utf-8", "surrogateescape")
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).copy()
        # Which of the NULs are those between tokens, in order.
        added = ~inside[joined == 0]
        codes[np.flatnonzero(codes == 0)[added]] = self._separator(codes)
        return codes

    def _separator(self, codes: NDArray[np.uint32]) -> int:
        used = np.zeros(LAST_CODE + 1, bool)
        used[codes] = True
        return int(LAST_CODE - np.argmin(used[::-1]))

    @cached_property
    def separator(self) -> str:
        """A character that no token contains."""
        return chr(self.codes[-1])

    @cached_property
    def joined(self) -> str:
        """All tokens as text, with `separator` after each."""
        return self.codes.tobytes().decode("utf-32-le", "surrogatepass")

    def split(self, joined: str) -> list[str]:
        """Split a text that was made from `joined` into its tokens."""
        return joined.split(self.separator)[:-1]

    @cached_property
    def texts(self) -> list[str]:
        """The text of each token; bytes outside UTF-8 are lone surrogates."""
        return self.split(self.joined)
