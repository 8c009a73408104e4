"""Telling the pipeline what was published, in every form that was asked for or that its system has."""

from collections.abc import Mapping
from pathlib import Path

from regtool.cli.outputs import github_files
from regtool.cli.outputs.facts import Facts
from regtool.cli.outputs.files import replace_file, require_writable
from regtool.cli.outputs.gitlab import dotenv_text
from regtool.cli.outputs.metadata_file import metadata_text
from regtool.operations.merging import Creation
from regtool.values import dataclass

METADATA_FILE, DOTENV = "--metadata-file", "--dotenv"


@dataclass(frozen=True, slots=True)
class Outputs:
    """The files that the user wants; GitHub's are in the environment."""

    metadata_file: Path | None = None
    dotenv: Path | None = None

    def require_writable(self) -> None:
        """Raises UsageError before anything is published, if something could not be told afterwards."""
        for path, flag in ((self.metadata_file, METADATA_FILE), (self.dotenv, DOTENV)):
            if path:
                require_writable(path, flag)

    def tell(self, creation: Creation, environ: Mapping[str, str]) -> None:
        """Writes all of them. Raises StorageError."""
        facts = Facts.of(creation)
        if self.metadata_file:
            replace_file(self.metadata_file, metadata_text(facts), METADATA_FILE)
        if self.dotenv:
            replace_file(self.dotenv, dotenv_text(facts), DOTENV)
        github_files.write(facts, environ)
