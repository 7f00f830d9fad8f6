"""Says that the session is over, as `jmp shell` does, and waits to be told so."""

from connect import connected, show
from jumpstarter.common import ExporterStatus

SECONDS = 60


async def end(client):
    before = await client.get_status_async()
    assert await client.end_session_async()
    assert await client.wait_for_hook_status(ExporterStatus.AVAILABLE, SECONDS)
    # A client that has said goodbye may still read; and a second goodbye does no harm.
    await client.power.call_async("on")
    assert await client.end_session_async()
    return before.name


with connected() as client:
    show(client.portal.call(end, client))
