"""A registry over OCI layouts: for trying things out, for tests, and for handing images over without a network.

It speaks the whole OCI distribution-spec 1.1 and is meant for one machine: it listens on loopback unless told
otherwise. One noun a file; `routes` says which of them answers what.
"""
