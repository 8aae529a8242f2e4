"""What connecting to a cluster changes in this process, and what not. No Ray is needed."""

import io
import os
import sys
import threading
from types import SimpleNamespace

import pytest

from bpe_tool.distributed import on_ray


@pytest.fixture
def begun(monkeypatch) -> list[dict]:
    """How a stand-in for Ray was begun."""
    calls: list[dict] = []
    ray = SimpleNamespace(
        is_initialized=lambda: False,
        init=lambda **options: calls.append(options),
        shutdown=lambda: None,
        remote=lambda **options: lambda function: function,
    )
    monkeypatch.setitem(sys.modules, "ray", ray)
    for name in ("RAY_USAGE_STATS_ENABLED", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"):
        monkeypatch.setenv(name, "0")
    return calls


def printed_by(name: str) -> None:
    thread = threading.Thread(target=print, args=[f"by {name}"], name=name)
    thread.start()
    thread.join()


def test_only_the_threads_of_ray_do_not_print(begun, monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    stdout = sys.stdout
    with on_ray.connected("local"):
        print("by the caller")
        printed_by("another")
        printed_by("ray_listen_error_messages")
        sys.stdout.flush()
    assert sys.stdout is stdout
    printed_by("ray_after")
    assert stdout.getvalue().splitlines() == ["by the caller", "by another", "by ray_after"]


def test_without_standard_output(begun, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with on_ray.connected("local"):
        print("into nothing")
    assert sys.stdout is None


def test_where_the_system_does_not_tell_which_cpus_are_ours(begun, monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    for count, expected in ((7, 7), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda count=count: count)
        with on_ray.connected("local"):
            pass
        assert begun[-1]["num_cpus"] == expected
