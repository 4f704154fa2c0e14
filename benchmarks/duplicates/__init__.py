"""Near duplicates: quality beside exact hashes, SimHash and MinHash on stated edits; cost up to a million articles."""
