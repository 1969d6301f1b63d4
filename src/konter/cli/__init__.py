"""`konter demo | serve | worker | migrate | check-books | reconcile | catalogue | regions | rules | clock`."""
