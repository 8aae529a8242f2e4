"""A whole vocabulary in arrays, for work on all tokens at once."""

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

#: The last character there could be; from here down, one is looked for that no token has.
LAST_CODE = 0x10FFFF


class Vocabulary:
    """All tokens of a tokenizer, in order of id.

    Attributes:
        core: The tokenizer.
        ids: int64, shape `(tokens,)`: those that have a token; special tokens are among them.
        raw: The bytes of all tokens, one after the other.
        bounds: int64, shape `(tokens + 1,)`: token `i` is `raw[bounds[i]:bounds[i + 1]]`.
        special: bool, shape `(tokens,)`.
        merges: int64, shape `(merges, 3)`: left id, right id and result of every merge that
            can occur, in order of rank.
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
        """One more than the largest id: the size of a table by id."""
        return self.core.max_id + 1

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """How many bytes each token has: shape `(tokens,)`."""
        return np.diff(self.bounds)

    def length_of(self, ids: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return how many bytes the tokens of ids have: an array like `ids`."""
        return self._length_of.take(ids)

    @cached_property
    def _length_of(self) -> NDArray[np.int32]:
        lengths = np.zeros(self.limit, np.int32)
        lengths[self.ids] = self.lengths
        return lengths

    def bytes_of(self, index: int) -> bytes:
        """Return the bytes of the token at an index, not of an id."""
        return self.raw[self.bounds[index] : self.bounds[index + 1]]

    def token(self, id: int) -> Token:
        """Return the token of an id.

        Raises:
            UnknownIdError: There is none.
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
        """The rank of the merge that makes each id, from 1: shape `(limit,)`; 0 for none."""
        ranks = np.zeros(self.limit, np.int64)
        ranks[self.merges[:, 2]] = np.arange(1, len(self.merges) + 1)
        return ranks

    @cached_property
    def codes(self) -> NDArray[np.uint32]:
        """All tokens as characters, with `separator` after each.

        A byte outside UTF-8 is a lone surrogate, as `bytes.decode` has it.
        """
        ends = self.bounds[1:] + np.arange(len(self))
        joined = np.zeros(len(self.raw) + len(self), np.uint8)
        inside = np.ones(len(joined), bool)
        inside[ends] = False
        joined[inside] = np.frombuffer(self.raw, np.uint8)
        # NUL ends every character before it, so that none spans two tokens.
        text = joined.tobytes().decode("utf-8", "surrogateescape")
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).copy()
        # Those of the NULs, in order, that are in no token.
        added = ~inside[joined == 0]
        codes[np.flatnonzero(codes == 0)[added]] = self._separator(codes)
        return codes

    def _separator(self, codes: NDArray[np.uint32]) -> int:
        used = np.zeros(LAST_CODE + 1, bool)
        used[codes] = True
        return int(LAST_CODE - np.argmin(used[::-1]))

    @cached_property
    def separator(self) -> str:
        """A character that is in no token."""
        return chr(self.codes[-1])

    @cached_property
    def joined(self) -> str:
        """All tokens as text, with `separator` after each."""
        return self.codes.tobytes().decode("utf-32-le", "surrogatepass")

    def split(self, joined: str) -> list[str]:
        """Return what became of `joined`, by token."""
        return joined.split(self.separator)[:-1]

    @cached_property
    def texts(self) -> list[str]:
        """The text of each token; bytes outside UTF-8 are lone surrogates."""
        return self.split(self.joined)
