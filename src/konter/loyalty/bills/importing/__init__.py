"""Bills, their payments and cancellations from CSV files."""
