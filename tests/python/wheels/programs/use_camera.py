"""Takes a picture with uStreamer, which shows one of its own where no camera is."""

from connect import connected, show

with connected() as client:
    state = client.ustreamer.state()
    show({"ok": state.ok, "size": client.ustreamer.snapshot().size})
