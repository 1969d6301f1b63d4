"""What the staff office and the partner console share: frame, tables, things with their story, log-in, errors."""
