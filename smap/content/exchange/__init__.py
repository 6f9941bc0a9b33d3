"""Content in and out: reading files, importing them, writing files."""
