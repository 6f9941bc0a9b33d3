"""Bytes: one file for each published specification, encode and decode, arrays in and bytes out."""
