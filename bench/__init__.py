"""The benchmark: Konter beside one stored procedure per transaction, on the same PostgreSQL. See docs/howto/measure.md.

A group of figures is one module with KEY, TITLE, `cases` (what is run, once a round) and `ratios` (what comes of it).
"""
