"""Konter runs the business of a mobile operator from the outlet's phone to the ledger."""

__version__ = "0.1.0"
