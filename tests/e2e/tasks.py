"""What staff do in a month, and the tests that carry each task to its end in a browser.

`tests/unit/pages/test_staff_tasks.py` holds the list to tests that exist: one that looks at the other side
(the API, a mail, the export), and one in which the page is loaded anew and the server fails in the middle.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StaffTask:
    """`done` and `stumbles` are file::function; `stumbles` is the one with the failing server."""

    name: str
    done: str
    stumbles: str


TASKS = (
    StaffTask("import", "test_console_exchange::test_a_dry_run_is_looked_through_and_taken_over_with_the_file_already_there", "test_console_exchange::test_a_server_that_fails_costs_another_press_and_nothing_else"),
    StaffTask("make ready", "test_console_request::test_the_parts_of_the_equation_add_up_and_rights_are_given_in_place", "test_console_stumbles::test_portal_ready_and_the_request"),
    StaffTask("mend an address", "test_console_people::test_an_address_is_mended_in_its_row_and_the_erp_has_to_learn_it", "test_console_people::test_a_failing_server_and_a_newer_state_cost_nothing_that_was_typed"),
    StaffTask("request", "test_console_request::test_the_real_mail_is_read_tried_at_oneself_and_sent", "test_console_stumbles::test_portal_ready_and_the_request"),
    StaffTask("resend", "test_console_links::test_a_revoked_person_gets_a_link_that_opens_while_the_earlier_one_does_not", "test_console_links::test_w_sends_a_link_that_opens_beside_the_earlier_one"),
    StaffTask("bounce and lift", "test_console_people::test_a_blocked_address_is_lifted_by_key_and_gets_mail_again", "test_console_stumbles::test_a_bounce_is_lifted"),
    StaffTask("phone entry", "test_console_request::test_a_call_takes_its_values_in_place_and_leaves_the_list", "test_console_stumbles::test_a_value_by_phone"),
    StaffTask("conspicuous value by key", "test_console_review::test_a_value_is_accepted_by_one_key_for_the_next_run", "test_console_decisions::test_a_failing_server_decides_nothing_and_the_key_works_again"),
    StaffTask("ask back", "test_console_decisions::test_the_customer_is_asked_by_one_key_and_answers_in_the_portal", "test_console_stumbles::test_a_customer_is_asked_back"),
    StaffTask("estimate the missing", "test_console_acts::test_what_is_missing_is_estimated_by_choice", "test_console_stumbles::test_what_is_missing_is_estimated"),
    StaffTask("replacement", "test_console_replacement::test_a_machine_is_replaced_from_its_page_to_the_export", "test_console_replacement::test_a_mistaken_replacement_is_taken_back_though_the_server_fails"),
    StaffTask("reset", "test_console_acts::test_a_board_swap_is_entered", "test_console_stumbles::test_a_counter_is_reset"),
    StaffTask("release", "test_console_review::test_what_is_plausible_is_released_in_two_presses", "test_console_stumbles::test_what_is_plausible_is_released"),
    StaffTask("correct after release", "test_console_acts::test_an_exported_value_is_corrected", "test_console_stumbles::test_a_released_value_is_corrected_after_its_export"),
    StaffTask("export", "test_month::test_a_month_from_the_export_to_billed_readings", "test_console_stumbles::test_what_is_released_is_exported_once"),
    StaffTask("acknowledge line by line", "test_console_exchange::test_an_export_is_acknowledged_line_by_line_and_the_rest_in_three_clicks", "test_console_exchange::test_an_export_is_acknowledged_line_by_line_and_the_rest_in_three_clicks"),
    StaffTask("statistics", "test_console_statistics::test_the_month_s_statistics_say_what_the_api_counts", "test_console_statistics::test_statistics_that_do_not_come_are_told_and_come_again"),
    StaffTask("audit", "test_console_journal::test_an_entry_says_who_did_what_on_what_before_and_after_and_opens_in_place", "test_console_journal::test_a_failing_server_is_told_and_the_list_goes_on_where_it_was"),
)  # fmt: skip
