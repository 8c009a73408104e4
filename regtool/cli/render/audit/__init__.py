"""What an audit found, in the forms that people and programs read. Each form is a function from a report to text.

All are generators: a report may have more names than fit into memory.
"""
