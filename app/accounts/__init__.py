"""The index of known accounts: import, retrieval by blocking keys, lookup and erasure."""
