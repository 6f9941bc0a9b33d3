"""Tests of the editors' own files in content/."""
