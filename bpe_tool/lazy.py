"""Lets packages import their public names when they are first used.

Some modules are slow to import, and the command line must handle signals before it loads them
(see `bpe_tool.runtime.signals`). So this module imports nothing itself.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def face(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` for a package.

    Args:
        package: The name of the package.
        modules: The public names, and the module of the package that defines each of them.
    """

    def get(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)
        import sys
        from importlib import import_module

        found: object = getattr(import_module(f"{package}.{modules[name]}"), name)
        setattr(sys.modules[package], name, found)
        return found

    return get, lambda: sorted(modules)
