"""What can be wrong with a list: one file for each family of rules, all of them pure functions from facts to findings.

`facts.py` is what the rules look at, `finding.py` what they say, `catalogue.py` has them all and chooses among them.
"""
