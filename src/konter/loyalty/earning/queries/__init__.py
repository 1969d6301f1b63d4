"""All SQL of earning, by what it serves: what months and bills come to, the grants, and the record of runs."""
