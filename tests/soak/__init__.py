"""The soak: weeks in an hour, with faults and kills, and an archive that must agree with the newsroom at the end."""
