"""The child: builds the drivers of one lease and serves them until the exporter says close."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
from typing import Any

import anyio
from jumpstarter.common import ExporterStatus

from . import packages
from .build import Builder
from .control import Control
from .logs import Records
from .streams import HostedSession
from .tree import OnStep, Tree

logger = logging.getLogger("jmp")


def serve_lease(folder: str, notes: list[str]) -> int:
    """Serves until the end of the lease. Returns the exit code."""
    control = Control(f"{folder}/control")
    request = control.request()
    records = Records(control)
    records.install()
    for note in notes:
        logger.warning(note)
    packages.refused.update(request.get("refused") or {})
    anyio.run(_serve, folder, request, control, records)
    return 0


async def _serve(folder: str, request: dict[str, Any], control: Control, records: Records) -> None:
    def on_step(step: str, path: str) -> None:
        control.tell({"step": step, "path": path})

    tree, builder = _build(request, records, on_step)
    tree.rows()  # leaves out what refers to nothing, and finds the drivers of others
    records.adopt(tree.drivers())
    tree.reset(on_step)
    rows = tree.rows()
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    with HostedSession(root_device=tree.root) as session:
        session.update_status(ExporterStatus.LEASE_READY)
        async with session.serve_port_async(f"unix://{folder}/serve"):
            os.chmod(f"{folder}/serve", 0o600)
            control.on_end(lambda: loop.call_soon_threadsafe(ended.set))
            dropped = {".".join(path): problem for path, problem in builder.problems.items()}
            control.send({"rows": rows, "problems": dropped})
            await ended.wait()
        tree.close(on_step, logger)
    control.flush()
    _end()


def _build(request: dict[str, Any], records: Records, on_step: OnStep) -> tuple[Tree, Builder]:
    """As officially, on the running event loop."""
    link: Any = None

    def stand_in(item: dict[str, Any]) -> Any:
        nonlocal link
        from .standin import Link, StandIn

        link = link or Link(request["parentSocket"])
        return StandIn().bind(link, item.get("config") or {}, item.get("client"))

    def on_build(path: str | None) -> None:
        records.building = path
        if path is not None:
            on_step("make", path)

    builder = Builder(request, stand_in)
    builder.on_build = on_build
    builder.build_all()
    on_build(None)
    return Tree(builder, request), builder


def _end() -> None:
    """Ends the process after what drivers have registered; threads of calls may never end."""
    run = getattr(atexit, "_run_exitfuncs", lambda: None)
    run()
    os._exit(0)
