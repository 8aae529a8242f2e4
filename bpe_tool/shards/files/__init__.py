"""The files of one shard: how they are written, and how their numbers are read."""
