"""What a token allows: one repository and the actions on it (Distribution token authentication, "Scope")."""

from typing import Self

from regtool.values import dataclass

PULL, PUSH, DELETE = "pull", "push", "delete"


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """The right to some actions on one repository, printed as `repository:app:pull,push`."""

    repository: str
    actions: tuple[str, ...]

    @classmethod
    def pull(cls, path: str) -> Self:
        """To read."""
        return cls(path, (PULL,))

    @classmethod
    def push(cls, path: str) -> Self:
        """To read and write."""
        return cls(path, (PULL, PUSH))

    @classmethod
    def delete(cls, path: str) -> Self:
        """To read, write and delete: some registries refuse `delete` alone."""
        return cls(path, (PULL, PUSH, DELETE))

    def __str__(self) -> str:
        return f"repository:{self.repository}:{','.join(self.actions)}"


def reads_only(scopes: tuple[Scope, ...]) -> bool:
    """Whether these scopes are there, and none of them allows a change."""
    return bool(scopes) and all(scope.actions == (PULL,) for scope in scopes)
