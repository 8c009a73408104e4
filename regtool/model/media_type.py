"""Media types of the documents that regtool handles (OCI image-spec media-types.md; Docker manifest v2 schema 2).

An open set: a media type is a plain string, and one that is not listed here is carried along untouched.
"""

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_EMPTY = "application/vnd.oci.empty.v1+json"

DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+json"
DOCKER_SCHEMA1_SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws"

INDEXES = frozenset({OCI_INDEX, DOCKER_LIST})
IMAGES = frozenset({OCI_MANIFEST, DOCKER_MANIFEST})
SCHEMA1 = frozenset({DOCKER_SCHEMA1, DOCKER_SCHEMA1_SIGNED})
CONFIGS = frozenset({OCI_CONFIG, DOCKER_CONFIG})

# Distribution 2.8 answers a list request without these with the linux/amd64 child, so every read sends all four.
ACCEPTED = (OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST)

DOCKER_PREFIX = "application/vnd.docker."


def is_index(media_type: str) -> bool:
    """Whether this names a list of manifests, in either family."""
    return media_type in INDEXES


def is_docker(media_type: str) -> bool:
    """Whether this belongs to Docker's family; the rest counts as OCI (the rule of buildx)."""
    return media_type.startswith(DOCKER_PREFIX)


def bare(header: str) -> str:
    """A `Content-Type` value without its parameters and in lower case, as media types compare (RFC 9110 8.3.1)."""
    return header.partition(";")[0].strip().lower()
