"""What editors write: records, their revisions, accounts, search, import, export and snapshots."""
