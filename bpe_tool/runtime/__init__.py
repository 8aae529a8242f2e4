"""How the process lives and ends: signals, want of memory, threads, other processes."""
