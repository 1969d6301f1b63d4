"""All SQL of numbers, by what it serves. Rows keyed by a number stand in its cell."""
