"""Work that several processes, on any number of machines, share: jobs in the archive's PostgreSQL database."""
