"""Whose request it is when a proxy stands before the server."""


def client_address(peer: str, forwarded_for: str, trusted: str) -> str:
    """The caller's address: the peer's, unless the peer is one of the `trusted` proxies (comma-separated).

    Then it is the last address of `X-Forwarded-For` that is no trusted proxy: what stands before that one was written
    by the caller, who may write anything.
    """
    proxies = {address.strip() for address in trusted.split(",") if address.strip()}
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    address = peer
    while address in proxies and hops:
        address = hops.pop()
    return address
