"""A Tasmota switch: it takes commands from a broker, and tells its state there."""

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion


def start_tasmota(port):
    """Connects to the broker on 127.0.0.1, and returns when the switch takes commands."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _client, _data, message: client.publish(
        "stat/lab/POWER", message.payload, qos=1, retain=True
    )
    client.connect("127.0.0.1", port)
    client.subscribe("cmnd/lab/POWER", qos=1)
    client.loop_start()
