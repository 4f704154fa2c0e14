"""How large an archive becomes and what it takes to keep it: measured on an archive, and worked out for any number of articles."""
