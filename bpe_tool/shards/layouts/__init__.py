"""How the ids of a shard are laid out in files, one layout a file; `registry` lists them."""
