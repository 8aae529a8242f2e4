"""Which ids the tokens of a vocabulary had in the one that it was made from."""

from __future__ import annotations

import sys
from array import array
from pathlib import Path

from bpe_tool import _core
from bpe_tool.io import npy_header
from bpe_tool.vocab.token_text import escape


def table(core: _core.Tokenizer, old_ids: array[int], path: Path) -> bytes:
    """Return what says the old id of each id; -1 stands for none.

    That is an array of int64 if the name of the file ends in `.npy`; otherwise lines of the id,
    the old id and the token, with tabs between them.
    """
    if path.suffix == ".npy":
        little = array("q", old_ids)
        if sys.byteorder == "big":
            little.byteswap()
        return npy_header.build("<i8", len(old_ids)) + little.tobytes()
    lines = ["id\told_id\ttoken"]
    for id, old in enumerate(old_ids):
        lines.append(f"{id}\t{old}\t{escape(core.id_to_token(id))}")
    return ("\n".join(lines) + "\n").encode()
