"""The command line: words in, words out. It decides nothing; every decision is in the library below.

Command modules import what they need inside the command, so that `--help` and completion start fast.
"""
