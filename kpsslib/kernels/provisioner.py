"""Warm kernels for whatever starts kernels by jupyter_client: JupyterLab, Voilà, papermill, nbclient, nbval."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from kpsslib.kernels.shared import shared
from kpsslib.kernels.warm import Child, Warm, WarmError
from kpsslib.language import _

_LAUNCHER = "ipykernel_launcher"


class WarmProvisioner(LocalProvisioner):
    """Forks a kernel from the warm process of this one; where that cannot be, starts an ordinary one and says so."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel that the command asks for; the event loop goes on meanwhile."""
        try:
            arguments = _arguments(cmd, kwargs.get("independent"))
            child = await asyncio.to_thread(shared().fork, "kpsslib.kernels.kernel:run_kernel", arguments,
                                            cwd=kwargs.get("cwd"), env=kwargs.get("env"))
        except WarmError as error:
            self.log.warning(_ordinary(error))
            return await super().launch_kernel(cmd, **kwargs)
        self.process = _Process(child)
        self.pid = self.pgid = child.pid  # it leads a group of its own
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info


def _arguments(cmd: list[str], independent: bool | None) -> list[str]:
    """What the kernel is told. Raises WarmError where it cannot be forked."""
    if not Warm.possible():
        raise WarmError(_("this system cannot fork processes"))
    if _LAUNCHER not in cmd or independent:
        raise WarmError(_("the kernel is to be started in another way"))
    return cmd[cmd.index(_LAUNCHER) + 1:]


def _ordinary(error: Exception) -> str:
    return _("An ordinary kernel is started, which takes longer: {reason}", reason=error)


class _Process:
    """A child in the shape of `subprocess.Popen`, as far as the local provisioner asks for it."""

    stdin = stdout = stderr = None

    def __init__(self, child: Child) -> None:
        self.pid, self.poll, self.wait, self.send_signal = child.pid, child.exit_code, child.wait, child.signal
