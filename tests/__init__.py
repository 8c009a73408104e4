"""The tests mirror the tree of regtool. They talk to real registries on free loopback ports."""
