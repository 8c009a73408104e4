"""Variables for later jobs of a GitLab pipeline: `artifacts:reports:dotenv`.

GitLab refuses the whole file for one line that it does not like, so there are only plain lines: no quotes, no
remarks, no empty lines, and no more than 5 KiB (docs.gitlab.com, "Pass an environment variable to another job").
"""

from regtool.cli.outputs.facts import Facts

LARGEST = 5 * 1024  # bytes


def dotenv_text(facts: Facts) -> str:
    """The variables. Of more tags than fit, the first ones are named."""
    lines = [
        f"REGTOOL_DIGEST={facts.digest}",
        f"REGTOOL_REFERENCE={facts.reference}",
        f"REGTOOL_CHANGED={'true' if facts.changed else 'false'}",
        f"REGTOOL_PLATFORMS={','.join(facts.platforms)}",
    ]
    room = LARGEST - len("\n".join(lines)) - len("\nREGTOOL_TAGS=\n")
    return "\n".join([*lines, f"REGTOOL_TAGS={_fitting(facts.tags, room)}", ""])


def _fitting(tags: tuple[str, ...], room: int) -> str:
    text = " ".join(tags)
    return text if len(text) <= room else text[:room].rpartition(" ")[0]
