"""The kernel kpss as the server of JupyterLab starts, interrupts, restarts and ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import find_kernel_specs
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from kpsslib.kernels.shared import shared
from tests.kernels.conftest import SECONDS, gone

pytestmark = pytest.mark.filterwarnings("default")  # jupyter_client's own loops warn when they end


@pytest.fixture(scope="module", autouse=True)
def _installed():
    if "kpss" not in find_kernel_specs():
        pytest.skip("the kernel kpss is installed together with the package: pip install -e .")
    yield
    shared().stop()


@pytest.fixture
def folder(tmp_path):
    """Where JupyterLab was started, with a page in a folder below."""
    (tmp_path / "notebooks").mkdir()
    return tmp_path


@asynccontextmanager
async def started(folder) -> AsyncIterator[tuple[AsyncMappingKernelManager, str, AsyncKernelClient]]:
    """The server's manager with a kernel for a page in the folder `notebooks`, and who talks to it as the browser."""
    manager = AsyncMappingKernelManager(root_dir=str(folder))
    number = await manager.start_kernel(kernel_name="kpss", path="notebooks")
    client = manager.get_kernel(number).client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=SECONDS)
        yield manager, number, client
    finally:
        client.stop_channels()
        if number in manager:
            await manager.shutdown_kernel(number, now=True)


async def value(client: AsyncKernelClient, expression: str) -> str:
    reply = await client.execute("", user_expressions={"x": expression}, reply=True, timeout=SECONDS)
    return reply["content"]["user_expressions"]["x"]["data"]["text/plain"]


async def interrupted(manager: AsyncMappingKernelManager, number: str, client: AsyncKernelClient) -> str:
    """Interrupt a cell that runs; what it ended with."""
    asked = client.execute("kept = 1\nprint('begun')\nimport time\ntime.sleep(60)")
    while (await client.get_iopub_msg(timeout=SECONDS))["msg_type"] != "stream":
        pass
    await manager.interrupt_kernel(number)
    reply = await client.get_shell_msg(timeout=SECONDS)
    assert reply["parent_header"]["msg_id"] == asked
    return reply["content"]["ename"]


def test_a_kernel_is_started_interrupted_restarted_and_shut_down(folder):
    async def live() -> None:
        async with started(folder) as (manager, number, client):
            process = manager.get_kernel(number).provisioner.process
            assert type(process).__module__ == "kpsslib.kernels.provisioner"  # and not an ordinary one
            assert await value(client, "__import__('os').getcwd()") == repr(str(folder / "notebooks"))
            first = int(await value(client, "__import__('os').getpid()"))
            assert await interrupted(manager, number, client) == "KeyboardInterrupt"
            assert await value(client, "kept") == "1"
            await manager.restart_kernel(number)
            await client.wait_for_ready(timeout=SECONDS)
            second = int(await value(client, "__import__('os').getpid()"))
            assert gone(first)
            assert await value(client, "'kept' in globals()") == "False"
            assert manager.kernel_model(number)["name"] == "kpss"
            await manager.shutdown_kernel(number)
            assert gone(second)
            assert manager.list_kernels() == []

    asyncio.run(live())
