"""The keeper of a child: it leaves nothing behind when the child or the host ends."""

from __future__ import annotations

import faulthandler
import os
import resource
import shutil
import signal
import socket
import tempfile
from typing import Any, Callable, NoReturn

from . import limits, processes

_AWAITED = {processes.END, signal.SIGCHLD}


def fork_keeper(lease: dict[str, Any], forget: Callable[[], None]) -> int:
    """Forks a keeper, which forks the child.

    `lease` has a `folder` with sockets where the exporter listens, a folder for `temporary` files, and
    `limits`; `forget` closes what belongs to the host. Returns the keeper's pid. The keeper removes both
    folders, and ends as the child does: with its exit code, or by its signal.
    """
    host = os.getpid()
    # Blocked before the fork, or a signal could arrive before the keeper waits for it.
    signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    pid = os.fork()
    if pid == 0:
        try:
            forget()
            _keep(host, lease)
        except BaseException as error:
            os.write(2, f"the keeper failed: {error!r}\n".encode())
        finally:
            os._exit(70)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _AWAITED)
    return pid


def _keep(host: int, lease: dict[str, Any]) -> NoReturn:
    folder, bounds = lease["folder"], lease.get("limits") or {}
    processes.set_name("jmp-keeper")
    for number in _AWAITED:
        signal.signal(number, signal.SIG_DFL)
    processes.end_with_parent(host, processes.END)
    processes.adopt_orphans()
    # The exporter sees the end of the output when the keeper has ended, and with it everything.
    try:
        _write_to(f"{folder}/output")
    except OSError:
        os._exit(0)  # the lease ended meanwhile
    group = limits.make_group(bounds)
    keeper = os.getpid()
    child = os.fork()
    if child == 0:
        _become_child(keeper, lease, group)
    ended: list[int] = []

    def on_end(pid: int, status: int) -> None:
        if pid == child:
            ended.append(status)

    while not ended:
        if signal.sigwait(_AWAITED) == processes.END:
            break
        processes.reap_all(on_end)
    processes.kill_all_children(on_end)
    if group:
        group.remove()
    for path in (folder, lease["temporary"]):
        shutil.rmtree(path, ignore_errors=True)
    _end_as(ended[0])


def _write_to(path: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as output:
        output.connect(path)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)


def _become_child(keeper: int, lease: dict[str, Any], group: limits.Group | None) -> NoReturn:
    code = 70
    try:
        os.setsid()
        _handle_signals()
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        processes.end_with_parent(keeper, signal.SIGKILL)
        processes.set_name("jmp-drivers")
        faulthandler.enable(all_threads=False)  # the last lines of a crash tell where
        processes.save_memory()
        # What drivers leave there goes with the lease, even after SIGKILL.
        os.environ["TMPDIR"] = lease["temporary"]
        tempfile.tempdir = None
        notes = limits.apply(lease.get("limits") or {}, group)
        from .child import serve_lease

        code = serve_lease(lease["folder"], notes)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def _handle_signals() -> None:
    """Ignores what the exporter decides about, in this process only: neither in programs that drivers
    run, where an ignored signal would stay ignored, nor in those that they fork."""
    for number in processes.IGNORED:
        signal.signal(number, _ignore)
    # Blocked meanwhile, or a signal could come before its handler is gone.
    os.register_at_fork(before=_block, after_in_parent=_unblock, after_in_child=_restore)


def _ignore(*_: Any) -> None:
    pass


def _block() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, processes.IGNORED)


def _unblock() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, processes.IGNORED)


def _restore() -> None:
    for number in processes.IGNORED:
        if signal.getsignal(number) is _ignore:
            signal.signal(number, signal.SIG_DFL)
    _unblock()


def _end_as(status: int) -> NoReturn:
    """Ends this process as another one, with `status`, has ended."""
    if os.WIFSIGNALED(status):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status))
