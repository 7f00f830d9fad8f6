"""Uses an exporter until the lease is taken away, which must end the connection and not hang."""

import time

from connect import connected, show

SECONDS = 60

with connected() as client:
    client.power.on()
    show("leased")
    deadline = time.monotonic() + SECONDS
    while True:
        assert time.monotonic() < deadline, "the client still has the exporter"
        try:
            client.power.on()
        except Exception as error:
            show({"class": type(error).__name__})
            break
        time.sleep(0.1)
