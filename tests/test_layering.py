"""Who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import bpe_tool
import pytest

PACKAGE = Path(bpe_tool.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))

# Where a dependency may be imported, as the starts of module paths.
ALLOWED = {
    "click": ("cli/", "__main__.py"),
    "rich": ("console.py",),
    "orjson": ("sources.py", "sinks.py", "cli/"),
    "numpy": ("tokenizer.py", "sinks.py", "cli/"),
}
FORBIDDEN = {"pickle", "marshal", "shelve", "socket", "urllib", "http", "requests", "regex"}
# Stages: each does one thing and knows none of the others.
LEAVES = {"errors", "sources", "sinks", "atomic", "console"}


def imports(path: Path) -> set[str]:
    """The modules that a file imports, those of the package with its name in full."""
    package = "bpe_tool" + "".join(f".{part}" for part in path.relative_to(PACKAGE).parent.parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_dependencies_are_imported_where_they_belong(path: Path):
    place = str(path.relative_to(PACKAGE))
    tops = {name.split(".")[0] for name in imports(path)}
    for dependency, places in ALLOWED.items():
        if dependency in tops:
            assert place.startswith(places), f"{place} imports {dependency}"
    assert not tops & FORBIDDEN


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_leaves_do_not_import_leaves(path: Path):
    place = path.relative_to(PACKAGE)
    if str(place.with_suffix("")) not in LEAVES - {"errors"}:
        return
    for leaf in LEAVES - {"errors", place.stem}:
        assert f"bpe_tool.{leaf}" not in imports(path), f"{place} imports {leaf}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_command_line_knows_the_command_line(path: Path):
    place = str(path.relative_to(PACKAGE))
    if place.startswith(("cli/", "__main__.py")):
        return
    assert not [name for name in imports(path) if name.startswith("bpe_tool.cli")]


@pytest.mark.parametrize("module", ["numpy", "click", "rich", "orjson"])
def test_importing_the_package_imports_nothing_heavy(module: str):
    code = f"import sys, bpe_tool; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
