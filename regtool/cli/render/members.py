"""The images of a list, for people."""

from collections.abc import Sequence

from regtool.cli.render.table import columns
from regtool.planning.member import Member


def members_text(members: Sequence[Member]) -> str:
    """One line for each image that the list holds."""
    return columns(map(_row, members), indent="  ")


def _row(member: Member) -> tuple[str, ...]:
    count = len(member.attestations)
    extra = f"+ {count} attestation{'s' if count > 1 else ''}" if count else ""
    return str(member.platform or "(no platform)"), f"{member.digest}", f"from {member.source}", extra
