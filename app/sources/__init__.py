"""What can be asked for accounts: one file a source, one contract for all (`contract.py`)."""
