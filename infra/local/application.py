"""The whole application on this machine, from the first line printed to the last process ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import boto3
import uvicorn
from meterportal.files import Files
from meterportal.store.mailing import brands
from meterportal.store.table import Table
from meterportal.usecases.mailing.show_look import show_look

from infra.local import http_api, site
from infra.local.authorizer import pool_keys
from infra.local.exclusive import CannotStart, claim, listen, note_engine
from infra.local.first_start import NotLoaded, load_demo, staff_token
from infra.local.front import Front
from infra.local.functions import Functions, enter_environment
from infra.local.gateway import Gateway, HttpApi
from infra.local.kept_queues import UnreadableQueues
from infra.local.local_pages import Facts, LocalPages
from infra.local.mailbox import Mailbox
from infra.local.ministack import MiniStack, NotStarted
from infra.local.name_server import NameServer
from infra.local.provision import OtherShape, environments, provision, secret_text
from infra.local.pump import Pump, mappings
from infra.local.run_settings import ACCOUNTS, DEMO, PARAMETERS, RunSettings, enter_aws
from infra.local.schedules import Firings, schedules
from infra.local.ses import PATH as SES_PATH
from infra.local.ses import MailEndpoint
from infra.local.smtp_door import SmtpDoor
from infra.local.staff_pool import add_accounts, secret_of
from infra.local.suppression import SuppressionList
from infra.local.template import TEMPLATE, Template

_STARTED = time.monotonic()
_SMTP = 25
"""The door for mail: so many ports above the front's."""


class Ended(Exception):
    """Somebody pressed Ctrl-C, closed the terminal or sent SIGTERM."""


class Ending:
    """Whether somebody did. A plain note: an exception raised in a signal handler may get lost in
    what it interrupts, and a lock taken there may be held by it.
    """

    def __init__(self) -> None:
        self._asked = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True

    def pause(self, seconds: float) -> None:
        """Waits, but not longer than until somebody ends the application: raises Ended then."""
        end = time.monotonic() + seconds
        while not self._asked and time.monotonic() < end:
            time.sleep(0.05)
        if self._asked:
            raise Ended


def say(line: str) -> None:
    """A line for the person at the terminal (functions print into a file), if it is still there."""
    with suppress(OSError):
        print(line, file=sys.__stdout__, flush=True)


def _step(line: str) -> None:
    say(f"[{time.monotonic() - _STARTED:5.1f} s] {line}")


def run(chosen: RunSettings) -> int:
    """Starts everything, serves until a signal, ends everything; returns the exit code."""
    ending = Ending()
    with ExitStack() as running:
        try:
            _Run(chosen, running, ending).start_and_wait()
        except Ended:
            say("")
            _step("Beende … / ending …")
        except (CannotStart, NotStarted, UnreadableQueues) as reason:
            say(str(reason))
            return 1
    _step("Beendet, Daten liegen in / ended, data kept in " + str(chosen.state))
    return 0


class _Run:
    """One life of the application; `running` gets what must be ended, in reverse order.

    Between its steps it looks whether it should end.
    """

    def __init__(self, chosen: RunSettings, running: ExitStack, ending: Ending) -> None:
        self._chosen = chosen
        self._running = running
        self._ending = ending
        self._summary = chosen.state / "demo.json"
        self._ready = False

    def start_and_wait(self) -> NoReturn:
        listening = self._running.enter_context(listen(self._chosen.port))
        lock = self._running.enter_context(claim(self._chosen, _step))
        ministack = MiniStack(self._chosen.state)
        if ministack.taken:
            _step(
                f"Port {ministack.taken} der AWS-Dienste ist belegt, diesmal / "
                f"of the services is taken, this time: {ministack.port}"
            )
        self._running.callback(ministack.stop)
        ministack.start(lock.fileno())
        note_engine(lock, ministack.pid)
        self._done("AWS-Dienste laufen (MiniStack) / services are up")
        self._serve(ministack, listening)
        if self._chosen.demo and not self._summary.exists():
            self._load_demo()
        self._ready = True
        self._greet()
        while ministack.alive():
            self._ending.pause(0.5)
        raise CannotStart(
            f"MiniStack ist ausgefallen / has died: {self._chosen.state}/ministack.log"
        )

    def _done(self, step: str) -> None:
        _step(step)
        self._ending.pause(0)

    def _serve(self, ministack: MiniStack, listening: socket.socket) -> None:
        chosen, url = self._chosen, self._chosen.public_url
        enter_aws(ministack.endpoint, url + SES_PATH)
        self._template = template = Template.read(TEMPLATE, **PARAMETERS)

        def client(service: str) -> Any:
            # Names are provisioned before the front answers: SES directly at MiniStack.
            return boto3.client(service, endpoint_url=ministack.endpoint)

        try:
            provision(template, client, public_url=url)
        except OtherShape:
            raise CannotStart(
                "Die gespeicherten Daten stammen aus einer anderen Fassung: make run FRESH=1\n"
                "The stored data belong to another version: make run FRESH=1"
            ) from None
        cognito = client("cognito-idp")
        self._pool = str(template.resolve({"Ref": "UserPool"}))
        self._client_id = str(template.resolve({"Ref": "UserPoolClient"}))
        self._erp = str(template.resolve({"Ref": "ErpClient"}))
        self._erp_secret = secret_of(cognito, self._pool, self._erp)
        add_accounts(cognito, self._pool, ACCOUNTS)
        self._done("Tabelle, Warteschlangen, Anmeldung aus template.yaml / provisioned")

        settings = environments(template, client, public_url=url)
        enter_environment(settings)
        os.environ["TODAY"] = chosen.today.isoformat()
        name_server = NameServer()
        self._running.callback(name_server.stop)
        os.environ["NAME_SERVER"] = f"127.0.0.1:{name_server.start()}"
        # What functions print is their log, as in CloudWatch.
        sys.stdout = self._running.enter_context((chosen.state / "functions.log").open("a", 1))
        functions = Functions(template, self._report)
        self._running.callback(functions.close)
        self._done(f"{len(functions.names())} Funktionen geladen / functions loaded")

        sqs = client("sqs")
        events = str(template.resolve({"Ref": "MailEventQueue"}))

        suppressed = SuppressionList()

        def publish(event: dict[str, Any]) -> None:
            suppressed.note(event)
            sqs.send_message(QueueUrl=events, MessageBody=json.dumps(event))

        mailbox = Mailbox(chosen.state / "mails")
        mail = MailEndpoint(mailbox, ministack.endpoint, publish, suppressed, template)
        self._running.callback(mail.close)
        self._smtp_port = self._open_for_mail(client)
        pages = LocalPages(
            self._facts,
            mailbox,
            functions,
            schedules(template),
            mappings(template, sqs),
            publish,
        )
        looks = str(template.resolve({"Ref": "SiteBucket"}))
        table = Table(client("dynamodb"), str(template.resolve({"Ref": "Table"})))
        show_look(partial(brands.load, table), Files(client("s3")), looks)
        policies = site.Policies(template)
        api = HttpApi(
            http_api.routes(template),
            functions,
            pool_keys(ministack.endpoint, self._pool),
        )
        gateway = Gateway(
            api,
            {
                name: secret_text(value, client)
                for name, value in site.origin_headers(template).items()
            },
            policies,
        )
        front = Front(
            url,
            ministack.endpoint,
            gateway,
            pages,
            mail,
            name_server,
            policies,
            self._login(),
            PARAMETERS["DealerName"],
            {
                "photos": str(template.resolve({"Ref": "PhotoBucket"})),
                "portfolio": str(template.resolve({"Ref": "PortfolioBucket"})),
                "uploads": str(template.resolve({"Ref": "ImportBucket"})),
            },
            looks,
        )
        self._endpoint = ministack.endpoint
        self._running.callback(_start_server(front, listening))
        self._ask_for_snapshot(sqs)
        firings = Firings(chosen.state / "firings.json")
        pump = Pump(template, functions, client, self._report, firings=firings)
        pump.start()
        self._running.callback(pump.stop)
        self._done(f"Portal, Konsole und Schnittstelle antworten / answering on {url}")

    def _open_for_mail(self, client: Callable[[str], Any]) -> int:
        """The port at which answers are taken: beside the front's own, else any that is free."""
        resolve = self._template.resolve
        door = SmtpDoor(
            PARAMETERS["InboundDomain"],
            str(resolve({"Ref": "InboundBucket"})),
            str(resolve({"Ref": "InboundQueue"})),
            client,
        )
        wanted = self._chosen.port + _SMTP
        self._running.callback(door.stop)
        try:
            return door.start(wanted if wanted < 65536 else 0)
        except OSError:
            return door.start(0)

    def _ask_for_snapshot(self, sqs: Any) -> None:
        """This machine was off at night; and data of an earlier version are taken in by the way."""
        queue = str(self._template.resolve({"Ref": "PortfolioQueue"}))
        asked_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        message = {"schema": 1, "step": "build", "asked_at": asked_at}
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(message))

    def _login(self) -> dict[str, str]:
        """What the console must know to sign somebody in."""
        return {
            "stage": "local",
            "region": self._template.region,
            "user_pool_id": self._pool,
            "client_id": self._client_id,
            "cognito_endpoint": f"{self._chosen.public_url}/_local/cognito",
            "login_url": self._chosen.public_url,
        }

    def _facts(self) -> Facts:
        resolve = self._template.resolve
        return Facts(
            public_url=self._chosen.public_url,
            today=self._chosen.today,
            ready=self._ready,
            accounts=ACCOUNTS,
            cognito={
                "endpoint": f"{self._chosen.public_url}/_local/cognito",
                "client_id": self._client_id,
                "user_pool_id": self._pool,
                "region": self._template.region,
            },
            aws={
                "endpoint": self._endpoint,
                "smtp": f"127.0.0.1:{self._smtp_port}",
                "table": str(resolve({"Ref": "Table"})),
                "import_bucket": str(resolve({"Ref": "ImportBucket"})),
                "export_bucket": str(resolve({"Ref": "ExportBucket"})),
                "photo_bucket": str(resolve({"Ref": "PhotoBucket"})),
                "portfolio_bucket": str(resolve({"Ref": "PortfolioBucket"})),
            },
            erp={
                "client_id": self._erp,
                "client_secret": self._erp_secret,
                "scope": "erp/feed",
                "token_url": f"{self._chosen.public_url}/oauth2/token",
                "feed": f"{self._chosen.public_url}/api/staff/readings/feed",
            },
            summary=_read(self._summary),
        )

    def _load_demo(self) -> None:
        _step("Erster Start: Vorführdaten werden eingelesen / first start: importing demo data …")
        try:
            token = staff_token(self._chosen.public_url, self._client_id, ACCOUNTS[0])
            summary = load_demo(self._chosen.public_url, token, DEMO, self._ending.pause)
        except NotLoaded as reason:
            _step(f"Vorführdaten nicht eingelesen / demo data not loaded: {reason}")
            return
        self._summary.write_text(json.dumps(summary), encoding="utf-8")
        _step(
            "{rows} Zeilen, {accepted} übernommen, {rejected} abgewiesen, {findings} Hinweise / "
            "rows, accepted, rejected, findings".format(**summary)
        )

    def _report(self, line: str) -> None:
        say(line)

    def _greet(self) -> None:
        url = self._chosen.public_url
        _step("Bereit / ready")
        say("")
        say(f"  Hier beginnen / start here   {url}/_local/")
        say(f"  Konsole / console            {url}/staff/")
        say(f"  Posteingang / inbox          {url}/_local/mails")
        say(f"  Portal                       {url}/   (Link aus einer Mail / link from a mail)")
        say(
            f"  Antworten / answers (SMTP)   127.0.0.1:{self._smtp_port}   *@{PARAMETERS['InboundDomain']}"
        )
        say("")
        for account in ACCOUNTS:
            say(f"  {account.username:32} {account.password:28} {', '.join(account.groups)}")
        say("")
        say(f"  Heute / today: {_german(self._chosen.today)}.  Strg-C beendet / Ctrl-C ends it.")


def _german(day: date) -> str:
    return day.strftime("%d.%m.%Y")


def _read(summary: Path) -> dict[str, Any]:
    if not summary.exists():
        return {}
    content: dict[str, Any] = json.loads(summary.read_text(encoding="utf-8"))
    return content


def _start_server(front: Front, listening: socket.socket) -> Callable[[], None]:
    """Serves in a thread of its own; returns what ends it."""
    server = uvicorn.Server(
        uvicorn.Config(
            front.app(),
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,  # nothing stands in front: who claims to pass somebody on lies
            timeout_graceful_shutdown=5,
        )
    )
    thread = threading.Thread(target=server.run, args=([listening],), name="front")
    thread.start()
    while thread.is_alive() and not server.started:
        time.sleep(0.01)

    def stop() -> None:
        server.should_exit = True
        thread.join()

    return stop
