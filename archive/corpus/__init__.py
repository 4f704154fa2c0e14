"""Frozen corpora: what a query finds, in a folder that another person can verify and open again."""
