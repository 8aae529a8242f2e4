"""What can be shown, whatever shows it: the blocks that a report's view is made of.

Texts in them may be anything: who renders a block escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Hint:
    """A text that says more to who points at it, where that can be done."""

    text: str
    detail: str


#: What stands in a table: texts to the left, numbers to the right; nothing for `None`.
Cell: TypeAlias = str | Hint | int | float | None


@dataclass(frozen=True)
class Facts:
    """A few values by name."""

    title: str
    rows: Sequence[tuple[str, Cell]]


@dataclass(frozen=True)
class Table:
    """Rows of cells under the names of their columns.

    Attributes:
        note: What to know when reading it.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


@dataclass(frozen=True)
class Bars:
    """A number for each of several labels, as bars.

    Attributes:
        upright: Whether the labels are steps of a scale, so that bars may stand on it.
    """

    title: str
    labels: Sequence[str]
    values: Sequence[float]
    note: str = ""
    upright: bool = False


@dataclass(frozen=True)
class Curve:
    """A line through points, from left to right.

    Attributes:
        logarithmic: Which axes are: `x` and `y`.
        mark: A point of the line that means something: its `x`, and what.
    """

    title: str
    x_label: str
    y_label: str
    x: Sequence[float]
    y: Sequence[float]
    logarithmic: str = ""
    mark: tuple[float, str] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One token in a text: what it shows, what more there is to say, whether a line ends."""

    text: str
    detail: str
    ends_line: bool = False


@dataclass(frozen=True)
class Pieces:
    """A text in its tokens."""

    title: str
    pieces: Sequence[Piece]
    note: str = ""


@dataclass(frozen=True)
class Branch:
    """A node of a tree: `depth` levels below the root, which comes first."""

    depth: int
    text: str
    detail: str


@dataclass(frozen=True)
class Tree:
    """A tree, each node before those below it."""

    title: str
    branches: Sequence[Branch]


@dataclass(frozen=True)
class Search:
    """All tokens of a vocabulary, to search among. Only pages show it.

    Attributes:
        tokens: Each as it is shown, in order of id.
        raw: Their bytes.
        ids: Their ids.
        ranks: The rank of the merge that makes each, from 1; 0 where there is none.
    """

    title: str
    tokens: Sequence[str]
    raw: Sequence[bytes]
    ids: Sequence[int]
    ranks: Sequence[int]


Block: TypeAlias = Facts | Table | Bars | Curve | Pieces | Tree | Search


def cell_text(cell: Cell) -> str:
    """Return a cell as text.

    >>> cell_text(1234567), cell_text(0.123456), cell_text(None)
    ('1,234,567', '0.1235', '')
    """
    if cell is None or isinstance(cell, str):
        return cell or ""
    if isinstance(cell, Hint):
        return cell.text
    if isinstance(cell, int):
        return f"{cell:,}"
    return f"{cell:,.4g}" if abs(cell) < 1000 else f"{cell:,.0f}"
