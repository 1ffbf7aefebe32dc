"""The real servers that tests start: one module each, with a context manager that boots, seeds, stops and cleans up.

`make servers` installs what they need into build/servers; nothing of it reaches the user's system. Every server listens
on free ports of this machine only, in a temporary folder of its own, and dies with the block that started it.
"""
