"""Rows of an archive from one database to another, as they are: archives moved, months of them as shards."""
