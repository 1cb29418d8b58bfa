"""The core under faults: killed processes, crowds, broken files, lost databases, random input.

Real processes on databases of their own; nothing here uses pytest-django's test database but the fuzzing.
"""
