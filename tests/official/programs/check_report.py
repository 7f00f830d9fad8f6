"""The client tree as the official client builds it, which must be the same each time."""

from connect import connected, show


def tree(client):
    kind = type(client)
    return {
        "class": f"{kind.__module__}.{kind.__name__}",
        "uuid": str(client.uuid),
        "labels": dict(client.labels),
        "description": client.description,
        "methods": dict(client.methods_description),
        "children": {name: tree(child) for name, child in client.children.items()},
    }


with connected() as first, connected() as second:
    assert tree(first) == tree(second)
    show(tree(first))
