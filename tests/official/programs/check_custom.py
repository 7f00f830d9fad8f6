"""The documentation's config: present drivers work, missing ones report it; `reference` is `power`."""

from connect import connected, raised, show


def describe(client):
    return {"client": client.labels["jumpstarter.dev/client"], "uuid": str(client.uuid)}


with connected() as client:
    custom = client.custom
    custom.on()
    with client.serial.pexpect() as session:
        session.sendline("reboot")
        session.expect_exact(b"REBOOT\n", timeout=30)
    show(
        {
            "clients": {name: describe(child) for name, child in client.children.items()},
            "greeting": custom.call("greet", "bench"),
            "reading": [reading.voltage for reading in custom.read()],
            "power": raised(client.power.on),
            "reference": raised(client.reference.on),
            "storage": raised(client.storage.call, "host"),
        }
    )
