"""Calls methods of the shell driver, with arguments, an environment and an exit code."""

import contextlib
import io

from connect import connected, show

with connected() as client, contextlib.redirect_stdout(io.StringIO()) as printed:
    code = client.shell.greet("you", GREETING="hello")
show({"printed": printed.getvalue(), "code": code})
