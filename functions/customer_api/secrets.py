"""Secrets in bodies: links, codes and passwords as they are typed or pasted."""

from __future__ import annotations

from typing import Annotated

from meterportal.http import SINGLE_LIMIT
from pydantic import Field

Token = Annotated[str, Field(max_length=SINGLE_LIMIT)]
"""What stands behind #t= or #p=. A link that is far too long is told what every broken one is told."""

Code = Annotated[str, Field(max_length=100)]

Password = Annotated[str, Field(max_length=1_024)]
"""Four times what a password may have: normalisation may join characters."""
