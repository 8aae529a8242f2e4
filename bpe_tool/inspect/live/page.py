"""The live page, without any text in it yet."""

from __future__ import annotations

import html
from collections.abc import Sequence

from bpe_tool.rendering.escape import html_safe
from bpe_tool.rendering.page import asset, frame

#: What stands in the field at first: each vocabulary splits it in its own way.
SAMPLE = (
    "Tokens aren't words: untokenizable, naïve, 3.14159, 12:45.\n"
    "def area(radius):\n    return 3.14159 * radius ** 2\n"
    "Straße, Москва, नमस्ते, 東京タワー, 안녕하세요, 👩‍🚀"
)


def live_page(names: Sequence[str], most_bytes: int, command: str) -> bytes:
    """Return the page.

    Args:
        names: The names of the vocabularies.
        most_bytes: The size of the largest text that is answered, in bytes.
        command: The command that serves it, for the line at its end.
    """
    several = len(names) > 1
    sections = "".join(_vocabulary(at, name) for at, name in enumerate(names))
    content = (
        f'<main id="main" class="live{" several" if several else ""}" data-most="{most_bytes}">\n'
        f"{_input(several)}"
        f"{_counts(names, several)}{sections}</main>\n"
    )
    style = asset("report.css") + asset("live.css")
    about = "Nothing that is typed here leaves this computer, or is kept."
    return frame(
        "Live tokens",
        content,
        about=about,
        command=command,
        style=style,
        script=asset("live.js"),
        asks_server=True,
    )


def _input(several: bool) -> str:
    differences = (
        '<label><input type="checkbox" id="differences" checked> Mark what differs</label>\n'
        if several
        else ""
    )
    return (
        '<section class="typed"><h2 id="typed">Text</h2>\n'
        '<textarea id="text" rows="6" spellcheck="false" autocomplete="off" dir="auto" '
        f'aria-labelledby="typed">{html.escape(SAMPLE)}</textarea>\n'
        '<div class="options">\n'
        '<label>Special tokens <select id="special"><option value="text">as plain text</option>'
        '<option value="token">as tokens</option></select></label>\n'
        '<label><input type="checkbox" id="ids"> Show ids</label>\n'
        f"{differences}</div>\n"
        '<output id="lengths" class="found" aria-live="polite"></output>\n'
        '<p id="trouble" role="alert" hidden></p></section>\n'
    )


def _counts(names: Sequence[str], several: bool) -> str:
    columns = ["tokens", "bytes per token", "characters per token"]
    if several:
        columns[1:1] = ["relative", "not shared"]
    head = "".join(f'<th scope="col" class="n">{column}</th>' for column in columns)
    cells = "".join('<td class="n"></td>' for _ in columns)
    rows = "".join(f"<tr><td><bdi>{html_safe(name)}</bdi></td>{cells}</tr>" for name in names)
    note = (
        '<p class="hint">Relative: to the fewest tokens. Not shared: tokens that do not begin and '
        "end at the same places in all vocabularies.</p>\n"
        if several
        else ""
    )
    return (
        f'<section aria-labelledby="counted"><h2 id="counted">Counts</h2>\n{note}'
        '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table id="counts">'
        f'<thead><tr><th scope="col">vocabulary</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>\n"
    )


def _vocabulary(at: int, name: str) -> str:
    return (
        f'<section class="half vocabulary" aria-labelledby="v{at}">'
        f'<h2 id="v{at}"><bdi>{html_safe(name)}</bdi></h2>\n'
        '<output class="detail" aria-live="polite"></output>'
        '<div class="tokens" tabindex="0" role="group" aria-label="Tokens"></div></section>\n'
    )
