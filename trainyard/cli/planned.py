"""A stack's plan with what it is made of read from files and store; commands that show or use it share this."""

from __future__ import annotations

from pathlib import Path

from stacks.checking import CheckError, project_name
from stacks.environment import FOLDER, TOLD, Environment, read_environment
from stacks.standing import NOT_READ, Standing, stand
from trainyard.choice.plan.plan import Plan, make
from trainyard.choice.plan.room import NotRead, Spending
from trainyard.choice.plan.spending import records, spending
from trainyard.choice.preflight.accounts import Accounts, Reader
from trainyard.choice.preflight.enabled import enabled
from trainyard.choice.preflight.finding import Finding
from trainyard.choice.preflight.policies import policies
from trainyard.choice.preflight.quotas import quotas
from trainyard.lease.errors import LeaseError
from trainyard.lease.store import open_store
from trainyard.settings.settings import Settings


class NoPlanError(Exception):
    """There is no plan to make; the text says why and what to do."""


def planned(stack: str) -> tuple[Settings, Plan]:
    """The settings and plan of a compute stack; NoPlanError for files that are wrong. Run in the project's folder."""
    try:
        environment = read_environment(project_name(), stack, Path(FOLDER))
        return environment.settings, plan_of(environment)
    except (CheckError, *TOLD) as error:
        raise NoPlanError(str(error)) from error


def preflighted(stack: str) -> tuple[Finding, ...]:
    """What the accounts of a compute stack tell of its plan; NoPlanError for files that are wrong."""
    try:
        environment = read_environment(project_name(), stack, Path(FOLDER))
        plan = plan_of(environment)
    except (CheckError, *TOLD) as error:
        raise NoPlanError(str(error)) from error
    at = environment.settings.environment
    accounts = Accounts(
        gcp_project=environment.gcp_project if at.gcp else "",
        aws_account=environment.aws_account if at.aws else "",
        azure_subscription=environment.azure_subscription if at.azure else "",
    )
    reader = Reader(accounts, environment.sandbox)
    encrypts = at.azure is not None and at.azure.encryption_at_host
    switched = enabled(plan, reader, encryption_at_host=encrypts)
    return (*quotas(plan, reader), *switched, *policies(plan, reader))


def plan_of(environment: Environment) -> Plan:
    """The plan of an environment that was read; NoPlanError for a stack without lease."""
    settings = environment.settings
    if settings.lease is None:
        message = (
            f"{settings.file} is a {settings.stack.layer} stack; a plan is of a compute stack, which has a lease and "
            f"workloads: name one."
        )
        raise NoPlanError(message)
    standing = stand(environment.store, environment.lease_id, settings.lease, environment.now)
    return make(
        settings,
        stack=environment.stack,
        lease_id=environment.lease_id,
        origin=environment.origin,
        at=environment.now,
        expiry=standing.expiry,
        record=standing.record,
        others=_others(environment, standing),
        unread=standing.warning.removeprefix(NOT_READ) if standing.warning else None,
    )


def _others(environment: Environment, standing: Standing) -> Spending | NotRead:
    """What the store's other leases take of the budget; nothing is read where there is no budget."""
    center = environment.settings.stack.cost_center
    budget = environment.settings.environment.budgets.get(center)
    if budget is None:
        return NotRead("there is none")
    if standing.seen == "unread":
        return NotRead("the store of lease records cannot be read")
    try:
        found = records(open_store(environment.store))
    except LeaseError as error:
        return NotRead(str(error))
    return spending(found, center, budget.period, environment.now, environment.lease_id)
