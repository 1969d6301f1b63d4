"""The desk of rewards: the catalogue, its files, and merchants."""
