"""A throwaway certificate authority, and a certificate of a server of this machine."""

from pathlib import Path

import trustme


def certificates(folder: Path) -> Path:
    """A folder with ``server.key``, ``server.pem``, and ``ca.pem`` that vouches for them."""
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1", "localhost")
    folder.mkdir()
    server.private_key_pem.write_to_path(str(folder / "server.key"))
    for pem in server.cert_chain_pems:
        pem.write_to_path(str(folder / "server.pem"), append=True)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    return folder
