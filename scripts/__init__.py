"""Writes the tables and documents that are generated; run as modules from the root of the repository."""
