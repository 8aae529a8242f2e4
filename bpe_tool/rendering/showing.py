"""Shows a split text to whoever calls: on a terminal, or in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bpe_tool.rendering.blocks import Block, Pieces
from bpe_tool.rendering.numbers import counted
from bpe_tool.rendering.split import Split

TITLE = "Text in tokens"


class Shown:
    """Blocks that a notebook shows as a page."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks

    def text(self, *, colour: bool) -> str:
        """Return the blocks as text."""
        from bpe_tool.rendering.terminal import render

        return render(self._blocks, colour=colour).rstrip("\n")

    def __repr__(self) -> str:
        return self.text(colour=False)

    def _repr_html_(self) -> str:
        from bpe_tool.rendering.html import in_notebook

        return in_notebook(TITLE, self._blocks)


def shown(split: Split, text: bytes) -> Shown:
    """Return a text in tokens, under their number."""
    pieces = split.pieces()
    characters = len(text.decode("utf-8", "surrogateescape"))
    counts = (
        counted(len(pieces), "token"), counted(characters, "character"), counted(len(text), "byte")
    )  # fmt: skip
    return Shown([Pieces(", ".join(counts), pieces)])


def show(what: Shown) -> None:
    """Show something in the notebook that runs, or on standard output.

    What standard output cannot write in its encoding is escaped.
    """
    from bpe_tool.rendering.terminal import shows_colour

    # Whoever runs in a notebook has imported this already.
    notebook = sys.modules.get("IPython")
    if notebook is not None and hasattr(notebook.get_ipython(), "kernel"):
        sys.modules["IPython.display"].display(what)
        return
    text = what.text(colour=shows_colour(None))
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))  # noqa: T201 - asked for
