"""Has units done on a Ray cluster, which only decides where and when.

A unit is a task without retries of Ray's own: `run` does it again, as it knows what is done. A
worker process keeps what the work needs, such as the vocabulary, for its next units.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

from bpe_tool import _core
from bpe_tool.distributed.run import WorkerLost, performed
from bpe_tool.distributed.work_folder import Mark, Unit, Work, WorkFolder
from bpe_tool.errors import ArgumentError, InternalError

if TYPE_CHECKING:
    from ray import ObjectRef

#: The address that means a cluster of this machine alone, which ends with the run.
LOCAL = "local"

#: How many seconds a cluster has to accept a connection.
CONNECT_SECONDS = 10

#: How long to wait for a result before looking whether a signal came.
WAIT_SECONDS = 0.5

#: How much memory the object store of a local cluster has. Only vocabularies and marks go there.
LOCAL_STORE_BYTES = 256 << 20

#: What the work of the current run is, in a worker process. Of an earlier run nothing is kept.
_works: dict[str, Work] = {}


class OnRay:
    """Does units on a cluster, each on as many CPUs as it has threads. Made by `connected`."""

    def __init__(self, threads: int) -> None:
        import ray

        self._ray = ray
        self._threads = threads
        self._task = ray.remote(num_cpus=threads, max_retries=0)(_serve)
        self._under_way: dict[ObjectRef[Any], Any] = {}
        # The work as an object of the cluster, which is sent to each machine once.
        self._shared: tuple[Work, list[ObjectRef[Any]]] | None = None

    def most(self) -> int:
        """Return twice as many units as the cluster can do at once.

        Those that wait tell a cluster that can grow to do so.
        """
        with suppress(Exception):
            cpus = self._ray.cluster_resources().get("CPU", 0)
            return max(16, 2 * int(cpus / self._threads))
        return 16

    def submit(self, folder: WorkFolder, work: Work, unit: Unit) -> None:
        """Have a unit done."""
        if self._shared is None or self._shared[0] is not work:
            self._shared = work, [self._ray.put(work)]
        task = self._task.remote(_core.__version__, folder, self._shared[1], unit)
        self._under_way[task] = unit

    def results(self) -> Iterator[tuple[Any, Mark | Exception]]:
        """Wait for some units; see `run.Executor`."""
        done, _ = self._ray.wait(list(self._under_way), num_returns=len(self._under_way), timeout=0)
        if not done:
            done, _ = self._ray.wait(list(self._under_way), timeout=WAIT_SECONDS)
        for task in done:
            unit = self._under_way.pop(task)
            try:
                yield unit, self._ray.get(task)
            except self._ray.exceptions.RayTaskError as error:
                yield unit, _explained(error)
            except self._ray.exceptions.RayError as error:
                # A process or a machine is gone, or the system took the memory back.
                reason = str(error).split("\n")[0].split(". ")[0]
                yield unit, WorkerLost(f"the worker was lost: {reason}")


@contextmanager
def connected(address: str, threads: int = 1) -> Iterator[OnRay]:
    """Connect to a cluster for as long as the context lasts.

    Args:
        address: `local`; or the address of a cluster, as `ray.init` takes it.
        threads: How many CPUs a unit gets.

    Raises:
        ArgumentError: Ray is not installed, or connected to something else already.
        OSError: The cluster cannot be reached.
    """
    # Before Ray is imported, which reads them. Nothing is sent to anybody.
    if address == LOCAL:
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError:
        raise ArgumentError("Ray is not installed", hint="pip install 'bpe-tool[ray]'") from None
    if ray.is_initialized():
        yield OnRay(threads)
        return
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        _connect(ray.init, address, threads)
    finally:
        # Ray puts its own in their place.
        for number, handler in handlers.items():
            signal.signal(number, handler)
    with _without_ray():
        try:
            yield OnRay(threads)
        finally:
            ray.shutdown()


class _StdoutWithoutRay:
    """Standard output for everybody but the threads of Ray.

    These print what they know of lost workers to it, and it is for data. `run` says more of it
    than that, and to the user.
    """

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout

    def write(self, text: str) -> int:
        if threading.current_thread().name.startswith("ray_"):
            return len(text)
        return self._stdout.write(text)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        return getattr(self._stdout, name)


@contextmanager
def _without_ray() -> Iterator[None]:
    """Keep the threads of Ray from standard output while the context lasts."""
    # A process may have no standard output.
    stdout: TextIO | None = sys.stdout
    if stdout is None:
        yield
        return
    with redirect_stdout(cast("TextIO", _StdoutWithoutRay(stdout))):
        yield


def _cpus() -> int:
    """Return how many CPUs this process may use; on macOS, how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _connect(init: Callable[..., object], address: str, threads: int) -> None:
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address == LOCAL:
        cpus = _cpus()
        init(
            address=LOCAL,
            num_cpus=max(cpus, threads),
            include_dashboard=False,
            object_store_memory=LOCAL_STORE_BYTES,
            **quiet,
        )
        return
    begun = time.monotonic()
    try:
        _reach(address)
        init(address=address, **quiet)
    except (OSError, ConnectionError, RuntimeError, ValueError) as error:
        seconds = time.monotonic() - begun
        raise OSError(
            0, f"no Ray cluster can be reached here ({seconds:.0f} s): {_reason(error)}", address
        ) from None


def _reach(address: str) -> None:
    """Fail soon if nothing listens at an address. Ray would wait for minutes."""
    found = re.fullmatch(r"(?:ray://)?(\[[^]]*\]|[^:/]*):([0-9]{1,5})", address)
    if found:
        host, port = found[1].strip("[]"), int(found[2])
        socket.create_connection((host, port), CONNECT_SECONDS).close()


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).split("\n")[0]


def _explained(error: Exception) -> Exception:
    """Return why a task could not even begin."""
    cause = getattr(error, "cause", None) or error
    if isinstance(cause, ImportError):
        return ArgumentError(
            f"a machine of the cluster cannot import what it needs: {cause}",
            hint="install the same version of bpe-tool, with its extras, on all machines",
        )
    return InternalError(str(cause).strip().splitlines()[-1] if str(cause).strip() else repr(cause))


def _serve(version: str, folder: WorkFolder, shared: list[Any], unit: Any) -> Mark | Exception:  # noqa: ANN401
    """Do a unit, in a worker process."""
    if version != _core.__version__:
        return ArgumentError(
            f"the machine {os.uname().nodename} has bpe-tool {_core.__version__}, and this one has "
            f"{version}",
            hint="install the same version on all machines",
        )
    if folder.digest not in _works:
        import ray

        _works.clear()
        _works[folder.digest] = ray.get(shared[0])
    return performed(folder, _works[folder.digest], unit)
