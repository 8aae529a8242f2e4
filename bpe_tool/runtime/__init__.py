"""The process: signals such as Ctrl-C, lack of memory, threads and their pools."""
