"""What the commands do with streams of records, without the command line."""
