"""Hand-written spiders; one of the same name as a source wins over the catalogue's."""
