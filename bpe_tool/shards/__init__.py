"""Ids on disk for training: directories of shards, in the forms that trainers read."""
