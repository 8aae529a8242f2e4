"""What the package promises by name."""

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bpe_tool
from bpe_tool import _core
from bpe_tool.preprocess.registry import STEPS

PACKAGE = Path(bpe_tool.__file__).parent
NAMES = {
    "BpeToolError", "Pipeline", "StreamDecoder", "StreamEncoder", "Tokenizer", "VocabError",
    "characters", "learn_stopwords", "train_vocab", "train_vocab_from_files", "words",
}  # fmt: skip
MODULES = [
    name
    for _, name, _ in pkgutil.walk_packages([str(PACKAGE)], "bpe_tool.")
    if name not in ("bpe_tool._core", "bpe_tool.__main__")
]


def test_the_public_names_are_sorted_and_complete():
    assert list(bpe_tool.__all__) == sorted(bpe_tool.__all__)
    assert set(bpe_tool.__all__) >= NAMES | set(STEPS)


@pytest.mark.parametrize(
    "package", ["", ".batching", ".distributed", ".inspect", ".preprocess", ".shards"]
)
def test_packages_have_faces(package: str):
    """What they show is what is public: imported when it is used, found by type checkers."""
    face = importlib.import_module(f"bpe_tool{package}")
    assert face.__all__ == sorted(face.__all__) == dir(face)
    for name in face.__all__:
        found = getattr(face, name)
        assert found is not None
        # A module of this name would hide it, once it is imported.
        assert not inspect.ismodule(found)
        if package:
            assert found is getattr(bpe_tool, name)
    tree = ast.parse(Path(face.__file__).read_text())
    typed = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed - {"face", "import_module"} == set(face.__all__)
    with pytest.raises(AttributeError, match="no attribute 'lower_case'"):
        face.lower_case  # noqa: B018


def test_the_docstring_lists_the_public_names():
    """`help(bpe_tool)` begins with it."""
    listed = set(re.findall(r"\w+", bpe_tool.__doc__))
    for name in bpe_tool.__all__:
        value = getattr(bpe_tool, name)
        is_error = inspect.isclass(value) and issubclass(value, bpe_tool.BpeToolError)
        assert name in listed or is_error or name == "__version__"


def test_the_package_is_typed():
    assert (PACKAGE / "py.typed").is_file()


def members(names: object) -> set[str]:
    return {name for name in names if not name.startswith("_") or name == "__version__"}


def named(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, str]]:
    """What a stub declares."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node, node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node, node.target.id


def test_the_stub_names_what_the_native_module_holds():
    stub = ast.parse((PACKAGE / "_core.pyi").read_text())
    declared: dict[str, set[str] | None] = {}
    for node, name in named(stub.body):
        is_class = isinstance(node, ast.ClassDef)
        declared[name] = members(each for _, each in named(node.body)) if is_class else None
    assert members(declared) == members(vars(_core))
    for name, methods in declared.items():
        if methods is not None:
            assert methods == members(vars(getattr(_core, name))), name


def public_objects() -> list[object]:
    found = []
    for name in bpe_tool.__all__:
        value = getattr(bpe_tool, name)
        if inspect.isclass(value) and not issubclass(value, BaseException):
            members = {key: inspect.getattr_static(value, key) for key in dir(value)}
            found += [
                member
                for key, member in members.items()
                if not key.startswith("_") and not inspect.ismemberdescriptor(member)
            ]
        if callable(value):
            found.append(value)
    return found


@pytest.mark.parametrize("value", public_objects(), ids=lambda v: getattr(v, "__qualname__", ""))
def test_everything_public_is_documented(value):
    assert inspect.getdoc(value)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name: str, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    results = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert results.failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    examples = [
        test
        for name in ["bpe_tool", *MODULES]
        for test in finder.find(importlib.import_module(name))
    ]
    assert sum(bool(test.examples) for test in examples) >= 3
