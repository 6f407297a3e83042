"""The functions of the template, run in this process as Lambda would run them.

Each function has one worker thread: like one warm execution environment, which serves one event at
a time and keeps its module state (Powertools' resolvers hold the current event in theirs). Events
and results pass through JSON, so nothing gets by that Lambda would not let pass.
"""

from __future__ import annotations

import concurrent.futures
import importlib
import json
import os
import time
import traceback
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.template import Function, Template

Handler = Callable[[Any, Any], Any]


class FunctionFailed(Exception):
    """The handler raised, or answered something that is no JSON; the text is the error's."""


class FunctionTimedOut(Exception):
    """The handler did not answer within the template's timeout."""


class UnknownFunction(LookupError):
    """No function of the template has this name."""


@dataclass(frozen=True)
class Context:
    """What a handler may ask about its invocation; names as in Lambda's Python runtime."""

    function_name: str
    memory_limit_in_mb: int
    invoked_function_arn: str
    deadline: float
    log_group_name: str
    function_version: str = "$LATEST"
    log_stream_name: str = "local"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time.monotonic()) * 1000))


def load_handler(function: Function) -> Handler:
    """Imports `package.module.lambda_handler`."""
    module, name = function.handler.rsplit(".", 1)
    handler: Handler = getattr(importlib.import_module(module), name)
    return handler


def enter_environment(environments: Mapping[str, Mapping[str, str]]) -> None:
    """Sets os.environ for all functions at once; raises ValueError where two of them disagree.

    They share a process here, so a variable must mean the same to each. Powertools' own names are
    exempt: they only label log lines.
    """
    merged: dict[str, str] = {}
    for function, variables in environments.items():
        for name, value in variables.items():
            if merged.setdefault(name, value) != value and not name.startswith("POWERTOOLS_"):
                raise ValueError(f"{name} of {function} is {value!r}, elsewhere {merged[name]!r}")
    os.environ.update(merged)


@dataclass
class _Environment:
    function: Function
    arn: str
    handler: Handler
    worker: concurrent.futures.ThreadPoolExecutor

    def run(self, event: Any) -> str:
        context = Context(
            function_name=self.function.name,
            memory_limit_in_mb=self.function.memory,
            invoked_function_arn=self.arn,
            deadline=time.monotonic() + self.function.timeout,
            log_group_name=f"/aws/lambda/{self.function.name}",
        )
        return json.dumps(self.handler(json.loads(json.dumps(event)), context))


class Functions:
    """All functions, by their package's name ("send_mail").

    `report` gets a line for each failed invocation, with its traceback.
    """

    def __init__(
        self,
        template: Template,
        report: Callable[[str], None],
        load: Callable[[Function], Handler] = load_handler,
    ) -> None:
        self._report = report
        self._environments = {
            function.package: _Environment(
                function,
                str(template.resolve({"Fn::GetAtt": [function.name, "Arn"]})),
                load(function),
                concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix=function.package),
            )
            for function in template.functions()
        }

    def names(self) -> list[str]:
        return list(self._environments)

    def start(self, package: str, event: Any) -> concurrent.futures.Future[str]:
        """The invocation as a future of its JSON result; for callers that must not block."""
        if package not in self._environments:
            raise UnknownFunction(package)
        environment = self._environments[package]
        return environment.worker.submit(environment.run, event)

    def timeout(self, package: str) -> int:
        return self._environments[package].function.timeout

    def result(self, package: str, future: concurrent.futures.Future[str]) -> Any:
        """The result of a finished invocation; raises FunctionFailed in place of its error."""
        error = future.exception()
        if error is None:
            return json.loads(future.result())
        lines = "".join(traceback.format_exception(error))
        self._report(f"{package} failed:\n{lines}")
        raise FunctionFailed(f"{type(error).__name__}: {error}") from error

    def invoke(self, package: str, event: Any) -> Any:
        """Runs a function and waits; raises FunctionFailed, FunctionTimedOut, UnknownFunction."""
        future = self.start(package, event)
        done, _ = concurrent.futures.wait([future], timeout=self.timeout(package))
        if not done:
            self._report(f"{package} timed out after {self.timeout(package)} s")
            raise FunctionTimedOut(package)
        return self.result(package, future)

    def close(self) -> None:
        """Lets running invocations finish and takes no more."""
        for environment in self._environments.values():
            environment.worker.shutdown(wait=True, cancel_futures=True)
