"""Files that name images: each module reads one kind, from text, and gives subjects."""
