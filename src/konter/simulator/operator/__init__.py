"""A whole synthetic operator, the same for the same seed: partners, outlets, subscribers, a month of sales."""
