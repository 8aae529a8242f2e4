"""The verb `inspect serve`."""

from __future__ import annotations

import click

from bpe_tool.cli import options
from bpe_tool.cli.command import command
from bpe_tool.cli.inspect_options import examples, patterns, tokenizers


@command(
    epilog=examples("serve", "-t my-vocab", "-t my-vocab -t gpt-4o --no-browser --port 8000"),
)
@tokenizers
@patterns
@options.foreign_special_tokens
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="Port to serve the page at.  [default: one that is free]",
)
@click.option("--no-browser", is_flag=True, help="Do not open the page in a browser.")
def serve(
    paths: tuple[str, ...],
    patterns: tuple[str, ...],
    special_tokens: tuple[str, ...],
    port: int,
    no_browser: bool,
) -> int:
    """Open a page that shows text in tokens as you type.

    It counts and compares the tokens of all the tokenizers. Only this computer can open the page,
    with the address that is printed: share it with nobody. Ctrl-C ends it.
    """
    from functools import partial

    from bpe_tool.cli.browsers import open_page
    from bpe_tool.cli.console import Console
    from bpe_tool.cli.session import command_line
    from bpe_tool.cli.vocabularies import load_all
    from bpe_tool.inspect.live.answers import answer
    from bpe_tool.inspect.live.page import live_page
    from bpe_tool.inspect.live.server import MOST_BYTES, LiveServer
    from bpe_tool.io.outputs import StandardOutput

    cores = load_all(paths, patterns, special_tokens)
    page = live_page(list(cores), MOST_BYTES, command_line())
    try:
        server = LiveServer(page, partial(answer, cores), port)
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"port {port}") from None
    StandardOutput().write(f"{server.url}\n".encode())
    Console().notice("serving the page until Ctrl-C")
    if not no_browser:
        open_page(server.url)
    server.serve_forever()
    return 0
