"""`konter demo | serve | worker | migrate | check-books | reconcile | catalogue | rules | clock`."""
