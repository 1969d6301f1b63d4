"""The programme of points as pictures, and what other thresholds of tiers would do."""
