"""The images of a Compose file (Compose specification: `services.*.image` and `platform`)."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from regtool.errors import UsageError
from regtool.model.platform import Platform
from regtool.operations.audit.sources.text import located, reference_in, yaml_documents
from regtool.operations.audit.sources.variables import expand
from regtool.operations.audit.subject import Subject


def read_compose(text: str, name: str, environ: Mapping[str, str]) -> Iterator[Subject]:
    """The images that services run; one that is built here is not looked for. Raises UsageError."""
    for document in yaml_documents(text, name):
        services = document.get("services") if isinstance(document, dict) else None
        if not isinstance(services, dict):
            raise UsageError(name, "has no services", "is it a Compose file?")
        for service, fields in services.items():
            if isinstance(fields, dict) and isinstance(fields.get("image"), str) and "build" not in fields:
                yield _subject(fields, f"{name}: {service}", environ)


def compose_environment(name: str) -> dict[str, str]:
    """What variables stand for: the environment over the `.env` beside the file, as docker compose reads them."""
    beside = Path(name).parent / ".env"
    lines = beside.read_text(encoding="utf-8").splitlines() if name != "-" and beside.is_file() else []
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {key.strip(): value.strip().strip("'\"") for key, _, value in pairs} | dict(os.environ)


def _subject(fields: Mapping[str, object], where: str, environ: Mapping[str, str]) -> Subject:
    reference = reference_in(expand(str(fields["image"]), environ, where), where)
    platform = fields.get("platform")
    if not isinstance(platform, str):
        return Subject(reference, where)
    with located(where):
        return Subject(reference, where, (Platform.parse(expand(platform, environ, where)),))
