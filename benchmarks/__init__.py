"""What is claimed about clonecheck, measured; see README.md here."""
