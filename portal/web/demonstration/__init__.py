"""Pages of a demonstration only: its doors, and its local mailbox."""
