"""How long regtool and its peers take for the same work, side by side: `make bench`.

`delay` is the distance to a registry, `tools` are the programs, `jobs` the work, `timing` the watch, and `page` writes
what came of it to `docs/performance.md`.
"""
