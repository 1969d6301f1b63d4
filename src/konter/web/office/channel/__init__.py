"""The channel: outlets, partners, areas, applications, conflicts, reviews, visits and lost phones."""
