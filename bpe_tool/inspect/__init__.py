"""Looking into vocabularies, and at what they do to text.

Each kind of report is a value with a module of its own that computes it. What is shown of
it is a list of blocks (`view`), which terminals (`bpe_tool.console`) and pages (`html`)
render alike; as JSON it is written by its fields (`report`).
"""
