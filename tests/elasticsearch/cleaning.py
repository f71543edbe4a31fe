"""Takes a test's indices away again, and nothing else that is behind the address."""

import httpx

from directory.search.elastic_client import Server


def clean(server: Server) -> None:
    """Deletes every index whose name begins with this server's own prefix."""
    assert server.index.startswith("waymark-test-")
    with httpx.Client(base_url=server.address, auth=server.login(), timeout=30) as client:
        for name in client.get(f"/{server.index}-v*/_alias").json():
            if name.startswith(server.index):
                client.delete(f"/{name}")
