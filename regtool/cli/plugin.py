"""`docker regtool …`: the command line as a plugin of the docker client.

Link or copy the program `docker-regtool` into `~/.docker/cli-plugins`. Docker asks every plugin for its metadata to
make its own help, so that answer must come fast, and calls it as `docker-regtool [docker's options] regtool WORDS…`.
"""

import json
import sys

from regtool import __version__

NAME = "regtool"
METADATA = {
    "SchemaVersion": "0.1.0",
    "Vendor": "The regtool maintainers",
    "Version": __version__,
    "ShortDescription": "Join per-arch images under one tag",
}


def main() -> None:
    """Answers docker's question, or runs the command line with the words behind the plugin's name."""
    words = sys.argv[1:]
    if words[:1] == ["docker-cli-plugin-metadata"]:
        sys.stdout.write(json.dumps(METADATA) + "\n")
        return
    from regtool.cli.process import carry_out

    carry_out(words[words.index(NAME) + 1 :] if NAME in words else words)
