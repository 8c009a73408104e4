"""Pure decisions: what a list will hold, and what has to be written for it. Nothing here waits, reads or writes."""
