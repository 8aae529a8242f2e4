"""Messages name options that exist, on the command that they are from."""

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
from bpe_tool import checks
from bpe_tool.cli.command import OPTIONS, spell_as_option
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


def options_of(command: click.Command) -> set[str]:
    return {name for option in command.params for name in (*option.opts, *option.secondary_opts)}


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


CHECKS = {name for name, each in vars(checks).items() if inspect.isfunction(each)}
FILES = sorted(PACKAGE.rglob("*.py"))


def named_parameters(path: Path) -> set[str]:
    """The parameters that errors of a file are about, or that their hints name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        function = getattr(node.func, "id", getattr(node.func, "attr", ""))
        first = node.args[0] if node.args and isinstance(node.args[0], ast.Constant) else None
        texts = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
        if function == "Suggestion":
            found |= {name for text in texts for name in re.findall(r"{([a-z_]+)[:}]", text)}
        elif function in CHECKS and first is not None:
            found.add(first.value)
        found |= {
            each.value.value
            for each in node.keywords
            if each.arg == "parameter" and isinstance(each.value, ast.Constant)
        }
    return {name for name in found if isinstance(name, str) and name.isidentifier()}


NAMES = sorted(set().union(*map(named_parameters, FILES)))


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


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_errors_name_no_parameter_in_prose(path: Path):
    """What is prose, no command can name otherwise."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        function = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = node.args if function.endswith("Error") else []
        texts += [each.value for each in node.keywords if each.arg == "hint"]
        for text in texts:
            named = re.findall(r"`([a-z_]+)(?:=[^`]*)?`", ast.unparse(text))
            assert not set(named) & {*NAMES}, ast.unparse(text)
            assert "`{" not in ast.unparse(text)


def test_names_are_found():
    assert {"rows", "max_length", "format", "special", "words", "limit"} <= {*NAMES}


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_parameters_become_options_of_the_command(path: tuple[str, ...]):
    context = click.Context(COMMANDS[path])
    for name in NAMES:
        for value in (None, "x"):
            said = spell_as_option(context, name, value)
            option = said.split(" ")[0]
            assert option in {*options_of(COMMANDS[path]), name, f"{name}={value}"}
            assert (value or "") in said


def context(verb: str, *arguments: str) -> click.Context:
    command = COMMANDS[verb,]
    return command.make_context(verb, [*arguments])


@pytest.mark.parametrize(
    ("verb", "arguments", "name", "said"),
    [
        ("batch", ["--mlm-probability", "0.5"], "probability", "--mlm-probability"),
        ("batch", [], "probability", "--mlm-probability"),
        ("encode", ["-t", "v"], "probability", "probability"),
        ("batch", [], "end_id", "--prompt-end"),
        ("batch", ["--record-end", "3"], "end_id", "--record-end"),
        ("batch", [], "max_tokens", "--max-tokens"),
    ],
)
def test_of_several_options_the_one_that_was_given_is_named(verb, arguments, name, said):
    assert spell_as_option(context(verb, *arguments), name, None) == said


def test_what_a_message_quotes_stays_as_it_is(tmp_path):
    given = ["train-vocab", "--vocab-size", "300", "-o", tmp_path / "v.json"]
    said = fails(2, *given, "--pattern", "`threads`(", stdin=b"a")
    assert "`threads`(" in said


def test_commands_say_what_they_take(tmp_path):
    ids = b"1 2\n"
    given = ["batch", "--pad", "0", "--rows", "2"]
    said = fails(2, *given, "--mask", "3", "--mlm-probability", "2", stdin=ids)
    assert "--probability" not in said
    said = fails(2, "preprocess", "--rephrase", "--fraction", "7", stdin=b"a\n")
    assert "error: --fraction is 7" in said
    given = ["--replace-synonyms", "--synonym-fraction", "7"]
    assert "error: --synonym-fraction is 7" in fails(2, "preprocess", *given, stdin=b"a\n")
    said = fails(2, "preprocess", "--remove-digits", "--digit-words", "split", stdin=b"a\n")
    assert 'error: --digit-words is "split"' in said
    assert "hint: use --digit-words same, or --remove-digits=split" in said


def test_options_in_a_pipeline_file_have_the_names_of_the_file(tmp_path):
    file = tmp_path / "pipeline.toml"
    file.write_text('version = 1\n[[steps]]\nstep = "rephrase"\nfraction = 7.0\n')
    said = fails(2, "preprocess", "--pipeline", file, stdin=b"a\n")
    assert "step 1 (rephrase): option 'fraction' is 7.0" in said


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
