"""A browser without a window: what a page looks like to a person, and what it holds once its script has run."""

import shutil
import subprocess
from pathlib import Path

import pytest

_QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
    " --no-first-run --hide-scrollbars --window-size=1000,640 --virtual-time-budget=2000"
).split()


def _chromium(folder: Path, *arguments: str) -> bytes:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.fail("chromium is not installed; run `make judges`", pytrace=False)
    command = [program, *_QUIET, f"--user-data-dir={folder / 'profile'}", *arguments]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return done.stdout


def screenshot(page: Path, folder: Path, *, dark: bool = False) -> bytes:
    """A picture of the page (PNG), as somebody sees it who likes it light or dark."""
    picture = folder / f"{page.stem}-{'dark' if dark else 'light'}.png"
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    _chromium(folder, scheme, f"--screenshot={picture}", page.as_uri())
    return picture.read_bytes()


def dom(page: Path, folder: Path) -> str:
    """The page as it is after its script has run."""
    return _chromium(folder, "--dump-dom", page.as_uri()).decode()
