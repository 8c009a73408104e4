"""Names and values: digest, platform, reference, media type.

Plain frozen values of the standard library. Each is parsed at the door, cannot exist wrong, and prints itself
back. Nothing here reads a file, a clock, the network or the machine it runs on.
"""
