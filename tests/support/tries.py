"""A test that runs again begins where its first try began, not where that one stopped."""

from __future__ import annotations

import pytest
import pytest_rerunfailures


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Everything that lives as long as the session ends before another try: what is set up next is
    new, so that nothing half done (a value accepted, a person half erased) decides the next try.

    The plugin that runs tests again has laid aside what ends the session's fixtures. It is asked
    for by a name of its inside, as pytest is: both are pinned, and unit/local/test_tries.py holds it.
    """
    if getattr(item, "execution_count", 1) > 1:
        pytest_rerunfailures._restore_suspended_finalizers(item)
        item.session._setupstate.teardown_exact(None)
