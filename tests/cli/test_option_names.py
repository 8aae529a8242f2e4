"""Messages name options that exist, on the command that they are said by."""

import ast
import dataclasses
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from commands import fails

import bpe_tool
from bpe_tool.cli.option_names import OPTIONS, options_of, with_options
from bpe_tool.cli.verbs import cli
from bpe_tool.preprocess.registry import STEPS

PACKAGE = Path(bpe_tool.__file__).parent
#: Options that click itself has.
CLICK = {"--help", "-h"}


def commands(command: click.Command, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from commands(command.get_command(context, name), *path, name)
    yield path, command


COMMANDS = dict(commands(cli))
EVERY = set().union(*map(options_of, COMMANDS.values())) | CLICK


def literals(path: Path) -> set[str]:
    """The strings of a file, but for its docstrings."""
    tree = ast.parse(path.read_text())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {id(node.body[0].value) for node in ast.walk(tree)
            if isinstance(node, documented) and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    }


FILES = sorted(PACKAGE.rglob("*.py"))
TEXTS = set().union(*map(literals, FILES))
NAMES = sorted({name for text in TEXTS for name in re.findall(r"`([a-z][a-z_]*)(?:=|`)", text)})


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_options_in_texts_exist(path: Path):
    known = EVERY
    # A verb has a file of its own.
    own = [
        options_of(command)
        for names, command in COMMANDS.items()
        if names and path == PACKAGE / "cli" / f"{names[0].replace('-', '_')}.py"
    ]
    if own:
        known = set().union(*own) | {"--"} | CLICK
    for text in literals(path):
        if "var(--" in text:  # a style
            continue
        # Examples and hints may be about other verbs, which they then name.
        of_any = "bpe-tool " in text or text.startswith("--")
        for option in re.findall(r"(?<![\w<-])--[a-z][a-z-]*", text):
            assert option in (EVERY if of_any else known), (option, text)


def test_names_that_differ_are_options_of_some_verb():
    assert {option for options in OPTIONS.values() for option in options} <= EVERY


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_arguments_become_options_of_the_verb(path: tuple[str, ...]):
    known = options_of(COMMANDS[path])
    for name in NAMES:
        for text in (f"`{name}` is 3", f'pass `{name}="x"`', f"`{name}=3`"):
            said = with_options(text, [*path, "-q"])
            assert "`" not in said
            assert set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", said)) <= known


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["batch", "--mlm-probability", "2"], "--mlm-probability is 3"),
        (["batch"], "--mlm-probability is 3"),
        (["encode"], "probability is 3"),
        ([], "probability is 3"),
        (["no-such-verb"], "probability is 3"),
    ],
)
def test_an_argument_is_named_as_the_verb_has_it(arguments: list[str], said: str):
    assert with_options("`probability` is 3", arguments) == said


def test_of_several_options_the_one_that_was_given_is_named():
    text = "`fraction` is 3"
    assert with_options(text, ["preprocess", "--synonym-fraction=3"]) == "--synonym-fraction is 3"
    assert with_options(text, ["preprocess", "--fraction", "3"]) == "--fraction is 3"


def test_commands_say_what_they_take(tmp_path):
    ids = b"1 2\n"
    given = ["batch", "--pad", "0", "--rows", "2"]
    said = fails(2, *given, "--mask", "3", "--mlm-probability", "2", stdin=ids)
    assert "--probability" not in said
    said = fails(2, "preprocess", "--rephrase", "--fraction", "7", stdin=b"a\n")
    assert "--fraction is 7" in said


@pytest.mark.parametrize("name", STEPS)
def test_functions_hand_options_to_the_fields_of_their_names(name, monkeypatch):
    """They hand them on in order."""
    function, found = getattr(bpe_tool, name), {}

    def record(step, text, *options):
        fields = [field.name for field in dataclasses.fields(step) if field.init]
        found.update(zip(fields, options, strict=True))

    monkeypatch.setitem(function.__globals__, "applied", record)
    options = {option: (option,) for option in inspect.signature(function).parameters}
    del options["text"]
    function("", **options)
    assert found == options
