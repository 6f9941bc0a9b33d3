"""The command line: one verb, one file; a verb imports its rooms only when it runs."""
