"""The blocks of a report's view, independent of where they are shown.

Texts in blocks may contain anything: renderers escape them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True)
class Hint:
    """A text with a detail, which a page shows on hover."""

    text: str
    detail: str


@dataclass(frozen=True)
class Share:
    """A share of a whole, from 0 to 1, shown in percent."""

    part: float


#: A cell of a table: texts are aligned left, numbers right; `None` is empty.
Cell: TypeAlias = str | Hint | Share | int | float | None


@dataclass(frozen=True)
class Facts:
    """Named values."""

    title: str
    rows: Sequence[tuple[str, Cell]]


@dataclass(frozen=True)
class Table:
    """Rows of cells under the names of their columns.

    Attributes:
        note: A line below the title.
        marked: The index of a row to point out.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    marked: int | None = None


@dataclass(frozen=True)
class Bars:
    """A number for each of several labels, as bars.

    Attributes:
        upright: Whether the labels are steps of a scale, so that a plot may have columns.
    """

    title: str
    labels: Sequence[str]
    values: Sequence[float]
    note: str = ""
    upright: bool = False


@dataclass(frozen=True)
class StackedBars:
    """How a whole is divided into parts, as one bar for each of several labels.

    Attributes:
        parts: The names of the parts: three at most.
        values: For each label, the size of each part.
    """

    title: str
    labels: Sequence[str]
    parts: Sequence[str]
    values: Sequence[Sequence[float]]
    note: str = ""


@dataclass(frozen=True)
class Sparklines:
    """Numbers in their order, as one small line of columns for each of several labels.

    Attributes:
        values: For each label, its numbers.
        full: The number at which a column has its full height.
    """

    title: str
    labels: Sequence[str]
    values: Sequence[Sequence[float]]
    full: float = 1.0
    note: str = ""


@dataclass(frozen=True)
class Curve:
    """A line through points, from left to right.

    Attributes:
        logarithmic: The logarithmic axes: any of `x` and `y`.
        mark: A point of the line with a label: its `x`, and the label.
    """

    title: str
    x_label: str
    y_label: str
    x: Sequence[float]
    y: Sequence[float]
    logarithmic: Literal["", "x", "y", "xy"] = ""
    mark: tuple[float, str] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One token of a text: its display, a detail, and whether it ends a line."""

    text: str
    detail: str
    ends_line: bool = False


@dataclass(frozen=True)
class Pieces:
    """A text, split into tokens."""

    title: str
    pieces: Sequence[Piece]
    note: str = ""


@dataclass(frozen=True)
class Branch:
    """A node of a tree, `depth` levels below the root."""

    depth: int
    text: str
    detail: str


@dataclass(frozen=True)
class Tree:
    """A tree, with each node before its children."""

    title: str
    branches: Sequence[Branch]


@dataclass(frozen=True)
class Search:
    """A search of all tokens of a vocabulary. Only pages show it.

    Attributes:
        tokens: The tokens as they are shown, in order of id.
        raw: Their bytes.
        ids: Their ids.
        ranks: The ranks of their merges, from 1; 0 for no merge.
    """

    title: str
    tokens: Sequence[str]
    raw: Sequence[bytes]
    ids: Sequence[int]
    ranks: Sequence[int]


Block: TypeAlias = Facts | Table | Bars | StackedBars | Sparklines | Curve | Pieces | Tree | Search


def cell_text(cell: Cell) -> str:
    """Return a cell as text.

    >>> cell_text(1234567), cell_text(0.123456), cell_text(None)
    ('1,234,567', '0.1235', '')

    A share is never rounded to none or all:

    >>> [cell_text(Share(part)) for part in (0, 0.00001, 0.12345, 0.99999, 1)]
    ['0 %', '<0.1 %', '12.3 %', '99.9 %', '100 %']
    """
    if cell is None or isinstance(cell, str):
        return cell or ""
    if isinstance(cell, Hint):
        return cell.text
    if isinstance(cell, Share):
        return _percent(cell.part)
    if isinstance(cell, int):
        return f"{cell:,}"
    return f"{cell:,.4g}" if abs(cell) < 1000 else f"{cell:,.0f}"


def _percent(part: float) -> str:
    if part in (0, 1):
        return f"{part * 100:.0f} %"
    return "<0.1 %" if part < 0.001 else f"{min(part, 0.999) * 100:.1f} %"
