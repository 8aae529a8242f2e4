"""The blocks of a report's view, independent of where they are shown.

Texts in blocks may contain anything: renderers escape them.
"""

from __future__ import annotations

import math
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
        axes: The names of the two axes, if the labels are steps of a scale: a plot has columns.
    """

    title: str
    labels: Sequence[str]
    values: Sequence[float]
    note: str = ""
    axes: tuple[str, str] | None = None


@dataclass(frozen=True)
class GroupedBars:
    """Several numbers for each of several labels, as bars next to each other.

    Attributes:
        parts: The names of the numbers: three at most.
        values: For each label, its numbers.
    """

    title: str
    labels: Sequence[str]
    parts: Sequence[str]
    values: Sequence[Sequence[float]]
    note: str = ""


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


Block: TypeAlias = (
    Facts | Table | Bars | GroupedBars | StackedBars | Sparklines | Curve | Pieces | Tree | Search
)


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


def column_texts(cells: Sequence[Cell]) -> list[str]:
    """Return the cells of a column as text. Fractions have the same number of decimals.

    >>> column_texts([0.8822, 4.2564, 1.0, None]), column_texts([0.0711, 0.8387]), column_texts([3])
    (['0.882', '4.256', '1.000', ''], ['0.0711', '0.8387'], ['3'])
    """
    fractions = [abs(cell) for cell in cells if isinstance(cell, float)]
    largest = max(fractions, default=0.0)
    whole = math.floor(math.log10(largest)) + 1 if largest else 1
    decimals = min(max(4 - whole, 0), 6)
    return [
        f"{cell:,.{decimals}f}" if isinstance(cell, float) else cell_text(cell) for cell in cells
    ]


def _percent(part: float) -> str:
    if part in (0, 1):
        return f"{part * 100:.0f} %"
    return "<0.1 %" if part < 0.001 else f"{min(part, 0.999) * 100:.1f} %"
