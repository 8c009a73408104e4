"""The metadata file, with the keys of `docker buildx imagetools create --metadata-file` and a few more.

imagetools writes `containerimage.descriptor` and `image.name`; builds also write `containerimage.digest`, which is
what scripts ask for. What only regtool knows is under `regtool.`.
"""

import json

from regtool.cli.outputs.facts import Facts


def metadata_text(facts: Facts) -> str:
    """The file: JSON with two spaces and sorted keys, as buildx writes it."""
    repositories = dict.fromkeys(tag.rpartition(":")[0] for tag in facts.tags)
    document = {
        "containerimage.descriptor": {"mediaType": facts.media_type, "digest": facts.digest, "size": facts.size},
        "containerimage.digest": facts.digest,
        "image.name": ",".join(repositories),
        "regtool.changed": facts.changed,
        "regtool.platforms": list(facts.platforms),
        "regtool.tags": list(facts.tags),
    }
    return json.dumps(document, indent=2) + "\n"
