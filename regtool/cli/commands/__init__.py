"""One module a command: it holds a function of the command's name, and the `EXAMPLES` that end its help."""
