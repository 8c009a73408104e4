"""`audit`: which platforms names really offer, and what is wrong with them, for one tag or a fleet.

`sources/` says what to look at, `look.py` gathers the facts, `planning.rules` judges them, `record.py` is what comes of
one name, and `fleet.py` does it for all of them.
"""
