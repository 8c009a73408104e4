import ast
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import regtool
from regtool import errors
from regtool.errors import RegtoolError
from tests.registries import ROOT


def imported_for_type_checkers() -> list[str]:
    """The names in the block under `if TYPE_CHECKING`, where editors and mypy find them."""
    assert regtool.__file__ is not None
    module = ast.parse(Path(regtool.__file__).read_text())
    (block,) = (node for node in module.body if isinstance(node, ast.If))
    return [
        alias.asname or alias.name for line in block.body if isinstance(line, ast.ImportFrom) for alias in line.names
    ]


def python(program: str) -> str:
    """What a program says in an interpreter of its own."""
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def test_the_public_names_are_sorted_and_each_is_there_once() -> None:
    assert sorted(set(regtool.__all__)) == regtool.__all__


def test_dir_shows_the_public_names_and_the_version() -> None:
    assert dir(regtool) == sorted([*regtool.__all__, "__version__"])


@pytest.mark.parametrize("name", regtool.__all__)
def test_every_public_name_loads_and_says_what_it_is(name: str) -> None:
    found: Any = getattr(regtool, name)

    assert found.__name__ == name
    assert found.__module__.startswith("regtool.")
    assert inspect.getdoc(found)


def test_type_checkers_see_the_same_names() -> None:
    assert sorted(imported_for_type_checkers()) == regtool.__all__


def test_every_error_is_public() -> None:
    branches = {name for name, found in vars(errors).items() if getattr(found, "__base__", None) is RegtoolError}

    assert {"RegtoolError", *branches} == {name for name in regtool.__all__ if name.endswith("Error")}


def test_a_star_import_brings_all_of_them() -> None:
    assert python("from regtool import *; print(*sorted(name for name in dir() if name[0] != '_'))").split() == (
        regtool.__all__
    )


def test_a_name_that_is_not_public_is_missing_in_the_usual_way() -> None:
    with pytest.raises(AttributeError, match="module 'regtool' has no attribute 'Manifesto'"):
        _ = regtool.Manifesto


def test_importing_regtool_imports_nothing_else() -> None:
    before = set(python("import sys; print(*sys.modules)").split())
    after = set(python("import sys, regtool; print(*sys.modules)").split())

    assert after - before == {"regtool"}
