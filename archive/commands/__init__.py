"""The commands of `python -m archive`, by what they are for."""
