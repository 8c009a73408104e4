import pytest
from hypothesis import given
from hypothesis import strategies as some

from regtool.errors import UsageError
from regtool.model.digest import Digest
from regtool.model.reference import Reference, Repository, Tag
from tests.model.strategies import digests, references, repositories, tags

HEX = "0123456789abcdef" * 4
SHA = f"sha256:{HEX}"
NAMES = "components are lower-case letters and digits, with single '.', '_', '-' between them"
TAGS = "a tag is up to 128 letters, digits, '_', '.', '-', and starts with no '.' or '-'"
SHA512 = f"sha512:{HEX}{HEX}"

# what people write -> host, path, tag, digest
GOOD = {
    # Docker Hub: no host, or one of its own names
    "app": ("docker.io", "library/app", "latest", None),
    "app:1.0": ("docker.io", "library/app", "1.0", None),
    "library/app": ("docker.io", "library/app", "latest", None),
    "demo/app": ("docker.io", "demo/app", "latest", None),
    "demo/team/app": ("docker.io", "demo/team/app", "latest", None),
    "docker.io/app": ("docker.io", "library/app", "latest", None),
    "docker.io/demo/app": ("docker.io", "demo/app", "latest", None),
    "index.docker.io/app": ("docker.io", "library/app", "latest", None),
    "index.docker.io/demo/app:1": ("docker.io", "demo/app", "1", None),
    "registry-1.docker.io/app": ("docker.io", "library/app", "latest", None),
    f"app@{SHA}": ("docker.io", "library/app", None, SHA),
    f"app:1.0@{SHA}": ("docker.io", "library/app", "1.0", SHA),
    # what looks like a host but stands alone is an image
    "localhost": ("docker.io", "library/localhost", "latest", None),
    "localhost:5000": ("docker.io", "library/localhost", "5000", None),
    "example.com": ("docker.io", "library/example.com", "latest", None),
    "example.com:5000": ("docker.io", "library/example.com", "5000", None),
    "docker.io": ("docker.io", "library/docker.io", "latest", None),
    # hosts: localhost, a dot, a colon, an upper-case letter
    "localhost/app": ("localhost", "app", "latest", None),
    "localhost:5000/app": ("localhost:5000", "app", "latest", None),
    "localhost:5000/app:1.0": ("localhost:5000", "app", "1.0", None),
    "localhost:5000/team/app:1.0": ("localhost:5000", "team/app", "1.0", None),
    "127.0.0.1:5000/app": ("127.0.0.1:5000", "app", "latest", None),
    "10.0.0.1/app": ("10.0.0.1", "app", "latest", None),
    "registry:5000/app": ("registry:5000", "app", "latest", None),
    "registry:1/app": ("registry:1", "app", "latest", None),
    "registry:65535/app": ("registry:65535", "app", "latest", None),
    "registry/app": ("docker.io", "registry/app", "latest", None),
    "registry.example.com/app": ("registry.example.com", "app", "latest", None),
    "Registry/app": ("Registry", "app", "latest", None),
    "EXAMPLE.com/app": ("example.com", "app", "latest", None),
    "a.b/c": ("a.b", "c", "latest", None),
    "my-registry.example.com:8443/a/b/c/d:x": ("my-registry.example.com:8443", "a/b/c/d", "x", None),
    "my_registry:5000/app": ("my_registry:5000", "app", "latest", None),
    "xn--bcher-kva.example/app": ("xn--bcher-kva.example", "app", "latest", None),
    "[::1]:5000/app": ("[::1]:5000", "app", "latest", None),
    "[::1]/app": ("[::1]", "app", "latest", None),
    "[::1]/app:1.0": ("[::1]", "app", "1.0", None),
    "[2001:db8::1]:5000/app:1.0": ("[2001:db8::1]:5000", "app", "1.0", None),
    "[2001:DB8::A]/app": ("[2001:db8::a]", "app", "latest", None),
    f"[::1]:5000/app@{SHA}": ("[::1]:5000", "app", None, SHA),
    # registries of clouds and forges
    "ghcr.io/org/app:1.0": ("ghcr.io", "org/app", "1.0", None),
    "quay.io/org/app": ("quay.io", "org/app", "latest", None),
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1": (
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
        "app",
        "1",
        None,
    ),
    "europe-docker.pkg.dev/project/repo/app": ("europe-docker.pkg.dev", "project/repo/app", "latest", None),
    "gcr.io/google.com/project/app": ("gcr.io", "google.com/project/app", "latest", None),
    # paths
    "example.com/a": ("example.com", "a", "latest", None),
    "example.com/0": ("example.com", "0", "latest", None),
    "example.com/a.b": ("example.com", "a.b", "latest", None),
    "example.com/a_b": ("example.com", "a_b", "latest", None),
    "example.com/a__b": ("example.com", "a__b", "latest", None),
    "example.com/a-b": ("example.com", "a-b", "latest", None),
    "example.com/a---b": ("example.com", "a---b", "latest", None),
    "example.com/a.b_c__d-e--f": ("example.com", "a.b_c__d-e--f", "latest", None),
    f"example.com/{HEX}": ("example.com", HEX, "latest", None),
    f"{HEX[1:]}": ("docker.io", f"library/{HEX[1:]}", "latest", None),
    f"{HEX}0": ("docker.io", f"library/{HEX}0", "latest", None),
    f"example.com/{'a' * 243}": ("example.com", "a" * 243, "latest", None),
    # tags
    "example.com/a:1": ("example.com", "a", "1", None),
    "example.com/a:_": ("example.com", "a", "_", None),
    "example.com/a:_.-": ("example.com", "a", "_.-", None),
    "example.com/a:V1.0-RC.1_x86_64": ("example.com", "a", "V1.0-RC.1_x86_64", None),
    "example.com/a:5000": ("example.com", "a", "5000", None),
    f"example.com/a:{'t' * 128}": ("example.com", "a", "t" * 128, None),
    # digests
    f"example.com/a@{SHA}": ("example.com", "a", None, SHA),
    f"example.com/a@{SHA512}": ("example.com", "a", None, SHA512),
    f"example.com/a:1@{SHA}": ("example.com", "a", "1", SHA),
    f"example.com:5000/a:1@{SHA}": ("example.com:5000", "a", "1", SHA),
}
BAD = [
    # nothing, and blanks
    "",
    " ",
    " app",
    "app ",
    "app\n",
    "\tapp",
    "my app",
    "app :1",
    "app: 1",
    "app\x00",
    "app\x1b[31m",
    "app\u200b",
    # names
    "App",
    "APP:1.0",
    "demo/App",
    "example.com/App",
    "example.com/app/",
    "example.com//app",
    "example.com/",
    "/app",
    "/",
    "//",
    "-app",
    "app-",
    ".app",
    "app.",
    "_app",
    "app_",
    "a..b",
    "a___b",
    "a._b",
    "a.-b",
    "a+b",
    "a~b",
    "a\\b",
    "a%2fb",
    "a*",
    "app?x=1",
    "app#x",
    "..",
    "../app",
    "example.com/../app",
    "example.com/./app",
    "example.com/a/../../b",
    "äpp",
    "аpp",  # a Cyrillic а
    "app１",
    f"example.com/{'a' * 244}",
    "a/" * 127 + "a",
    HEX,
    # hosts
    "-example.com/app",
    "example-.com/app",
    "example..com/app",
    ".example.com/app",
    "example.com./app",
    "example.com:/app",
    "example.com:port/app",
    "example.com:0/app",
    "example.com:65536/app",
    "example.com:99999/app",
    "example.com:123456/app",
    "example.com:５000/app",
    "example.com:-1/app",
    "example.com:+80/app",
    "example.com:80:80/app",
    ":5000/app",
    "[::1/app",
    "::1/app",
    "::1]:5000/app",
    "[]/app",
    "[]:5000/app",
    "[:::]:5000/app",
    "[1.2.3.4]:5000/app",
    "[::g]/app",
    "[fe80::1%eth0]:5000/app",
    "[::1]5000/app",
    "[::1]",
    "[::1]:5000",
    "bücher.example/app",
    "dосker.io/app",  # Cyrillic о and с
    "docker。io/app",
    "exam\u00adple.com/app",
    "example.com\x00.evil.test/app",
    "example.com\n.evil.test/app",
    "example.com\\evil.test/app",
    "example.com%2eevil/app",
    # users and passwords
    "user@example.com/app",
    "user:secret@example.com/app",
    "example.com@evil.test/app",
    f"user:secret@example.com/app@{SHA}",
    # tags
    "app:",
    "app:.",
    "app:-1",
    "app:.1",
    "app:a:b",
    "app:a b",
    "app:a+b",
    "app:a/b:c:",
    "app:ü",
    "app:latest\n",
    "app:1\x00",
    f"app:{'t' * 129}",
    "localhost:5000/app:",
    # digests
    "app@",
    f"@{SHA}",
    f":1@{SHA}",
    SHA,
    f"app:@{SHA}",
    f"app@{HEX}",
    f"app@sha256:{HEX[1:]}",
    f"app@sha256:{HEX}0",
    f"app@sha256:{HEX.upper()}",
    f"app@SHA256:{HEX}",
    f"app@md5:{HEX[:32]}",
    f"app@{SHA}\n",
    f"app@{SHA}@{SHA}",
    f"app@{SHA}:1",
    "app@sha256:../../x",
    "app@latest",
    # URLs
    "https://example.com/app",
    "http://localhost:5000/app:1.0",
    "docker://example.com/app",
    "ftp://",
    "://",
]


@pytest.mark.parametrize(("text", "parts"), GOOD.items())
def test_a_reference_is_read_by_dockers_rules(text: str, parts: tuple[str, str, str | None, str | None]) -> None:
    host, path, tag, digest = parts

    reference = Reference.parse(text)

    assert reference.place == Repository(host, path)
    assert str(reference.tag or "") == (tag or "")
    assert str(reference.digest or "") == (digest or "")


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Reference.parse(text)


@pytest.mark.parametrize("text", GOOD)
def test_a_reference_prints_in_full_and_reads_that_again(text: str) -> None:
    reference = Reference.parse(text)

    assert Reference.parse(str(reference)) == reference


@given(references)
def test_a_reference_reads_what_it_prints(reference: Reference) -> None:
    assert Reference.parse(str(reference)) == reference


@given(repositories)
def test_a_repository_reads_what_it_prints(repository: Repository) -> None:
    assert Repository.parse(str(repository)) == repository


@given(tags)
def test_a_tag_reads_what_it_prints(tag: Tag) -> None:
    assert Tag(str(tag)) == tag


@given(some.text() | some.text("ab.:/@[]-_\n 0A", max_size=12))
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    try:
        reference = Reference.parse(text)
    except UsageError:
        return
    assert Reference.parse(str(reference)) == reference


@given(repositories, tags, digests)
def test_the_digest_decides_and_the_tag_is_kept(repository: Repository, tag: Tag, digest: Digest) -> None:
    both = Reference(repository, tag, digest)

    assert both.selector == digest
    assert both.tag == tag
    assert Reference(repository, tag, None).selector == tag


def test_a_reference_names_a_tag_or_a_digest() -> None:
    with pytest.raises(UsageError, match="example.com/app: names neither tag nor digest; add :latest, say"):
        Reference(Repository("example.com", "app"), None, None)


def test_a_repository_refers_to_a_tag_or_a_digest_in_it() -> None:
    repository = Repository.parse("localhost:5000/app")

    assert str(repository.at(Tag("1.0"))) == "localhost:5000/app:1.0"
    assert str(repository.at(Digest.parse(SHA))) == f"localhost:5000/app@{SHA}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "localhost:5000/App:1.0",
            "App: not a repository name; names are lower case: app",
        ),
        (
            "localhost:5000/a..b",
            f"a..b: not a repository name; {NAMES}",
        ),
        ("localhost:port/app", "localhost:port: not a registry host; write it as host or host:port"),
        (
            "dосker.io/app",
            "dосker.io: not a registry host, as it is not all ASCII; write it as host or host:port",
        ),
        (
            f"app:{'t' * 129}",
            f"{'t' * 129}: too long for a tag; {TAGS}",
        ),
        ("app:", "app:: has an empty tag; write app:TAG; the variable for it may be empty"),
        ("app@1.0", "1.0: not a digest; write it as sha256:<64 hex digits>"),
        ("app\n", "'app\\n': not an image reference; write it as host/repository:tag"),
        (":1.0", ":1.0: names no repository; write it as host/repository:tag"),
        (HEX, f"{HEX}: names no repository; write it as repository@sha256:…"),
    ],
)
def test_a_refusal_names_the_part_at_fault(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        Reference.parse(text)

    assert str(refusal.value) == message


def test_a_name_longer_than_any_registry_takes_is_refused() -> None:
    with pytest.raises(UsageError, match="longer than 255 characters"):
        Repository("example.com", "a" * 244)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("https://example.com/app:1.0", "write example.com/app:1.0"),
        ("docker://localhost:5000/app", "write localhost:5000/app"),
        ("https://user:secret@example.com/app", "write example.com/app"),
        (f"https://user:secret@example.com/app@{SHA}", f"write example.com/app@{SHA}"),
        ("https://", "write host/repository:tag"),
    ],
)
def test_a_url_is_refused_with_the_reference_that_it_means(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as refusal:
        Reference.parse(text)

    assert refusal.value.hint == hint


@pytest.mark.parametrize("text", [text for text in BAD if "secret" in text] + ["https://user:secret@example.com/app"])
def test_a_refusal_repeats_no_password(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        Reference.parse(text)

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("text", ["1.0", "localhost:5000/app:1.0"])
def test_a_tag_of_a_repository_is_named_alone_or_in_full(text: str) -> None:
    assert Repository.parse("localhost:5000/app").tag(text) == Tag("1.0")


@pytest.mark.parametrize(
    "text",
    [
        "localhost:5000/other:1.0",
        "localhost:5001/app:1.0",
        f"localhost:5000/app@{SHA}",
        f"localhost:5000/app:1.0@{SHA}",
        "app:1.0",
        ":1.0",
        "a/b",
    ],
)
def test_a_tag_of_another_repository_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Repository.parse("localhost:5000/app").tag(text)


@pytest.mark.parametrize("text", ["localhost:5000/app:1.0", f"localhost:5000/app@{SHA}", "localhost:5000"])
def test_a_repository_alone_takes_no_tag_and_no_digest(text: str) -> None:
    with pytest.raises(UsageError):
        Repository.parse(text)


def test_tags_and_repositories_sort_by_name() -> None:
    assert sorted([Tag("b"), Tag("a")]) == [Tag("a"), Tag("b")]
    assert sorted([Repository("b.io", "a"), Repository("a.io", "b")]) == [
        Repository("a.io", "b"),
        Repository("b.io", "a"),
    ]
