"""The demo: a corpus that the project draws and invents itself, and the run that shows a scan of it."""
