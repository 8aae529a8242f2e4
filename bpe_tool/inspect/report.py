"""The base of all reports: values that are written as JSON or shown as blocks."""

from __future__ import annotations

import dataclasses
import json
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from bpe_tool.rendering.blocks import Block
from bpe_tool.rendering.escape import escape

#: The metadata of a field that is called `bytes` in JSON.
BYTES_IN_JSON = {"json": "bytes"}


@dataclasses.dataclass(frozen=True)
class Token:
    """One token of a vocabulary.

    Attributes:
        id: Its id.
        raw: The bytes that it stands for; of a special token, its text.
        special: Whether it is a special token.
    """

    id: int
    raw: bytes
    special: bool = False


@dataclasses.dataclass(frozen=True, repr=False)
class Report(ABC):
    """The base of all reports.

    `str` of a report is what the command shows. Notebooks show its page.

    Attributes:
        SCHEMA: The name and version of the JSON that `to_json` writes. The version changes
            when a field is renamed, removed or means something else, not when one is added.
        TITLE: The title of its page.
    """

    SCHEMA: ClassVar[str]
    TITLE: ClassVar[str]

    @abstractmethod
    def view(self) -> list[Block]:
        """Return the blocks to show."""

    def to_json(self) -> bytes:
        """Return the report as one line of JSON in ASCII; README.md describes the fields."""
        value = {"schema": self.SCHEMA, **_plain(self)}
        return json.dumps(value, allow_nan=False).replace("\x7f", "\\u007f").encode() + b"\n"

    def to_html(self, about: str = "", command: str = "") -> bytes:
        """Return the report as a self-contained HTML page.

        Args:
            about: A line below the title, such as the name of a file.
            command: The command that made it. The line at the end of the page has it, with the
                version of this package and the date.
        """
        from bpe_tool.rendering.html import page

        return page(self.TITLE, self.page_view(), about=about, command=command)

    def page_view(self) -> list[Block]:
        """Return the blocks of a page; there may be more than on a terminal."""
        return self.view()

    def __str__(self) -> str:
        from bpe_tool.rendering.terminal import render

        return render(self.view(), colour=False).rstrip("\n")

    def __repr__(self) -> str:
        values = (
            f"{name}={value!r}" for name, value in vars(self).items() if isinstance(value, int)
        )
        return f"<{type(self).__name__}: {', '.join(values)}>"

    def _repr_html_(self) -> str:
        from bpe_tool.rendering.html import in_notebook

        return in_notebook(self.TITLE, self.page_view())


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value that reports are made of
    """Convert a value to types of JSON."""
    if isinstance(value, Token):
        text = {"id": value.id, **_plain(value.raw)}
        return {**text, "special": True} if value.special else text
    if dataclasses.is_dataclass(value):
        fields = [field for field in dataclasses.fields(value) if field.metadata.get("json", True)]
        return {
            field.metadata.get("json", field.name): _plain(getattr(value, field.name))
            for field in fields
        }
    if isinstance(value, bytes):
        try:
            return {"text": value.decode(), "hex": value.hex()}
        except UnicodeDecodeError:
            return {"text": None, "hex": value.hex()}
    if isinstance(value, dict):
        return {escape(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
