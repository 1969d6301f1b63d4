"""Texts from phones to short numbers: kept once, served by whoever owns the number, answered by a text."""
