"""How the ids of a shard lie in files, one layout a file."""
