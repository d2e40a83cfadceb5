"""Where conversations are kept: the tracker store, its database, retention, backups, counts."""
