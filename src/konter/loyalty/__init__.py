"""Points and tiers: earned from recharges and bills, kept in vintages, spent on rewards."""
