"""The rule set that receives mail: made by the stack, made the active one here.

An account has one active rule set per region, and CloudFormation cannot choose it. Another one that is
active belongs to somebody (WorkMail, for example), whose mail would stop: then nothing is changed, and
the words say what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class WrongDomain(ValueError):
    """Mail would arrive at the domain from which mails are sent; the text says what to choose."""


def check_domain(parameters: Mapping[str, str]) -> None:
    """Raises WrongDomain where the domain of answers is that of the sender or of the dealer's answers: its
    MX record would take all their mail away."""
    domain = parameters.get("InboundDomain", "").lower()
    for name in ("SenderAddress", "ReplyTo"):
        if domain and parameters.get(name, "").lower().rpartition("@")[2] == domain:
            raise WrongDomain(
                f"InboundDomain {domain} is the domain of {name}: its mail would arrive here from then on. "
                f"Choose a subdomain of its own, such as zaehler.{domain}."
            )


def activate(ses: Any, outputs: Mapping[str, str]) -> str:
    """Makes the stack's rule set the active one where none is; what was done or is to be done, in words.
    "" where nothing is received."""
    name = outputs.get("InboundRuleSetName")
    if not name:
        return ""
    active = ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
    if active is None:
        ses.set_active_receipt_rule_set(RuleSetName=name)
        active = name
    if active == name:
        return f"Mail is received. MX record of the domain: {outputs['InboundMx']}"
    return (
        f"Mail is NOT received: the rule set {active} is active in this region, and there can be one only. "
        f"Either add the rule of {name} to it, or, if nobody needs it: "
        f"aws ses set-active-receipt-rule-set --rule-set-name {name}"
    )
