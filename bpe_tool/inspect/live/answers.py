"""What the live page shows of a text, as JSON for its script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpe_tool.errors import BpeToolError
from bpe_tool.rendering.split import split
from bpe_tool.rendering.tokens import in_parts

if TYPE_CHECKING:
    from bpe_tool import _core
    from bpe_tool.texts import Special

#: How many tokens of a text are listed; a browser is slow with more. All are counted.
LISTED = 100_000


def answer(cores: Mapping[str, _core.Tokenizer], raw: bytes, special: Special) -> bytes:
    """Split a text by several vocabularies.

    An error of one vocabulary, such as a pattern that takes too much work, is told in its place.
    """
    value = {
        "bytes": len(raw),
        "characters": len(raw.decode("utf-8", "surrogateescape")),
        "vocabularies": [_by(core, raw, special) for core in cores.values()],
    }
    # The display of a token holds no lone surrogate: bytes outside UTF-8 are shown as numbers.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _by(core: _core.Tokenizer, raw: bytes, special: Special) -> dict[str, Any]:
    try:
        whole = split(core, raw, special)
    except BpeToolError as error:
        return {"error": str(error)}
    part = whole.first(LISTED)
    return {
        "count": len(whole.ids),
        "shown": in_parts(part.raws),
        "ids": part.ids,
        "starts": [start for start, _ in part.offsets],
        "ends": [end for _, end in part.offsets],
        "hex": [piece.hex() for piece in part.raws],
        "special": [at for at, id in enumerate(part.ids) if id in part.specials],
    }
