"""The images of Kubernetes manifests, also as `helm template` renders them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.operations.audit.sources.text import read_text, reference_in, yaml_documents
from regtool.operations.audit.subject import Subject

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_SUFFIXES = frozenset({".yaml", ".yml", ".json"})


def kubernetes_files(name: str) -> list[str]:
    """The file itself, or all manifests in a folder and below. Raises UsageError if there are none."""
    if not Path(name).is_dir():
        return [name]
    found = sorted(str(path) for path in Path(name).rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    if not found:
        raise UsageError(name, "has no .yaml, .yml or .json in it")
    return found


def read_kubernetes(name: str) -> Iterator[Subject]:
    """The images in the pod specs of a file or folder, each once a file. Raises StorageError, UsageError."""
    for file in kubernetes_files(name):
        found: dict[Subject, None] = {}
        for document in yaml_documents(read_text(file), file):
            found.update((subject, None) for subject in _walk(document, file, ()))
        yield from found


def _walk(value: Any, where: str, platforms: tuple[Platform, ...]) -> Iterator[Subject]:
    """Looks for lists of containers anywhere, so that every kind that holds a pod spec is understood."""
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, where, platforms)
    elif isinstance(value, dict):
        name = value.get("metadata", {}).get("name") if isinstance(value.get("metadata"), dict) else None
        here = f"{where}: {value['kind']}/{name}" if isinstance(value.get("kind"), str) and name else where
        wanted = _node_platform(value.get("nodeSelector")) or platforms
        for key, inner in value.items():
            if key in _CONTAINERS and isinstance(inner, list):
                yield from _images(inner, here, wanted)
            yield from _walk(inner, here, wanted)


def _images(containers: list[Any], where: str, platforms: tuple[Platform, ...]) -> Iterator[Subject]:
    for container in containers:
        image = container.get("image") if isinstance(container, dict) else None
        if isinstance(image, str) and image:
            yield Subject(reference_in(image, where), where, platforms or None)


def _node_platform(selector: Any) -> tuple[Platform, ...]:
    """The platform of the nodes that a pod is bound to, if it is bound to one."""
    if not isinstance(selector, dict) or not isinstance(selector.get("kubernetes.io/arch"), str):
        return ()
    os = selector.get("kubernetes.io/os", "linux")
    return (Platform.parse(f"{os}/{selector['kubernetes.io/arch']}"),)
