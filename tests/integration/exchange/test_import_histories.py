"""What an import tells the history of a machine: packed, and read as it was told."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.store import keys
from meterportal.store.portfolio import machines
from meterportal.store.writes import Write

from tests.support.erp_exports import FILES, imported
from tests.support.stage import Stage


def test_a_history_of_an_import_is_packed_and_read_as_it_was_told(
    stage: Stage, adapters: Adapters
) -> None:
    imported(stage, FILES)
    (machine,) = machines.find(adapters.table, ["200001"]).values()
    place = keys.history(machine.company_id, machine.id, machine.version)
    row = adapters.table.get(*place)
    assert row is not None
    assert isinstance(row["entries"], bytes)
    (event,) = machines.history_of(adapters.table, machine)
    assert event["event"] == "imported"
    told = [(one["meter_id"], one["read_on"], one["value"]) for one in event["entries"]]
    held = [
        (meter.id, one.read_on.isoformat(), one.value)
        for meter in machine.meters
        for one in meter.history
    ]
    assert sorted(told) == sorted(held)
    assert held

    # As an earlier version left it.
    adapters.table.write(Write(put=row | {"entries": event["entries"]}))
    assert [*machines.history_of(adapters.table, machine)] == [event]
    page = stage.staff("GET", f"/api/staff/machines/{machine.id}")
    assert page.status == 200, page.text
