"""Random JSON, for the properties of documents."""

from hypothesis import strategies as some

from tests.model import strategies as model  # also makes hypothesis patient

json_texts = some.text(max_size=12)
json_values = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**70), 2**70)
    | some.floats(allow_nan=False, allow_infinity=False)
    | json_texts,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(json_texts, inner, max_size=3),
    max_leaves=8,
)
json_objects = some.dictionaries(json_texts, json_values, max_size=5)
annotations = some.dictionaries(json_texts, json_texts, max_size=4)
sizes = some.integers(0, 2**63 - 1)
digest_texts = model.digests.map(str)
