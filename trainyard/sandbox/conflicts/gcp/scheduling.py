"""How a machine is bought, kept through maintenance and ended: `scheduling` and `reservationAffinity`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from trainyard.sandbox.check import Problem
from trainyard.sandbox.conflicts.conflict import Conflict, Given
from trainyard.sandbox.conflicts.gcp.machine import (
    GPU_FAMILIES,
    INSTANCE,
    MACHINES,
    TPU_FAMILIES,
    accelerators,
    family,
    invalid,
    machine_type,
    number_of,
    spot,
)

Find = Callable[[Given], Iterator[Problem]]
_DAY: Final = 86400
_MOST: Final = {"FLEX_START": 7 * _DAY}
_RESERVATION_KEY: Final = "compute.googleapis.com/reservation-name"
_NEVER_SPOT: Final = frozenset({"a4x"})


def _live_migration(given: Given) -> Iterator[Problem]:
    name = machine_type(given)
    if not (family(name) in GPU_FAMILIES | TPU_FAMILIES or accelerators(given)):
        return
    maintenance = given.text("scheduling.onHostMaintenance")
    ways = ("onHostMaintenance", "provisioningModel", "preemptible")
    left_out = not maintenance and not spot(given) and not any(given.unknown(f"scheduling.{way}") for way in ways)
    # A template is taken without it, though none of its machines could start: the provider's own tests have such.
    if maintenance == "MIGRATE" or (left_out and given.type.token == INSTANCE):
        text = "Instances with guest accelerators do not support live migration."
        yield invalid(given, "scheduling.onHostMaintenance", maintenance or "MIGRATE", f"{text}; set it to TERMINATE")


def _e2_terminate(given: Given) -> Iterator[Problem]:
    if family(machine_type(given)) == "e2" and given.text("scheduling.onHostMaintenance") == "TERMINATE":
        known = not given.unknown("scheduling.preemptible") and not given.unknown("scheduling.provisioningModel")
        if known and not spot(given):
            text = "e2 instances do not support onHostMaintenance=TERMINATE unless they are preemptible."
            yield invalid(given, "scheduling.onHostMaintenance", "TERMINATE", f"{text}; leave it out")


def _spot_restart(given: Given) -> Iterator[Problem]:
    restart = "scheduling.automaticRestart"
    if spot(given) and given.at(restart) is not False and not given.unknown(restart):
        text = "Scheduling must have preemptible be false when AutomaticRestart is true."
        hint = "set scheduling.automaticRestart to false: the provider sends true where it is left out"
        yield invalid(given, "scheduling.preemptible", True, f"{text}; {hint}")


def _spot_migrates(given: Given) -> Iterator[Problem]:
    if spot(given) and given.text("scheduling.onHostMaintenance") == "MIGRATE":
        text = (
            "Scheduling must have onHostMaintenance be one of the following valid types: [TERMINATE]. But was MIGRATE"
        )
        yield invalid(given, "scheduling.onHostMaintenance", "MIGRATE", text)


def _preemptible_model(given: Given) -> Iterator[Problem]:
    model = given.text("scheduling.provisioningModel")
    if given.at("scheduling.preemptible") is True and model not in ("", "SPOT"):
        text = "For preemptible, only allowed provisioning_model value is SPOT."
        yield invalid(given, "scheduling.provisioningModel", model, f"{text}; leave preemptible out otherwise")


def _never_spot(given: Given) -> Iterator[Problem]:
    name = machine_type(given)
    if spot(given) and family(name) in _NEVER_SPOT:
        text = "Preemptible VMs are not supported for this VM family."
        yield invalid(given, "scheduling.preemptible", True, f"{text}; {name} comes by reservation")


def _termination_action(given: Given) -> Iterator[Problem]:
    action = given.text("scheduling.instanceTerminationAction")
    model = given.text("scheduling.provisioningModel")
    if not action or spot(given) or model in ("FLEX_START", "RESERVATION_BOUND"):
        return
    ends = ("maxRunDuration", "terminationTime", "provisioningModel", "preemptible")
    if any(given.unknown(f"scheduling.{name}") for name in ends):
        return
    if given.at("scheduling.maxRunDuration") is None and not given.text("scheduling.terminationTime"):
        text = (
            "You cannot specify a termination action for a VM instance that has the standard provisioning model "
            "(default). To use instance termination action, the VM instance must use the Spot or Reservation-Bound "
            "provisioning model."
        )
        hint = "or give maxRunDuration or terminationTime beside it"
        yield invalid(given, "scheduling.instanceTerminationAction", action, f"{text}; {hint}")


def _two_ends(given: Given) -> Iterator[Problem]:
    if given.at("scheduling.maxRunDuration") is not None and given.text("scheduling.terminationTime"):
        text = "It cannot be given beside maxRunDuration; give one of the two"
        yield invalid(given, "scheduling.terminationTime", given.text("scheduling.terminationTime"), text)


def _stop_action(given: Given) -> Iterator[Problem]:
    ends = ("maxRunDuration", "terminationTime")
    if given.at("scheduling.onInstanceStopAction") is None or any(given.unknown(f"scheduling.{end}") for end in ends):
        return
    if given.at("scheduling.maxRunDuration") is None and not given.text("scheduling.terminationTime"):
        text = "it is what happens at the machine's own end: give maxRunDuration or terminationTime beside it"
        yield Problem("scheduling.onInstanceStopAction", text)


def _run_duration(given: Given) -> Iterator[Problem]:
    duration = given.at("scheduling.maxRunDuration")
    seconds = number_of(duration, "seconds") if isinstance(duration, Mapping) else None
    model = given.text("scheduling.provisioningModel")
    if seconds is not None:
        least, most = 30, _MOST.get(model, 120 * _DAY)
        if not least <= seconds <= most:
            bought = f" of {model}" if model in _MOST else ""
            text = f"A run duration{bought} is from {least} seconds to {most} ({most // _DAY} days)"
            yield invalid(given, "scheduling.maxRunDuration.seconds", f"{seconds:g}", text)


def _flex_start(given: Given) -> Iterator[Problem]:
    if given.text("scheduling.provisioningModel") != "FLEX_START":
        return
    ends = ("maxRunDuration", "terminationTime", "instanceTerminationAction")
    if given.at("scheduling.maxRunDuration") is None and not any(given.unknown(f"scheduling.{name}") for name in ends):
        text = "Flex-start VMs need maxRunDuration, at most seven days"
        yield Problem("scheduling.maxRunDuration", f"required and missing: {text}")
    action = given.text("scheduling.instanceTerminationAction")
    if action == "STOP":
        yield invalid(given, "scheduling.instanceTerminationAction", action, "Flex-start VMs are deleted: give DELETE")
    affinity = given.text("reservationAffinity.type")
    if affinity and affinity != "NO_RESERVATION":
        text = "Flex-start VMs cannot use a reservation; give NO_RESERVATION, or leave reservationAffinity out"
        yield invalid(given, "reservationAffinity.type", affinity, text)


def _reservation_bound(given: Given) -> Iterator[Problem]:
    if given.text("scheduling.provisioningModel") != "RESERVATION_BOUND" or given.unknown("reservationAffinity"):
        return
    affinity = given.text("reservationAffinity.type")
    if affinity != "SPECIFIC_RESERVATION" and not given.unknown("reservationAffinity.type"):
        text = "A reservation-bound VM needs SPECIFIC_RESERVATION, with the reservation's name"
        yield invalid(given, "reservationAffinity.type", affinity, text)


def _bound_ends_with_it(given: Given) -> Iterator[Problem]:
    if given.text("scheduling.provisioningModel") != "RESERVATION_BOUND":
        return
    for name in ("maxRunDuration", "terminationTime"):
        value = given.at(f"scheduling.{name}")
        if value is not None:
            text = "A reservation-bound VM ends with its reservation; leave it out"
            yield invalid(given, f"scheduling.{name}", value, text)


def _spot_reserved(given: Given) -> Iterator[Problem]:
    affinity = given.text("reservationAffinity.type")
    if spot(given) and affinity == "SPECIFIC_RESERVATION":
        text = "Spot VMs cannot use a reservation; give NO_RESERVATION, or leave reservationAffinity out"
        yield invalid(given, "reservationAffinity.type", affinity, text)


def _specific(given: Given) -> Iterator[Problem]:
    affinity = given.text("reservationAffinity.type")
    path = "reservationAffinity.specificReservation"
    if affinity == "SPECIFIC_RESERVATION" and given.at(path) is None and not given.unknown(path):
        text = f'SPECIFIC_RESERVATION needs it, with key "{_RESERVATION_KEY}" and the reservation\'s name as its value'
        yield Problem(path, f"required and missing: {text}")
    elif affinity in ("ANY_RESERVATION", "NO_RESERVATION") and given.at(path) is not None:
        yield Problem(path, f"it is only for SPECIFIC_RESERVATION, and the type is {affinity}; leave it out")


def _rule(name: str, says: str, source: str, find: Find, types: frozenset[str] = MACHINES) -> Conflict:
    return Conflict(name=name, types=types, says=says, source=source, find=find)


_SDK: Final = "pulumi-gcp 10.2.0, Instance, scheduling"
_SPOT: Final = "cloud.google.com/compute/docs/instances/create-use-spot"
_LIMIT: Final = "cloud.google.com/compute/docs/instances/limit-vm-runtime"
_FLEX: Final = "cloud.google.com/compute/docs/instances/about-flex-start-vms, Limitations"
_GPU: Final = "cloud.google.com/compute/docs/gpus/gpu-host-maintenance; the API's answer as public programs quote it"
_AFFINITY: Final = "cloud.google.com/compute/docs/instances/reservations-consume"
CONFLICTS: Final[tuple[Conflict, ...]] = (
    _rule("accelerators-cannot-live-migrate", "a machine with GPUs or TPUs ends at maintenance", _GPU, _live_migration),
    _rule(
        "e2-migrates-unless-spot",
        "an E2 machine ends at maintenance only when it is spot",
        "the API's answer as public programs quote it (2026); cloud.google.com/compute/docs/general-purpose-machines",
        _e2_terminate,
        types=frozenset({INSTANCE}),  # a template is not held against its machine type
    ),
    _rule(
        "spot-does-not-restart",
        "a spot machine has automaticRestart false",
        f"{_SDK}.preemptible; API error quoted in percona/mongo_terraform_ansible issue 34",
        _spot_restart,
    ),
    _rule("spot-does-not-migrate", "a spot machine ends at maintenance", f"{_SPOT}, Limitations", _spot_migrates),
    _rule(
        "preemptible-is-spot",
        "preemptible goes with the provisioning model SPOT only",
        "API error quoted in terraform-google-modules/terraform-google-vm pull request 254",
        _preemptible_model,
    ),
    _rule(
        "family-not-sold-as-spot",
        "some machine families are not sold as spot",
        "the API's answer for A4X as public programs quote it (2026)",
        _never_spot,
    ),
    _rule(
        "termination-action-needs-an-end",
        "instanceTerminationAction goes with spot, flex-start, reservation-bound, or an end of its own",
        "API error quoted in GoogleCloudPlatform/cluster-toolkit pull request 4435; " + _LIMIT,
        _termination_action,
    ),
    _rule(
        "one-end-only", "maxRunDuration and terminationTime exclude each other", f"{_LIMIT}, Restrictions", _two_ends
    ),
    _rule(
        "stop-action-needs-an-end",
        "onInstanceStopAction goes with maxRunDuration or terminationTime",
        f"{_SDK}.onInstanceStopAction",
        _stop_action,
    ),
    _rule(
        "run-duration-range", "a run lasts 30 seconds to 120 days, flex-start 7", f"{_LIMIT}; {_FLEX}", _run_duration
    ),
    _rule("flex-start", "flex-start has a run duration, deletes, and uses no reservation", _FLEX, _flex_start),
    _rule(
        "reservation-bound-names-its-reservation",
        "a reservation-bound machine names a specific reservation",
        "cloud.google.com/compute/docs/instances/about-reservation-bound-instances",
        _reservation_bound,
    ),
    _rule(
        "reservation-bound-ends-with-its-reservation",
        "a reservation-bound machine has no end of its own",
        "terraform-provider-google e03b7622, compute_instance_helpers.go: sends no durations with RESERVATION_BOUND; "
        "cloud.google.com/compute/docs/instances/about-reservation-bound-instances",
        _bound_ends_with_it,
    ),
    _rule(
        "spot-uses-no-reservation", "a spot machine uses no reservation", f"{_AFFINITY}, Restrictions", _spot_reserved
    ),
    _rule("specific-reservation-is-named", "SPECIFIC_RESERVATION comes with its name", _AFFINITY, _specific),
)
