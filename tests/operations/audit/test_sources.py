"""Files that name images: Dockerfiles, Compose files, Kubernetes manifests, plain lists."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regtool.errors import StorageError, UsageError
from regtool.model.platform import Platform
from regtool.operations.audit.gather import Sources, gather
from regtool.operations.audit.sources.compose import read_compose
from regtool.operations.audit.sources.dockerfile import read_dockerfile
from regtool.operations.audit.sources.images import read_images
from regtool.operations.audit.sources.kubernetes import read_kubernetes
from regtool.operations.audit.sources.variables import expand
from regtool.operations.audit.subject import Listing, Subject, TagFilter

BOTH = (Platform.parse("linux/amd64"), Platform.parse("linux/arm64"))


def names(subjects: list[Subject]) -> list[str]:
    return [str(subject.reference) for subject in subjects]


def dockerfile(text: str, platforms: tuple[Platform, ...] = BOTH, **arguments: str) -> list[Subject]:
    return list(read_dockerfile(text, "Dockerfile", arguments, platforms))


class TestDockerfile:
    def test_every_image_that_is_no_stage_is_named(self) -> None:
        found = dockerfile(
            """# syntax=docker/dockerfile:1
            FROM golang:1.25 AS build
            RUN go build
            FROM build AS test
            FROM scratch
            COPY --from=build /app /app
            COPY --chown=1 --from=busybox:1.37 /bin/sh /sh
            COPY --from=0 /x /x
            RUN --mount=type=bind,from=alpine:3.22,target=/a --mount=type=cache,target=/c ls /a
            from TEST
            """
        )

        assert names(found) == [
            "docker.io/library/golang:1.25",
            "docker.io/library/busybox:1.37",
            "docker.io/library/alpine:3.22",
        ]
        assert [subject.source for subject in found] == ["Dockerfile:2", "Dockerfile:7", "Dockerfile:9"]

    def test_arguments_before_the_first_stage_have_defaults_and_can_be_given(self) -> None:
        text = 'ARG REG=docker.io BASE\nARG TAG="3.22"\nARG FULL=${REG}/library/${BASE:-alpine}\nFROM ${FULL}:$TAG\n'

        assert names(dockerfile(text)) == ["docker.io/library/alpine:3.22"]
        assert names(dockerfile(text, TAG="edge", REG="localhost:5000")) == ["localhost:5000/library/alpine:edge"]

    def test_arguments_of_a_stage_do_not_count_for_the_next(self) -> None:
        with pytest.raises(UsageError, match="Dockerfile:3: uses TAG, which has no value"):
            dockerfile("FROM alpine:1\nARG TAG=2\nFROM alpine:$TAG\n")

    def test_the_platform_of_a_line_is_what_has_to_be_there(self) -> None:
        found = dockerfile(
            "FROM --platform=$BUILDPLATFORM tonistiigi/xx AS xx\nFROM --platform=linux/s390x a\n"
            "FROM --platform=$TARGETPLATFORM b\nFROM c\n"
        )

        assert [subject.platforms for subject in found] == [(), (Platform.parse("linux/s390x"),), None, None]

    def test_a_name_with_the_platform_in_it_is_one_image_for_each(self) -> None:
        found = dockerfile("FROM base:${TARGETARCH}${TARGETVARIANT}\n", (*BOTH, Platform.parse("arm/v7")))

        assert names(found) == [f"docker.io/library/base:{tag}" for tag in ("amd64", "arm64", "armv7")]
        assert [str(subject.platforms[0]) for subject in found if subject.platforms] == [
            "linux/amd64",
            "linux/arm64",
            "linux/arm/v7",
        ]
        with pytest.raises(UsageError, match="depends on the platform; name some by --require"):
            dockerfile("FROM base:$TARGETARCH\n", ())

    def test_lines_go_on_and_here_documents_are_no_instructions(self) -> None:
        found = dockerfile(
            "FROM \\\n  # a comment in between\n  alpine:1\nRUN <<EOF\nFROM nothing:1\nEOF\n"
            "COPY <<'A' <<-B /x\nFROM no\nA\nFROM no\nB\nFROM alpine:2\n"
        )

        assert names(found) == ["docker.io/library/alpine:1", "docker.io/library/alpine:2"]

    def test_another_escape_character(self) -> None:
        assert names(dockerfile("# escape=`\nFROM `\n alpine:1\n")) == ["docker.io/library/alpine:1"]

    @pytest.mark.parametrize("line", ["FROM", "FROM a b c", "FROM --platform=linux/amd64"])
    def test_a_from_without_an_image_is_refused(self, line: str) -> None:
        with pytest.raises(UsageError, match="Dockerfile:1"):
            dockerfile(line)

    @given(st.text(alphabet="FROM ARG$\\{}:-a<E\n#=", max_size=60))
    def test_any_text_is_read_or_refused_in_words(self, text: str) -> None:
        with suppress(UsageError):
            dockerfile(text)


class TestVariables:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("$A", "1"), ("${A}", "1"), ("x${A}y", "x1y"), ("${B:-2}", "2"), ("${B-2}", "2"), ("${EMPTY:-2}", "2"),
            ("${EMPTY-2}", ""), ("${A:+3}", "3"), ("${B:+3}", ""), ("${EMPTY+3}", "3"), ("$$A", "$A"),
            ("${B:-${A}}", "1"), ("${A:?must}", "1"), ("$EMPTY", ""),
        ],
    )  # fmt: skip
    def test_are_replaced_as_in_a_shell(self, text: str, expected: str) -> None:
        assert expand(text, {"A": "1", "EMPTY": ""}, "here") == expected

    @pytest.mark.parametrize("text", ["$B", "${B}", "${B:?must}", "${EMPTY:?must}"])
    def test_without_a_value_are_refused(self, text: str) -> None:
        with pytest.raises(UsageError, match="here: uses"):
            expand(text, {"EMPTY": ""}, "here")


class TestCompose:
    def test_services_with_an_image_of_their_own_count(self) -> None:
        text = """
services:
  web: {image: "nginx:${V:-1.29}", platform: linux/arm64}
  db: {image: "postgres@sha256:%s"}
  app: {image: me/app, build: .}
  job: {command: [ls]}
""" % ("a" * 64)
        found = list(read_compose(text, "compose.yaml", {}))

        assert names(found) == ["docker.io/library/nginx:1.29", f"docker.io/library/postgres@sha256:{'a' * 64}"]
        assert [subject.source for subject in found] == ["compose.yaml: web", "compose.yaml: db"]
        assert [subject.platforms for subject in found] == [(Platform.parse("linux/arm64"),), None]

    @pytest.mark.parametrize(
        ("text", "why"), [("a: b", "has no services"), ("a: [", "is not YAML"), ("x: {{ y }}\n", "templates")]
    )
    def test_other_files_are_refused(self, text: str, why: str) -> None:
        with pytest.raises(UsageError, match=why):
            list(read_compose(text, "f", {}))


class TestKubernetes:
    def test_every_kind_that_holds_a_pod_counts(self, tmp_path: Path) -> None:
        (tmp_path / "a.yaml").write_text(
            """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {kubernetes.io/arch: arm64}
      initContainers: [{name: i, image: "busybox:1"}]
      containers: [{name: w, image: "nginx:1"}, {name: w2, image: "nginx:1"}]
---
kind: CronJob
metadata: {name: nightly}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: "job:1"}]}}}}}
---
"""
        )
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "pod.json").write_text(
            '{"kind": "List", "items": [{"spec": {"containers": [{"image": "p:1"}]}}]}'
        )
        (tmp_path / "notes.txt").write_text("not: [yaml")

        found = list(read_kubernetes(str(tmp_path)))

        assert names(found) == [f"docker.io/library/{name}" for name in ("busybox:1", "nginx:1", "job:1", "p:1")]
        assert [subject.platforms for subject in found] == [(Platform.parse("arm64"),)] * 2 + [None, None]
        assert found[0].source == f"{tmp_path}/a.yaml: Deployment/web"

    def test_an_empty_folder_and_a_missing_file_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"has no \.yaml"):
            list(read_kubernetes(str(tmp_path)))
        with pytest.raises(StorageError, match="cannot be read"):
            list(read_kubernetes(str(tmp_path / "gone.yaml")))


class TestImages:
    def test_a_line_names_one_and_may_say_what_it_needs(self) -> None:
        text = "# all of ours\n\nlocalhost:5000/a:1  linux/amd64,arm64  # both\nlocalhost:5000/b\n"

        one, all_of_it = read_images(text, "list", TagFilter())

        assert isinstance(one, Subject)
        assert (str(one.reference), one.source, one.platforms) == ("localhost:5000/a:1", "list:3", BOTH)
        assert isinstance(all_of_it, Listing)
        assert (str(all_of_it.place), all_of_it.source) == ("localhost:5000/b", "list:4")

    @pytest.mark.parametrize("line", ["a:1 linux/amd64 more", "Upper/Case:1", "a:1 nothing/at/all/here"])
    def test_a_wrong_line_is_named(self, line: str) -> None:
        with pytest.raises(UsageError, match=r"list:2"):
            list(read_images(f"\n{line}\n", "list", TagFilter()))


def test_without_any_name_there_is_nothing_to_look_at() -> None:
    with pytest.raises(UsageError, match="nothing to look at"):
        gather(Sources())
