"""Hosts drivers of the official Python packages for the exporter, which writes these files to a
private folder.

Three kinds of process: the host (`host.py`) imports drivers once and forks; a keeper (`keeper.py`)
stands above each child and leaves nothing of it behind; the child (`child.py`) builds the drivers
of one lease and serves them. No name of this package may collide with one that a driver imports.
"""
