"""What travels: manifests, indexes, image configurations.

Bytes are the truth. A document is kept as the bytes that were received, its digest is over those bytes, and the
classes here are views onto them. Fields that the views do not know are kept, in place.
"""
