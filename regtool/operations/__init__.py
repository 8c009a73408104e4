"""The stories: what each command does, as functions that read, plan, and publish.

Every `plan_…` only reads. `publish` is the only writer.
"""
