"""A number as staff see it, its points too."""
