"""What builds and pipelines leave behind, read into sources and tags."""
