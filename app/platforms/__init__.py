"""The catalogue of platforms, and the way from a profile address to an identity and back."""
