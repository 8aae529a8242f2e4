"""Errors: their messages, and what they carry as data."""

import copy
import pickle

import pytest

from bpe_tool import checks, errors
from bpe_tool.errors import ArgumentError, BpeToolError, SpecialTokenError, Suggestion

CLASSES = [each for each in vars(errors).values()
           if isinstance(each, type) and issubclass(each, BpeToolError)]  # fmt: skip


def test_a_message_begins_with_the_parameter():
    error = ArgumentError("is 0: it must be at least 1", parameter="rows")
    assert (error.parameter, str(error)) == ("rows", "`rows` is 0: it must be at least 1")
    assert str(ArgumentError(": no regex", parameter="grep")) == "`grep`: no regex"
    item = ArgumentError("is 0", parameter="rows", item="row 3")
    assert (item.parameter, str(item)) == ("rows", "row 3 of `rows` is 0")
    assert ArgumentError("a message").parameter is None


def test_checks_say_which_parameter_is_wrong():
    for call in (
        lambda: checks.whole("rows", "x"),
        lambda: checks.choice("rows", "x", ["y"]),
        lambda: checks.strings("rows", [3]),
        lambda: checks.several("rows", "x", "rows"),
        lambda: checks.number("rows", 3),
    ):
        with pytest.raises(ArgumentError) as caught:
            call()
        assert caught.value.parameter == "rows"


def test_a_hint_names_parameters_as_python_does():
    error = BpeToolError("no", hint=Suggestion("use {format:ids}, {emails:True} or leave {x} out"))
    assert error.hint == 'use `format="ids"`, `emails=True` or leave `x` out'
    assert BpeToolError("no", hint="braces {stay}").hint == "braces {stay}"
    assert BpeToolError("no").hint is None
    assert SpecialTokenError("no").hint.startswith('pass `special="token"`')


def test_parameters_can_be_spelled_otherwise():
    error = ArgumentError("is `rows`", parameter="rows", hint=Suggestion("use {format:ids}"))
    error.spell = lambda name, value: f"--{name}" + (f" {value}" if value else "")
    assert (str(error), error.hint) == ("--rows is `rows`", "use --format ids")
    assert str(error.at("here")) == "here: --rows is `rows`"


@pytest.mark.parametrize("kind", CLASSES)
def test_errors_survive_processes(kind: type[BpeToolError]):
    error = kind("is 0", parameter="rows", item="row 1", hint=Suggestion("use {x}")).at("here")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is kind
        assert (str(again), again.hint) == ("here: row 1 of `rows` is 0", "use `x`")
        assert again.parameter == "rows"


def test_locations_come_from_outside_in():
    assert str(BpeToolError("no").at("line 3").at("file")) == "file: line 3: no"


def test_long_messages_lose_their_middle():
    error = ArgumentError("is " + "x" * 10**6, parameter="rows").at("here")
    assert len(str(error)) <= errors.MAX_MESSAGE
    assert str(error).startswith("here: `rows` is x")
