"""`regtool.yaml`: what it may say, and how a mistake is pointed at."""

import json
import re

import pytest

from regtool import UsageError
from regtool.operations.apply.file import ApplyFile, Leg, read_apply_file
from regtool.planning.shape import ListType
from tests.registries import ROOT

WHOLE = """\
version: 1
defaults:
  arch-tags: [x86_64, aarch64]
  expect: [linux/amd64, linux/arm64]
images:
  - target: localhost:5000/java-base:1.10
    tags: [1, latest]
  - name: app
    target: localhost:5000/app:2.0
    arch-tags: []
    sources:
      - localhost:5000/app:2.0-x86_64
      - {image: localhost:5000/app:2.0-arm, platform: linux/arm/v6}
    type: docker
    allow-shrink: true
"""

MANIFEST_TOOL = """\
image: localhost:5000/app:1.2.3
tags: ["1.2", latest]
annotations: {org.opencontainers.image.title: App}
manifests:
  - image: localhost:5000/app:1.2.3-386
    platform: {architecture: 386, os: linux}
  - image: localhost:5000/app:1.2.3-windows
    platform: {architecture: amd64, os: windows, osversion: 10.0.20348.2402, osfeatures: [win32k]}
  - image: localhost:5000/app:1.2.3-arm64
"""


def read(text: str) -> ApplyFile:
    return read_apply_file(text.encode(), "regtool.yaml")


def test_what_is_said_for_all_holds_unless_an_image_says_otherwise() -> None:
    base, app = read(WHOLE).images

    assert (base.title, base.arch_tags, base.expect) == (
        "localhost:5000/java-base:1.10",
        ("x86_64", "aarch64"),
        ("linux/amd64", "linux/arm64"),
    )
    assert (app.title, app.arch_tags, app.type, app.allow_shrink) == ("app", (), ListType.DOCKER, True)
    assert app.sources[1] == Leg(image="localhost:5000/app:2.0-arm", platform="linux/arm/v6")


def test_tags_that_look_like_numbers_stay_as_they_are_written() -> None:
    (image,) = read("images: [{target: 'localhost:5000/a:1.10', tags: [1.10, 007, 1e3, no]}]").images

    assert image.tags == ("1.10", "007", "1e3", "no")


def test_anchors_and_merges_work() -> None:
    text = "images:\n- &a {target: localhost:5000/a:1, expect: [linux/amd64]}\n- {<<: *a, target: localhost:5000/a:2}\n"

    assert [image.expect for image in read(text).images] == [("linux/amd64",)] * 2


def test_the_yaml_of_manifest_tool_is_read() -> None:
    (image,) = read(MANIFEST_TOOL).images

    assert (image.target, image.tags) == ("localhost:5000/app:1.2.3", ("1.2", "latest"))
    assert image.annotations == {"org.opencontainers.image.title": "App"}
    assert [source.platform for source in image.sources if isinstance(source, Leg)] == [
        "linux/386",
        "windows(10.0.20348.2402+win32k)/amd64",
        None,
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "regtool.yaml: is empty"),
        ("images", "regtool.yaml: holds no `images:`"),
        ("images: []", "regtool.yaml:1: images: must not be empty"),
        ("images:\n- tags: [a]\n", "regtool.yaml:2: images.0.target: is missing"),
        ("images:\n- target: a/b:1\n  tgas: [a]\n", "regtool.yaml:3: images.0.tgas: is no key that is known here"),
        ("images:\n- target: a/b:1\n  sources: a\n", "regtool.yaml:3: images.0.sources: must be a list"),
        ("images:\n- target: a/b:1\n  sources: [[a]]\n", "regtool.yaml:3: images.0.sources.0: must be text"),
        ("images:\n- target: a/b:1\n  sources:\n  - img: a\n", "regtool.yaml:4: images.0.sources.0"),
        ("images:\n- target: a/b:1\n  not-older: maybe\n", "images.0.not-older: must be true or false"),
        ("images:\n- target: a/b:1\n\n  type: ocy\n", "regtool.yaml:4: images.0.type: must be 'auto'"),
        ("images:\n- target: a\n  target: b\n", "regtool.yaml:3: has the key 'target' twice"),
        ("images:\n- target: [\n", "regtool.yaml:3: is not YAML"),
        ("images:\n- target: !!python/object:os.system x\n", "regtool.yaml:2: is not YAML"),
        ("image: a/b:1\nmanifests: []\nimgs: 1\n", "is of manifest-tool's form, but has imgs"),
        ("\x00", "regtool.yaml: is not YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_its_path(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        read(text)


def test_the_published_schema_is_that_of_the_model() -> None:
    published = json.loads((ROOT / "docs" / "regtool.schema.json").read_text())

    assert published == ApplyFile.model_json_schema()
