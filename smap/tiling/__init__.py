"""Which goes where: trees of tiles, levels of detail and their measured errors. No bytes, no files."""
