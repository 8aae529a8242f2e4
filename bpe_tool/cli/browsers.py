"""Opens pages in the browser of the user."""

from __future__ import annotations

import os
import sys

from bpe_tool.runtime import thread_start


def open_page(url: str) -> None:
    """Open an address in a browser with windows, if there is one; do not wait for it."""
    windows = sys.platform in ("win32", "darwin")
    if windows or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")):
        # A browser may take long to start, or wait for its end.
        thread_start.start(lambda: _open(url), daemon=True)


def _open(url: str) -> None:
    import webbrowser

    try:
        webbrowser.open(url)
    except (webbrowser.Error, OSError):
        # The address is on the terminal.
        return
