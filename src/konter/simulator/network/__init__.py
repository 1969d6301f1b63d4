"""A charging system as its own process: it delivers what was sold, keeps its own books, and misbehaves on demand."""
