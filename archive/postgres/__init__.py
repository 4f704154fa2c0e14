"""The archive on PostgreSQL: the same tables, columns and classes as on SQLite, for an archive of many writers and readers.

`Archive("postgresql://user@host/database?folder=/srv/kiosque")` opens one.
"""

from __future__ import annotations

from archive.postgres.place import Place, Where, address, folder_at, place_of, shown

__all__ = ["Place", "Where", "address", "folder_at", "place_of", "shown"]
