"""The contact's API with every route, for its document."""

from __future__ import annotations

from customer_api.app import app as app
from customer_api.app import include_all

include_all()
