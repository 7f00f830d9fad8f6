"""Shows the class of each client of the tree, by its path."""

from connect import connected, show


def classes(client, path=""):
    for name, child in client.children.items():
        kind = type(child)
        yield f"{path}{name}", f"{kind.__module__}.{kind.__qualname__}"
        yield from classes(child, f"{path}{name}.")


with connected() as client:
    show(dict(classes(client)))
