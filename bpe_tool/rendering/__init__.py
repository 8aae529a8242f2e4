"""Shows things: reports as blocks, on a terminal or as an HTML page; any text, escaped."""
