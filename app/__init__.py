"""The clonecheck service: an HTTP API and a command line around the judgement in `matchers`."""

__version__ = "0.1.0"
