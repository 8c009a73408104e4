"""What a start costs: the imports of the short commands are counted, not timed."""

import subprocess
import sys

HEAVY = ("asyncio", "httpx", "oras", "pydantic", "rich", "typer", "uvicorn", "yaml")


def imported_by(*words: str) -> set[str]:
    run = [sys.executable, "-X", "importtime", "-m", "regtool", *words]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if "|" in line}


def test_the_version_is_told_before_anything_heavy_is_loaded() -> None:
    assert not imported_by("--version") & set(HEAVY)


def test_merging_loads_neither_tables_nor_clients_that_it_does_not_use() -> None:
    loaded = imported_by("create", "localhost:1/a:1", "localhost:1/a:2")

    assert not loaded & {"click", "oras", "pygments", "requests", "rich", "uvicorn", "yaml"}


def test_the_version_is_that_of_the_package() -> None:
    from regtool import __version__

    done = subprocess.run([sys.executable, "-m", "regtool", "--version"], capture_output=True, text=True, check=True)

    assert done.stdout == f"regtool {__version__}\n"
