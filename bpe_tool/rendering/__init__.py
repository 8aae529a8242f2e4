"""How anything is shown: blocks of a report, on a terminal or as a page."""
