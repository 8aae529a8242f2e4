"""The frame of every page: it needs no network, runs no foreign code, is light and dark.

Text is escaped by `html_safe`. Besides, a page's own policy lets no style and no script run but
those written in the package, and nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources

from bpe_tool.rendering.escape import html_safe


def frame(title: str, content: str, *, about: str = "", style: str = "", script: str = "") -> bytes:
    """Return a whole page.

    Args:
        title: What it is about, as text.
        content: Its sections, as markup.
        about: A line below the title, as text.
        style: Rules besides those that all pages have.
        script: Its script.
    """
    style = asset("page.css") + style
    policy = f"default-src 'none'; style-src '{digest(style)}'; base-uri 'none'; form-action 'none'"
    if script:
        policy += f"; script-src '{digest(script)}'"
        script = f"<script>{script}</script>\n"
    below = f'<p class="hint">{html_safe(about)}</p>\n' if about else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{html_safe(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header><h1>{html_safe(title)}</h1>\n{below}</header>\n{content}{script}</body>\n</html>\n"
    ).encode()


def asset(name: str) -> str:
    """Return the text of a file that comes with the package."""
    return (resources.files("bpe_tool.rendering") / name).read_text("utf-8")


def digest(text: str) -> str:
    """Return how a policy names the style or the script that it allows."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
