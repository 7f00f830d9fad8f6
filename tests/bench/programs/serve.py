"""Serves a config with the official exporter, without a controller, at the socket path given."""

import os
import signal
import sys
from pathlib import Path

from jumpstarter.config.exporter import ExporterConfigV1Alpha1

config, wanted = sys.argv[1:]
# Raises in the main thread, so that the session closes.
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
with ExporterConfigV1Alpha1.load_path(Path(config)).serve_unix() as path:
    # The package chooses its own path, so this makes a symbolic link to it.
    os.symlink(path, wanted)
    signal.pause()
