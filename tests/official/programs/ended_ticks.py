"""How many streaming calls have ended in the driver."""

from connect import connected, show

with connected() as client:
    show(client.faults.call("ended"))
