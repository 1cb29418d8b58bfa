"""Content files <-> desk, by a three-way merge: neither overwrites the other.

labels: what people write -> files. parsing: bytes -> objects. formats: objects <-> entries. reading: what the files
say. merging: one entry of a file with the same one on the desk. planning: what a reload would do, without writing.
loading: doing it. exporting: the desk back to files. comments: those that people put into them. writing: files that
only change as they were when they were compared.
"""
