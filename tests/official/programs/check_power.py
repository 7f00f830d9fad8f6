"""A power switch through its official client."""

from connect import connected, show

with connected() as client:
    power = client.power
    assert power.call("on") is None
    power.on()
    power.off()
    power.cycle(wait=0)
    readings = list(power.read())
    assert [type(value) for reading in readings for value in (reading.voltage, reading.current)] == [float] * 4
    # A reader that stops early must not disturb the next one.
    for _ in range(5):
        assert next(power.read()).voltage == 0.0
    assert list(client.reference.read()) == list(client.group.inner.read()) == readings
    show([(reading.voltage, reading.current) for reading in readings])
