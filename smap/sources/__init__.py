"""Reading: one file for each kind of source; each yields records in our own words."""
