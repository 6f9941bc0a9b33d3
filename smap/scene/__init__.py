"""The city as records, free of every file format."""
