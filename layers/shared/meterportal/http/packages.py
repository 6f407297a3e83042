"""Powertools' packages without what no function of ours is called with: GraphQL, agents, load balancers, pipelines.

Two of its packages gather all their modules, and asyncio, archives and compressors with them: a tenth of a
start. Once this module is imported, they import what is asked for; whoever asks for something else gets
the whole package.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import Any

_EVENTS = {
    "ALBEvent": "alb_event",
    "APIGatewayProxyEvent": "api_gateway_proxy_event",
    "APIGatewayProxyEventV2": "api_gateway_proxy_event",
    "BedrockAgentEvent": "bedrock_agent_event",
    "LambdaFunctionUrlEvent": "lambda_function_url_event",
    "VPCLatticeEvent": "vpc_lattice",
    "VPCLatticeEventV2": "vpc_lattice",
}
_RESOLVERS = dict.fromkeys(("ApiGatewayResolver", "Response"), "api_gateway")
"""What the modules of an API's resolver ask the packages for, by the module that has it."""


def _parts_only(name: str, modules: Mapping[str, str]) -> None:
    """Where the package has been imported before, nothing happens."""
    spec = None if name in sys.modules else find_spec(name)
    if spec is None or spec.loader is None:
        return
    loader, package = spec.loader, module_from_spec(spec)

    def asked(attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        if attribute in modules:
            return getattr(import_module(f"{name}.{modules[attribute]}"), attribute)
        if find_spec(f"{name}.{attribute}"):
            return import_module(f"{name}.{attribute}")
        del vars(package)["__getattr__"]
        loader.exec_module(package)
        return getattr(package, attribute)

    vars(package)["__getattr__"] = asked
    sys.modules[name] = package
    parent, _, child = name.rpartition(".")
    setattr(import_module(parent), child, package)


_parts_only("aws_lambda_powertools.utilities.data_classes", _EVENTS)
_parts_only("aws_lambda_powertools.event_handler", _RESOLVERS)
