"""What the record keeps of other people's feeds: sources, runs, what people decided of them, and how true each fact is.

`ingest` acts on these rows and `web` shows and writes them; neither imports the other.
"""
