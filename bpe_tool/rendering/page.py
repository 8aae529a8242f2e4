"""The frame of every HTML page: self-contained, with light and dark colours.

Text is escaped by `html_safe`. The content security policy of a page also blocks all styles and
scripts except those of the package, and all requests but those to a server that it comes from.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import time
from importlib import resources

from bpe_tool import _core
from bpe_tool.rendering.escape import html_safe


def frame(
    title: str,
    content: str,
    *,
    about: str = "",
    command: str = "",
    style: str = "",
    script: str = "",
    asks_server: bool = False,
) -> bytes:
    """Return a whole page.

    Args:
        title: The title, as text.
        content: The sections, as markup.
        about: A line below the title, as text.
        command: The command that made the page, as text, for the line at its end.
        style: Style rules, in addition to those of all pages.
        script: The script.
        asks_server: Whether the script sends requests to the server that the page comes from.
    """
    style = asset("page.css") + style
    policy = f"default-src 'none'; style-src '{digest(style)}'; base-uri 'none'; form-action 'none'"
    if script:
        policy += f"; script-src '{digest(script)}'"
        script = f"<script>{script}</script>\n"
    if asks_server:
        policy += "; connect-src 'self'"
    below = f'<p class="hint">{html_safe(about)}</p>\n' if about else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{html_safe(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header><h1>{html_safe(title)}</h1>\n{below}</header>\n{content}"
        f"<footer>{_footer(command)}</footer>\n{script}</body>\n</html>\n"
    ).encode()


def _footer(command: str) -> str:
    """Return what made the page, and when, in UTC; `SOURCE_DATE_EPOCH` may name the time."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(given) if re.fullmatch(r"[0-9]{1,11}", given) else time.time()
    day = time.strftime("%Y-%m-%d", time.gmtime(seconds))
    made = f"bpe_tool {_core.__version__} · {day}"
    return f"{made} · <code>{html_safe(command)}</code>" if command else made


def asset(name: str) -> str:
    """Return the text of a file in this directory."""
    return (resources.files("bpe_tool.rendering") / name).read_text("utf-8")


def digest(text: str) -> str:
    """Return the hash by which a policy allows a style or a script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
