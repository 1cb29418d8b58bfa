"""A random walk over everything that editors, files and readers do at once, and what must hold at every step.

docs/walker.md lists what must hold, and says how to run it for as long as you like.
"""
