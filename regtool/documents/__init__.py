"""What travels: manifests, indexes, image configurations.

Bytes are the truth. A document is kept as the bytes that were received, its digest is over those bytes, and the
pydantic models here are views onto them. Fields that the models do not know are kept, in place.
"""
