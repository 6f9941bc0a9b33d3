"""The pipeline: from a recipe to an archive of tiles with its manifest and report."""
