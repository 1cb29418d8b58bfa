"""The frame: settings, the root of the addresses, and the WSGI application."""
