"""The one app: what is known about the face, how it is edited, published and read."""
