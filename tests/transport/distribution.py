"""Debian's docker-registry with tokens and TLS, which `tests.registries` does not need elsewhere."""

import re
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

from tests.transport.token_service import ISSUER, SERVICE

_READY = re.compile(r"listening on (127\.0\.0\.1:\d+)")
_CONFIG = """\
version: 0.1
log: {{level: info}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}}}
http: {{addr: "127.0.0.1:0", tls: {{certificate: {folder}/server.pem, key: {folder}/server.key}}}}
auth: {{token: {{realm: "{realm}", service: "{service}", issuer: "{issuer}", rootcertbundle: {bundle}}}}}
"""


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """The TLS side of a server with this certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


@contextmanager
def registry_with_tokens(folder: Path, certificate: trustme.LeafCert, bundle: Path, realm: str) -> Iterator[str]:
    """Runs it until the block ends, and gives its host."""
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(folder / "server.pem", append=True)
    certificate.private_key_pem.write_to_path(folder / "server.key")
    config = folder / "config.yml"
    config.write_text(_CONFIG.format(folder=folder, realm=realm, service=SERVICE, issuer=ISSUER, bundle=bundle))
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=output, stderr=subprocess.STDOUT)
    try:
        yield _host(process, log)
    finally:
        process.terminate()
        process.wait(10)


def _host(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(1000):
        if found := _READY.search(log.read_text(errors="replace")):
            return found[1]
        if process.poll() is not None:
            break
        time.sleep(0.01)
    raise RuntimeError(f"docker-registry does not start: {log.read_text(errors='replace')[-2000:]}")
