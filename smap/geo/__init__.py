"""The ground rules: ellipsoid, reference systems, geoid, boxes and the tile grid; radians and metres."""
