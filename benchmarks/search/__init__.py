"""What a reader waits for: every page of the archive's site beside the bare full-text query for the same words."""
