"""Who may come in: staff, machines, sessions, the blacklist, and what takes two pairs of eyes."""
