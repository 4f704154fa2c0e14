"""The columns of the full-text index, in its order."""

COLUMNS = ("title", "text", "title_folded", "text_folded")
