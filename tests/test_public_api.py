"""What the package promises by name."""

import ast
import doctest
import importlib
import inspect
import pkgutil
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
    public = {
        name
        for name in dir(bpe_tool)
        if not name.startswith("_") and name != "TYPE_CHECKING"
        if not inspect.ismodule(getattr(bpe_tool, name))
    }
    assert public == {name for name in bpe_tool.__all__ if not name.startswith("_")}


def test_heavy_names_are_imported_when_they_are_used():
    assert set(bpe_tool._LAZY) <= set(bpe_tool.__all__)
    assert list(bpe_tool._LAZY) == sorted(bpe_tool._LAZY)
    for name, module in bpe_tool._LAZY.items():
        found = getattr(bpe_tool, name)
        assert found is getattr(importlib.import_module(f"bpe_tool.{module}"), name)
    with pytest.raises(AttributeError, match="no attribute 'lower_case'"):
        bpe_tool.lower_case  # noqa: B018


def test_the_package_is_typed():
    assert (PACKAGE / "py.typed").is_file()


def members(names: object) -> set[str]:
    return {name for name in names if not name.startswith("_") or name == "__version__"}


def test_the_stub_names_what_the_native_module_holds():
    stub = ast.parse((PACKAGE / "_core.pyi").read_text())
    declared: dict[str, set[str] | None] = {}
    for node in stub.body:
        if isinstance(node, ast.ClassDef):
            declared[node.name] = members(
                part.name for part in node.body if isinstance(part, ast.FunctionDef)
            )
        elif isinstance(node, ast.FunctionDef):
            declared[node.name] = None
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            declared[node.target.id] = None
    assert members(declared) == members(vars(_core))
    for name, methods in declared.items():
        if methods is not None:
            assert methods == members(vars(getattr(_core, name))), name


def public_objects() -> list[object]:
    found = []
    for name in bpe_tool.__all__:
        value = getattr(bpe_tool, name)
        if inspect.isclass(value) and not issubclass(value, BaseException):
            found += [
                member
                for key, member in vars(value).items()
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
