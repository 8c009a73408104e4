"""What every test may ask for. Registries start once a worker, when the first test wants them."""

import re
import signal
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.registries import RunningRegistry, distribution, embedded

# How fast an example is says something about the machine, and how busy it is, not about the code.
settings.register_profile("regtool", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("regtool")


@pytest.fixture(scope="session", autouse=True)
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing that a test starts finds the credentials, proxies or settings of whoever runs it."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("DOCKER_CONFIG", str(home / ".docker"))
        patch.setenv("XDG_RUNTIME_DIR", str(home))
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            patch.delenv(name, raising=False)
            patch.delenv(name.upper(), raising=False)
        for name in ("REGISTRY_AUTH_FILE", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            patch.delenv(name, raising=False)
        for name in ("GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "DOCKER_METADATA_OUTPUT_JSON"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def signals() -> None:
    """Programs that a test starts hear the signals that it sends, also where it runs under `nohup` or behind a `&`."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def debian_registry(empty_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegistry]:
    """Distribution 2.8 without a password, deleting allowed."""
    with distribution(tmp_path_factory.mktemp("distribution")) as running:
        yield running


@pytest.fixture(scope="session")
def htpasswd_registry(empty_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegistry]:
    """Distribution 2.8 that wants Basic credentials; they are in its `credentials`."""
    with distribution(tmp_path_factory.mktemp("htpasswd"), password=True) as running:
        yield running


@pytest.fixture(scope="session")
def embedded_registry(empty_home: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegistry]:
    """`regtool serve`."""
    with embedded(tmp_path_factory.mktemp("embedded")) as running:
        yield running


@pytest.fixture(params=["debian_registry", "embedded_registry"])
def registry(request: pytest.FixtureRequest) -> RunningRegistry:
    """Each registry in turn: what holds on one must hold on the other."""
    running: RunningRegistry = request.getfixturevalue(request.param)
    return running


@pytest.fixture
def repository(request: pytest.FixtureRequest) -> str:
    """The name of a repository that no other test uses."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")
    return f"{words[:60].strip('-')}/{uuid.uuid4().hex[:8]}"
