"""What the layer holds of other people's packages: nothing that no function of ours needs.

A layer comes with every function, and a new environment gets all of it before its first request.
"""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

LEFT_OUT = {
    # What the packages bring for people, installers and compilers.
    "*.dist-info/RECORD": "read by whoever uninstalls",
    "*.dist-info/sboms": "read by people; the wheel that the pin names has it",
    "bin": "programs for a shell",
    "share": "their manual pages",
    "**/*.pyi": "read by type checkers",
    "**/*.c": "source of a library that is compiled",
    "tzdata/zoneinfo/tzdata.zi": "sources of the zones beside them",
    "tzdata/zoneinfo/*.tab": "lists of the zones for people to choose from",
    # Powertools, of which we have routes, logs and batches.
    "aws_lambda_powertools/event_handler/openapi/swagger_ui": "a page that shows an API; ours has its own",
    "aws_lambda_powertools/metrics/provider/datadog": "metrics for Datadog",
    "aws_lambda_powertools/utilities/auth_alpha": "signing in at other services",
    "aws_lambda_powertools/utilities/circuit_breaker": "state of services that fail, kept in a table of its own",
    "aws_lambda_powertools/utilities/data_masking": "fields that are hidden or encrypted; ours are left out of logs",
    "aws_lambda_powertools/utilities/feature_flags": "switches in AppConfig",
    "aws_lambda_powertools/utilities/idempotency": "answers kept by event; ours are decided in the write",
    "aws_lambda_powertools/utilities/kafka": "events of Kafka",
    "aws_lambda_powertools/utilities/parameters": "secrets and parameters, kept for a time; ours are read by meterportal/adapters.py",
    "aws_lambda_powertools/utilities/streaming": "files of S3 as streams",
    "aws_lambda_powertools/utilities/validation": "bodies are checked by pydantic",
    # cryptography, of which we have AES-GCM, Argon2id and HKDF.
    "cffi": "cryptography needs _cffi_backend alone; this makes new bindings",
    "pycparser*": "reads C for cffi",
    "cryptography/fernet.py": "another way to encrypt; ours is AES-GCM",
    "cryptography/hazmat/asn1": "for certificates and keys in files",
    "cryptography/hazmat/primitives/asymmetric": "keys in pairs",
    "cryptography/hazmat/primitives/serialization": "keys in files",
    "cryptography/hazmat/primitives/twofactor": "one-time passwords",
    "cryptography/x509": "certificates",
    # dnspython, of which we have the resolver.
    "dns/dnssec.py": "signatures of zones; a resolver passes on what its server says",
    "dns/dnssecalgs": "signatures of zones",
    "dns/quic/_[!_]*.py": "a transport; ours are UDP and TCP",
    "dns/asyncresolver.py": "for programs with an event loop",
    "dns/_*_backend.py": "for programs with an event loop",
    "dns/btree*.py": "zones of a name server",
    "dns/versioned.py": "zones of a name server",
    "dns/zone.py": "zones of a name server",
    "dns/zonefile.py": "zones of a name server",
    "dns/win32util.py": "asks Windows for its name servers",
    # pydantic, of which we have models of version 2.
    "pydantic/experimental": "what may change without notice",
    "pydantic/mypy.py": "a plugin of a type checker",
    "pydantic/v1": "models of version 1",
    "annotated_types/test_cases.py": "tests",
}
"""Globs from the folder of packages -> why nothing misses what they name. tests/template/test_layer.py proves it.

Licences stay, and the fields of the description by which a scanner knows a package and its version.
"""

_ELF_64 = b"\x7fELF\x02\x01"
"""How a library for Linux on ARM and x86 begins: 64 bits, little-endian."""


def lighten(folder: Path) -> None:
    """Takes what is left out from the packages in `folder`, the long texts from their descriptions, and the symbols
    from their libraries."""
    for pattern in LEFT_OUT:
        for path in [*folder.glob(pattern)]:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    for description in [*folder.glob("*.dist-info/METADATA")]:
        fields, _, _ = description.read_bytes().partition(b"\n\n")
        _replace(description, fields + b"\n")
    for library in [*folder.rglob("*.so*")]:
        _replace(library, without_sections(library.read_bytes()))


def _replace(path: Path, content: bytes) -> None:
    """Another file in its place: an installer may have linked the old one from elsewhere."""
    path.unlink()
    path.write_bytes(content)


def without_sections(library: bytes) -> bytes:
    """A shared library without what is never loaded: symbols for debuggers, and the list of its sections.

    Only segments are loaded; they lie before and stay as they are, with the names that other libraries ask for. The same
    as `llvm-strip --strip-sections`, for any processor. What is no such library comes back as it is.
    """
    if not library.startswith(_ELF_64):
        return library
    (segments,) = struct.unpack_from("<Q", library, 0x20)
    size, count = struct.unpack_from("<HH", library, 0x36)
    ends = [segments + size * count]
    for at in range(segments, segments + size * count, size):
        offset, _, _, length = struct.unpack_from("<QQQQ", library, at + 8)
        ends.append(offset + length)
    lighter = bytearray(library[: max(ends)])
    # No sections: neither where they are listed, nor how long an entry is, how many there are and which holds their names.
    struct.pack_into("<Q", lighter, 0x28, 0)
    struct.pack_into("<HHH", lighter, 0x3A, 0, 0, 0)
    return bytes(lighter)
