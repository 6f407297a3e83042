"""What a contact can do in the page, and the tests that carry it to its end in a browser.

Kept true by `tests/unit/pages/test_portal_flows.py` (every route of the contact's API and every screen of the
page is in a flow, every test exists and looks at the other side) and by the browsers of the tests
themselves: each notes what it asks the API, and a test that does not ask what its flow says fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CHECK = "POST /api/machines/{machine_id}/check"
DOOR = "GET /api/door"
HELP = "GET /api/machines/{machine_id}/help"
HISTORY = "GET /api/machines/{machine_id}/history"
LINKS = "POST /api/links"
OPEN = "POST /api/session"
PHOTO = "POST /api/machines/{machine_id}/photos"
PROBLEM = "POST /api/machines/{machine_id}/problems"
SHEET = "POST /api/fleet"
STORE = "PUT /api/machines/{machine_id}/readings"
TURN = "PUT /api/session/company"
WITHDRAW = "DELETE /api/machines/{machine_id}/problems/{problem_id}"
SPOKEN = "PUT /api/session/language"


@dataclass(frozen=True)
class Flow:
    """`test` is file::function. `routes` is what its browsers ask at least; `screen` the page's module
    beside the overview, if any. `looks_at` is a piece of the test's text that looks at the other
    side: the staff's lists, mails, the API past the page; "" for flows that only show something.
    """

    name: str
    test: str
    routes: tuple[str, ...] = ()
    screen: str = ""
    looks_at: str = ""


STAFF, STAFF_API, MAIL, API = "seen_by_staff", "application.staff", "sent_after", "request."

FLOWS = (
    # ways in
    Flow("door", "test_portal_doors::test_nothing_happens_before_the_click_and_a_known_device_goes_on_by_itself", (DOOR, OPEN)),
    Flow("damaged link", "test_portal_doors::test_a_link_damaged_on_its_way_opens_after_the_click", (OPEN,)),
    Flow("dead link, new link", "test_portal_doors::test_whoever_has_a_cut_link_gets_a_new_one_at_the_address_on_file", (OPEN, LINKS), looks_at=MAIL),
    Flow("expired link, new link", "test_portal_doors::test_a_link_past_its_end_says_so_and_offers_a_new_one", (OPEN, LINKS), looks_at=MAIL),
    Flow("login by code", "test_portal_account_ways::test_the_code_of_the_mail_opens_the_machines_by_keys_alone", (OPEN,)),
    Flow("login that fails, new link", "test_portal_ways_on::test_whoever_cannot_log_in_is_led_to_a_new_link", (OPEN, LINKS), looks_at=MAIL),
    Flow("password by mail, and login by it", "test_portal_password::test_a_password_comes_by_mail_and_opens_the_machines_after_logging_out", ("POST /api/password/mail", "PUT /api/password", OPEN), screen="account", looks_at="mailed(application"),
    Flow("cookies off", "test_portal_ways_on::test_a_browser_with_cookies_off_says_why_at_once", (OPEN, "GET /api/session")),
    Flow("session over, open again", "test_portal_account_ways::test_a_session_that_ends_while_typing_gives_back_what_was_typed", (OPEN,), looks_at=API),
    Flow("log out", "test_portal_other_side::test_logging_out_ends_the_session_itself", ("DELETE /api/session",), looks_at=API),
    # entry
    Flow("entry, receipt, print", "test_portal_other_side::test_what_is_entered_reaches_the_staff_and_comes_back_as_a_receipt", (STORE,), screen="receipt", looks_at=STAFF),
    Flow("day of reading", "test_portal_not_due::test_a_day_before_the_period_opens_is_refused_at_the_date", (CHECK, STORE)),
    Flow("correction", "test_portal_other_side::test_a_correction_replaces_what_the_staff_see", (STORE,), looks_at=STAFF),
    Flow("doubt and confirmation", "test_portal_other_side::test_a_confirmed_doubt_lies_with_its_reason_among_the_conspicuous", (STORE,), looks_at=STAFF),
    Flow("suggestion", "test_portal_entry::test_one_tap_takes_the_suggestion_or_the_second_one", (CHECK,)),
    Flow("more digits than known", "test_portal_ways_on::test_six_digits_where_the_erp_knows_five_are_confirmed_and_staff_learn_of_it", (STORE,), looks_at=STAFF_API),
    Flow("photo", "test_portal_photo::test_a_photo_taken_in_the_page_lies_in_the_bucket_and_staff_see_it", (PHOTO, STORE), looks_at=STAFF_API),
    Flow("many at once", "test_portal_other_side::test_one_button_sends_what_stands_in_several_machines", ("PUT /api/readings",), looks_at=STAFF),
    Flow("two persons", "test_portal_other_side::test_of_two_persons_the_one_who_overwrites_is_the_one_whom_staff_read", (STORE,), looks_at=STAFF),
    Flow("two tabs", "test_portal_entry::test_two_tabs_see_each_other", (STORE,)),
    Flow("without a network", "test_portal_other_side::test_without_a_network_staff_see_it_once_it_is_back", (STORE,), looks_at=STAFF),
    Flow("not due yet", "test_portal_not_due::test_a_machine_that_is_not_due_yet_stands_apart_with_its_first_day", (STORE,)),
    Flow("released meanwhile", "test_month::test_a_month_from_the_export_to_billed_readings", (STORE,), looks_at="exported"),
    # a machine
    Flow("problem and undo", "test_portal_other_side::test_a_problem_reaches_the_staff_and_is_taken_back", (PROBLEM, WITHDRAW), screen="problem", looks_at=STAFF_API),
    Flow("problem, read all the same", "test_portal_not_due::test_a_machine_with_a_problem_can_be_read_where_there_is_something_to_read", (PROBLEM,), looks_at=STAFF_API),
    Flow("history", "test_portal_other_side::test_history_and_help_show_what_the_api_says", (HISTORY,), screen="history", looks_at=API),
    Flow("help", "test_portal_other_side::test_history_and_help_show_what_the_api_says", (HELP,), screen="help", looks_at=API),
    Flow("all machines", "test_portal_machines::test_all_machines_are_listed_with_their_last_readings", ("GET /api/machines",), screen="machines"),
    # a fleet
    Flow("table by download and upload", "test_portal_other_side::test_a_table_goes_home_and_comes_back_filled_in", ("GET /api/fleet.csv", SHEET), screen="fleet", looks_at=STAFF),
    Flow("workbook with doubts", "test_portal_screens::test_a_fleet_goes_home_on_a_workbook_and_comes_back_in_three_parts", ("GET /api/fleet.xlsx", SHEET)),
    Flow("fleet at a desk", "test_portal_fleet_table::test_what_is_typed_line_by_line_goes_out_with_one_button", ("PUT /api/readings", STORE), looks_at="reported(application"),
    Flow("block of cells", "test_portal_fleet_table::test_a_block_goes_down_and_to_the_right_and_is_taken_back", (SHEET, "PUT /api/readings"), looks_at="reported(application"),
    Flow("parts of a sheet", "test_portal_sheet_result::test_the_parts_add_up_and_what_is_decided_lies_in_the_table", (SHEET, STORE), looks_at="reported(application"),
    Flow("rows to mend", "test_portal_other_side::test_rows_that_are_not_recognised_come_back_as_a_workbook_and_are_handed_in_again", ("POST /api/fleet/rejected.xlsx", SHEET), looks_at=STAFF),
    Flow("pasted cells", "test_portal_other_side::test_pasted_cells_are_looked_at_and_then_stored", (SHEET,), looks_at=STAFF),
    Flow("a second table that fails", "test_portal_other_side::test_a_second_table_that_fails_leaves_nothing_of_the_first", (SHEET,), looks_at=STAFF),
    Flow("pasted column", "test_portal_entry::test_a_pasted_column_fills_the_same_counter_downward"),
    Flow("stickers", "test_portal_screens::test_stickers_lead_back_to_their_machine", ("GET /api/stickers",), screen="stickers"),
    # people and companies
    Flow("successor", "test_portal_screens::test_a_successor_is_named", ("POST /api/successors",), screen="successor", looks_at=STAFF_API),
    Flow("company switch", "test_portal_account_ways::test_one_person_turns_from_company_to_company", (TURN,), looks_at=API),
    Flow("done at all companies", "test_portal_not_due::test_all_is_said_only_when_nothing_is_open_at_any_company", (TURN, "GET /api/session")),
    Flow("two tabs of two companies", "test_portal_ways_on::test_nothing_is_sent_for_the_wrong_company", (TURN,), looks_at=STAFF_API),
    Flow("language", "test_portal_other_side::test_a_chosen_language_is_that_of_the_next_mail", (SPOKEN, STORE), looks_at="mails(application"),
)  # fmt: skip


def known_routes() -> frozenset[str]:
    return frozenset(route for flow in FLOWS for route in flow.routes)


_PATTERNS = {
    route: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(route))) for route in known_routes()
}


def route_of(method: str, path: str) -> str:
    """A request as the flows name it; as it is where none does."""
    asked = f"{method} {path}"
    return next((route for route, pattern in _PATTERNS.items() if pattern.fullmatch(asked)), asked)


def demanded(file: str, function: str) -> frozenset[str]:
    """What the browsers of a test have to ask, by the flows that it carries."""
    named = f"{file}::{function}"
    return frozenset(route for flow in FLOWS if flow.test == named for route in flow.routes)
