"""Going back in time: what a source published before it was watched, from its own listings and from archives."""
