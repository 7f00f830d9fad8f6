"""Shows what drivers tell of their configs, and what a stand-in of probe-rs answers."""

from connect import connected, show

with connected() as client:
    show(
        {
            "probe": client.probe.info(),
            "memory": client.probe.read(32, 0x1000, 2),
            "ssh": client.ssh.username,
            "vnc": client.vnc.get_default_encrypt(),
            "uboot": client.uboot.prompt,
        }
    )
