"""Starts the host: `python start.py PID`, where PID is the exporter's process."""

import sys

if __name__ == "__main__":
    from jmp_python_host.host import main

    # Drivers must not find files of this folder under names of their own.
    folder, parent = sys.path.pop(0), int(sys.argv[1])
    sys.argv = ["jmp"]
    del __file__  # new interpreters of multiprocessing would run it again
    main(parent, folder)
