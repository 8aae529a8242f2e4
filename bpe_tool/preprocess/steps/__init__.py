"""The steps of a pipeline, one kind a file."""
