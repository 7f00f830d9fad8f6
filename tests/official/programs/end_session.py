"""Ends the session as `jmp shell` does, and waits for the confirmation."""

from connect import connected, show
from jumpstarter.common import ExporterStatus

SECONDS = 60


async def end(client):
    before = await client.get_status_async()
    assert await client.end_session_async()
    assert await client.wait_for_hook_status(ExporterStatus.AVAILABLE, SECONDS)
    # A client may still read after EndSession, and call it again.
    await client.power.call_async("on")
    assert await client.end_session_async()
    return before.name


with connected() as client:
    show(client.portal.call(end, client))
