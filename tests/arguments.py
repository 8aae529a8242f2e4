"""Arguments of public functions: kinds of values, and checks that they are refused or taken.

Each room has a table of calls in its `test_…_arguments.py`.
"""

import inspect
import signal
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import bpe_tool
from bpe_tool.errors import BpeToolError, DataError

SURROGATE = "a\ud800"
HUGE = 10**5000


class Liar:
    """A sequence that says it is longer than memory."""

    def __init__(self, items: list) -> None:
        self._items = items

    def __len__(self) -> int:
        return 2**62

    def __getitem__(self, index: int) -> object:
        return self._items[index]

    def __repr__(self) -> str:
        return "Liar()"


class LyingList(list):
    """A list that says it is longer than memory."""

    def __len__(self) -> int:
        return 2**62


class NoRepr:
    """What cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError


NOTHING = [None, object(), NoRepr()]
NO_NUMBERS = [*NOTHING, "1", b"1", [1], 1.0, 1.5, float("nan"), float("inf"), True, np.True_, 1j,
              np.array([1, 2])]  # fmt: skip
NO_TEXT = [*NOTHING, 3, 1.5, True, ["a"], ("a",), {"a": 1}, Path("a"), np.array([1]), {"a"}]
NO_FLAG = [*NOTHING, 0, 1, "True", b"", 1.0, [True], np.array([True, False]), np.int64(1),
           memoryview(bytearray(b"1"))]  # fmt: skip
NO_ROW = [
    *NOTHING, 3, "12", b"12", bytearray(b"12"), memoryview(b"12"), {1: 2}, {1, 2}, frozenset([1]),
    [1.0], [1.5], ["1"], [b"1"], [None], [True], [1, False], [[1]], [np.True_], [np.float64(1)],
    [-1], [2**32], [2**64], [HUGE], [-HUGE], range(-5, 2), range(10**18, 0, -1),
    np.array([1.0]), np.array([True]), np.array([[1]]), np.array(1), np.array(["1"]),
    np.array([-1]), np.array([2**63], np.uint64), np.array([(1, 2)], "i4,i4"),
    np.array([1], "m8[s]"), np.array([1], "M8[s]"), array("d", [1.0]), array("q", [-1]),
    (True,), Liar([True]), LyingList([True]),
]  # fmt: skip
ROWS = [
    [], [7], (7, 8), range(5), np.array([7], ">u4"), np.array([7], ">i8"), np.array([7], "u2"),
    np.array([7], np.uint64), np.arange(10)[::3], np.arange(10)[::-1], np.array([], np.uint32),
    array("I"),
    array("H", [7]), array("q", [7]), memoryview(array("I", [7])), [np.int64(7)],
    [np.array(7)], Liar([7, 8]), LyingList([7, 8]), np.array([7], object)[:0],
]  # fmt: skip


class Kind(NamedTuple):
    """What a parameter takes: values that must be refused, and values that must be taken."""

    wrong: list[Any]
    right: list[Any]


def several(items: Kind, *, strings: bool = True) -> Kind:
    """Many values of a kind."""
    wrong = [[item] for item in items.wrong] + [(item,) for item in items.wrong[:2]]
    right = [[item] for item in items.right]
    wrong += [*NOTHING, 3, 1.5, True, "text", b"text", bytearray(b"text")] if strings else []
    return Kind(wrong, [*right, [], iter([]), Liar(items.right), LyingList(items.right)])


def whole(least: int, most: int | None = None) -> Kind:
    right = [least, np.int64(least), np.uint8(least) if least >= 0 else least, np.array(least)]
    wrong = [*NO_NUMBERS, least - 1, -HUGE]
    if most is not None:
        wrong += [most + 1, HUGE]
    return Kind(wrong, right)


def choice(*names: str) -> Kind:
    return Kind([*NO_TEXT, b"a", "", "no such name", SURROGATE, np.array(names)], list(names))


TEXT = Kind([*NO_TEXT, SURROGATE], ["", "a", b"", b"\xff", bytearray(b"a"), np.str_("a")])
STR = Kind([*NO_TEXT, b"a", bytearray(b"a")], ["", "a", SURROGATE, np.str_("a")])
FLAG = Kind(NO_FLAG, [True, False, np.True_])
PLAIN_FLAG = Kind([*NO_FLAG, np.True_], [True, False])
SHARE = Kind(
    [
        *NOTHING,
        "1",
        b"1",
        [1],
        1j,
        -0.1,
        1.1,
        float("nan"),
        float("inf"),
        True,
        HUGE,
        np.True_,
        np.complex128(1),
        np.timedelta64(1),
    ],
    [0, 1, 0.5, np.float32(0.5), np.int64(1)],
)
ROW = Kind(NO_ROW, ROWS)
PATH = Kind([*NOTHING, 3, b"a", ["a"], "a\0b", SURROGATE, ""], [])
TOKENIZER = Kind([*NOTHING, 3, "name", ["x"], {}], [])
SEED = whole(0, 2**64 - 1)
ID = whole(0, 2**32 - 1)
LENGTH = whole(1)
COUNT = whole(0, 2**63 - 1)
SIDE = choice("left", "right")
DTYPE = choice("int64", "int32")
THREADS = whole(0, 2**16)
SPECIAL = choice("text", "token", "error")


def maybe(kind: Kind) -> Kind:
    wrong = [value for value in kind.wrong if value is not None]
    return Kind(wrong, [*kind.right, None])


def lengths(wrong: list[Any] | None = None) -> Kind:
    return Kind(
        wrong or [*NOTHING, 3, "1", b"1", [1.0], [True], [-1], [[1]], [2**63], {1: 2}, {1}, [None]],
        [[1, 2], (1, 2), np.array([1, 2], ">u2"), np.array([1, 2], np.uint64)],
    )


class Call(NamedTuple):
    """A function with arguments that make sense, and the kinds of its parameters."""

    function: Callable[..., object]
    arguments: dict[str, Any]
    kinds: dict[str, Kind]


@cache
def tokenizer() -> bpe_tool.Tokenizer:
    return bpe_tool.train_vocab(["low lower lowest"] * 9, vocab_size=262)


#: Classes whose values other functions make.
MADE = {"Batch", "PackPlan", "PackReport", "Responses", "Shard", "ShardSet", "Trimmed"}
#: Functions whose parameters are not checked.
UNCHECKED = {"Batch.torch", "Shard.blocks"}
#: What a loader asks of a policy.
UNCHECKED |= {
    f"{policy}.{method}"
    for policy in ("FixedRows", "LengthBuckets", "Packed", "TokenBudget")
    for method in ("divide", "usage", "check", "pool_size", "rows_in_order")
}


def public(names: Iterable[str]) -> Iterator[tuple[str, Callable[..., object]]]:
    """Public functions, classes and methods by name."""
    for name in names:
        value = getattr(bpe_tool, name)
        if isinstance(value, str) or (isinstance(value, type) and issubclass(value, BaseException)):
            continue
        if name not in MADE:
            yield name, value
        if isinstance(value, type):
            for key in dir(value):
                member = inspect.getattr_static(value, key)
                function = member.__func__ if isinstance(member, classmethod) else member
                if key.startswith("_") or not inspect.isfunction(function):
                    continue
                if function.__module__.startswith("bpe_tool."):
                    yield f"{name}.{key}", function


@contextmanager
def in_bounded_time(seconds: int = 60) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class ArgumentTests:
    """The tests of a table of calls. A subclass whose name begins with `Test` says which.

    Attributes:
        names: The public names whose parameters are all in the table.
        calls: The table.
        extras: The library that a call needs, if it needs one.
    """

    names: Iterable[str]
    calls: Mapping[str, Call]
    extras: Mapping[str, str] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "parameter" in metafunc.fixturenames:
            calls = metafunc.cls.calls.items()
            pairs = [(name, parameter) for name, call in calls for parameter in call.kinds]
            metafunc.parametrize(("name", "parameter"), pairs)

    def test_every_parameter_is_here(self):
        for name, function in public(self.names):
            parameters = set(inspect.signature(function).parameters) - {"self", "cls"}
            if name not in UNCHECKED:
                assert parameters == set(self.calls[name].kinds if name in self.calls else ()), name

    def test_wrong_values_are_refused_by_name(self, name, parameter, argument_files):
        call = self.calls[name]
        for value in call.kinds[parameter].wrong:
            given = {**call.arguments, parameter: value}
            with in_bounded_time(), pytest.raises((BpeToolError, OSError)) as caught:
                call.function(**given)
            error = caught.value
            if isinstance(error, OSError):
                assert "path" in parameter or parameter in ("source", "target", "folder")
                continue
            message = f"{error} {error.hint or ''}"
            assert len(message) < 1000
            # Errors in a text or among ids give the position; so does what is looked up by name.
            if not isinstance(error, DataError) and not message.startswith("there "):
                assert parameter in message or parameter == "value", (value, message)

    def test_right_values_are_taken(self, name, parameter, argument_files):
        if name in self.extras:
            pytest.importorskip(self.extras[name])
        call = self.calls[name]
        for value in call.kinds[parameter].right:
            with in_bounded_time():
                call.function(**{**call.arguments, parameter: value})
