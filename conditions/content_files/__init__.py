"""Content files <-> desk, by a three-way merge: neither overwrites the other.

formats: files <-> entries. reading: what the files say. merging: one entry of a file with the same one on the desk.
planning: what a reload would do, without writing. loading: doing it. exporting: the desk back to files.
"""
