"""The options of verbs that can work on a cluster, and what they share there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bpe_tool.cli import options
from bpe_tool.cli.console import Console

if TYPE_CHECKING:
    from bpe_tool.distributed.driver import Cluster

#: What all pages of help say about it.
HELP = """\b
On a cluster (--ray): the work is divided into units, and all machines see inputs and outputs
under the same paths. Finished units are kept in OUTPUT.work until the result is complete, so
the same command goes on where one stopped. The result is the same bytes as without --ray.
See the README of bpe_tool/distributed.
"""

at = options.decorated(
    click.option(
        "--ray",
        metavar="ADDRESS",
        help="Work on the Ray cluster at this address (HOST:PORT, ray://HOST:PORT or auto), or "
        "start one on this machine (local).",
    ),
    click.option(
        "--unit-bytes",
        type=options.number(1),
        metavar="N",
        help="About how much input a worker of --ray takes at once, in bytes.  [default: 256 MiB]",
    ),
    click.option(
        "--set-aside",
        metavar="FILE",
        help="With --ray, leave documents empty that cannot be processed, and write their places "
        "and the reasons to this file, as JSON lines.",
    ),
)


def refuse_alone(ray: str | None, unit_bytes: int | None, set_aside: str | None) -> None:
    """Refuse options that apply to a cluster where there is none."""
    for flag, given in (("--unit-bytes", unit_bytes), ("--set-aside", set_aside)):
        if given is not None and ray is None:
            raise click.UsageError(f"{flag} applies to clusters: it needs --ray.")


@contextmanager
def connected(
    console: Console, ray: str, unit_bytes: int | None, set_aside: str | None, threads: int
) -> Iterator[Cluster]:
    """Connect to a cluster for as long as the context lasts, and show progress."""
    from bpe_tool.distributed import on_ray
    from bpe_tool.distributed.driver import Cluster
    from bpe_tool.distributed.planning import UNIT_BYTES
    from bpe_tool.rendering.numbers import counted

    def resume(done: int, count: int) -> None:
        console.notice(f"{done} of {counted(count, 'unit')} were finished before")

    with on_ray.connected(ray, max(threads, 1)) as executor, console.progress() as bars:
        yield Cluster(
            executor=executor,
            unit_bytes=UNIT_BYTES if unit_bytes is None else unit_bytes,
            set_aside=None if set_aside is None else Path(set_aside),
            on_progress=bars.update,
            on_resume=resume,
            on_failure=console.warning,
        )
