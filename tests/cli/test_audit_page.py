"""The HTML page in a real browser: what it shows, that it filters and opens, in light and in dark."""

import re
import zlib
from pathlib import Path

import pytest

from regtool.cli.app import main
from tests.broken import cases
from tests.browser import dom, screenshot
from tests.registries import RunningRegistry

SHOWN = ("child-missing", "wrong-platform", "wrong-size", "platform-by-fallback")
LIGHT, DARK = (0xF6, 0xF7, 0xF9), (0x12, 0x16, 0x1C)


@pytest.fixture(scope="module")
def page(debian_registry: RunningRegistry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of an audit of some broken lists and a good one, with a name in it that looks like markup."""
    folder = tmp_path_factory.mktemp("page")
    chosen = [case for case in cases() if case.index.partition(".")[0] in SHOWN]
    names = [case.publish(debian_registry, f"page/{case.index.partition('.')[0]}") for case in chosen]
    debian_registry.push("multi.attested.oci.tar", "page/good", "2.0")
    listed = folder / "<b>names<script>.txt"
    listed.write_text("\n".join([*names, f"{debian_registry.host}/page/good:2.0"]))
    page = folder / "audit.html"
    require = "linux/amd64,linux/arm64"
    main(["audit", "--images", str(listed), "--require", require, "--no-cache", "--report", f"html={page}"])
    return page


def acting(page: Path, script: str) -> Path:
    """The page with a script behind it that does what a person would do."""
    other = page.with_name(f"acting-{zlib.crc32(script.encode())}.html")
    other.write_text(page.read_text().replace("</body>", f"<script>{script}</script></body>"))
    return other


HANDS = """
const line = text => [...document.querySelectorAll('tr.name')].find(name => name.textContent.includes(text));
const note = text => { document.title += `|${text}` };
const enter = (id, value) => {
  at(id).value = value;
  ['input', 'change'].forEach(kind => at(id).dispatchEvent(new Event(kind)));
};
document.title = '';
"""


def titles(page: Path, folder: Path, *steps: str) -> list[str]:
    """What the steps noted, in order; the page's title carries it out of the browser."""
    shown = dom(acting(page, HANDS + ";\n".join(steps)), folder)
    found = re.search(r"<title>\|(.*?)</title>", shown, re.DOTALL)
    assert found
    return found[1].split("|")


def test_it_shows_every_name_with_its_platforms_and_findings(page: Path, tmp_path: Path) -> None:
    shown = dom(page, tmp_path)

    assert shown.count('class="name"') == len(SHOWN) + 1
    assert "5 of 5" in shown
    for text in ("linux/amd64", "linux/arm64", "linux/riscv64", "RT201", "RT302", "RT602", "page/good"):
        assert text in shown
    assert shown.count("sign fallback") == 2  # one in the legend


def test_a_click_opens_the_details_and_another_one_closes_them(page: Path, tmp_path: Path) -> None:
    seen = titles(
        page,
        tmp_path,
        "line('RT302').click(); note(line('RT302').nextElementSibling.textContent)",
        "line('RT302').click(); note(document.querySelector('tr.details') === null)",
    )

    assert "is an image for linux/arm64, not for linux/riscv64" in seen[0]
    assert "Repair: set its platform to linux/arm64" in seen[0]
    assert seen[1] == "true"


def test_the_filter_leaves_what_fits(page: Path, tmp_path: Path) -> None:
    seen = titles(
        page,
        tmp_path,
        "enter('filter', 'rt201 child'); note(at('count').textContent)",
        "enter('show', 'clean'); note(at('count').textContent)",
        "enter('filter', ''); note(at('count').textContent)",
    )

    assert seen == ["1 of 5", "0 of 5", "1 of 5"]


def test_no_name_is_taken_for_markup_and_nothing_is_loaded(page: Path, tmp_path: Path) -> None:
    opened = dom(acting(page, "document.querySelectorAll('tr.name').forEach(row => row.click())"), tmp_path)
    text = page.read_text()

    assert "&lt;b&gt;names&lt;script&gt;.txt" in opened
    assert "<b>names" not in opened
    assert "default-src 'none'" in text
    assert not re.search(r"(?:src|href)\s*=|url\(|@import|fetch\(|https?://(?!127\.0\.0\.1)", text)


@pytest.mark.parametrize(("dark", "ground"), [(False, LIGHT), (True, DARK)])
def test_it_is_seen_in_light_and_in_dark(page: Path, tmp_path: Path, dark: bool, ground: tuple[int, int, int]) -> None:
    picture = screenshot(page, tmp_path, dark=dark)

    assert first_pixel(picture) == ground
    assert len(picture) > 20_000  # letters and signs: an empty page is much smaller


def first_pixel(png: bytes) -> tuple[int, ...]:
    """The colour of the top left corner of a PNG with 8 bits a channel (PNG specification, clause 9)."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    content, at = b"", 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            content += png[at + 8 : at + 8 + length]
        at += length + 12
    # Behind the byte that names the filter of the row; there is no pixel before it from which it could differ.
    return tuple(zlib.decompressobj().decompress(content, 4)[1:])
