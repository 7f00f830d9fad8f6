"""Starts the host: `python start.py PID`, where PID is the exporter's process."""

import os
import sys

if __name__ == "__main__":
    folder, parent = os.path.dirname(os.path.abspath(__file__)), int(sys.argv[1])
    # Drivers must not find files of this folder under names of their own.
    if not sys.flags.safe_path:
        sys.path.pop(0)
    sys.path.insert(0, folder)
    from jmp_python_host.host import main

    sys.path.remove(folder)
    sys.argv = ["jmp"]
    del __file__  # new interpreters of multiprocessing would run it again
    main(parent, folder)
