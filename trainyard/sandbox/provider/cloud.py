"""The provider of one SDK on simulated clouds: checks as its SDK says, and keeps everything in the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any, Final, cast

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from trainyard.sandbox import faults, world
from trainyard.sandbox.check import check_inputs, nearest
from trainyard.sandbox.faults import Fault
from trainyard.sandbox.groups.waiting import never_came
from trainyard.sandbox.packages import Package
from trainyard.sandbox.provider import names
from trainyard.sandbox.provider.configuration import check_config, opened
from trainyard.sandbox.provider.custom_object import custom_object
from trainyard.sandbox.provider.diff import difference
from trainyard.sandbox.provider.faulty import about, after_call, before_call, before_made, while_called
from trainyard.sandbox.provider.functions import Question, ask
from trainyard.sandbox.provider.in_place import check_update
from trainyard.sandbox.provider.makers import maker_of
from trainyard.sandbox.provider.order import Order, Refused, thing_of
from trainyard.sandbox.provider.planned import planned
from trainyard.sandbox.provider.protection import may_delete
from trainyard.sandbox.provider.puts import sets
from trainyard.sandbox.provider.rules import check_rules
from trainyard.sandbox.provider.told import inputs_now
from trainyard.sandbox.provider.told_schema import resource_schema
from trainyard.sandbox.quotas.limits import check_quotas
from trainyard.sandbox.references import already_there, check_references, check_unused, remember
from trainyard.sandbox.schema import ResourceType
from trainyard.sandbox.store import AlreadyThere, Store, Thing
from trainyard.servicer import Servicer, abort_init_failed, decode, encode, refuse
from trainyard.servicer.values import has_unknown, reveal

_WISHES: Final = ("propose", "enforce", "disable")
_KINDS: Final = {"add": 0, "delete": 2, "update": 4}  # of PropertyDiff; one more: it replaces


class CloudProvider(Servicer):
    """Serves one package; many engines at once."""

    def __init__(self, package: Package, store: Store) -> None:
        super().__init__(name=package.name, version=package.version)
        self.package = package
        self.store = store
        self._used: set[str] = set()
        self._type: Callable[[str], ResourceType] = cache(lambda token: ResourceType(package, token))

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        failures = [
            provider_pb2.CheckFailure(property=problem.path, reason=problem.reason)
            for problem in check_config(self.package, decode(request.news))
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        answer = super().Configure(request, context)
        connection = self.connection(context)
        connection.config = opened(self.name, connection.config)
        return answer

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        type = self._known(request.type, context)
        inputs = decode(request.news)
        problems = list(check_inputs(type, inputs))
        wish = names.Wish(
            proposed=request.autonaming.proposed_name,
            mode=_WISHES[request.autonaming.mode],
            seed=request.randomSeed or request.urn.encode(),
        )
        given = dict(inputs)
        unnamed = names.name_inputs(type, inputs, decode(request.olds), request.name, wish)
        problems += [unnamed] if unnamed else []
        told = {problem.path for problem in problems}  # by the SDK's own words, which need no second telling
        rules = check_rules(type, inputs, self.connection(context).config)
        problems += (problem for problem in rules if problem.path not in told)
        return provider_pb2.CheckResponse(
            inputs=request.news if inputs == given else encode(inputs),
            failures=[provider_pb2.CheckFailure(property=problem.path, reason=problem.reason) for problem in problems],
        )

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        type = self._known(request.type, context)
        old, new, told = (decode(bag) for bag in (request.old_inputs, request.news, request.olds))
        found = difference(type, request.name, old, new, list(request.ignoreChanges), told)
        return provider_pb2.DiffResponse(
            changes=cast("Any", 2 if found.changes else 1),
            diffs=sorted({_top(change.path) for change in found.changes}),
            replaces=sorted({_top(change.path) for change in found.changes if change.replaces}),
            detailedDiff={
                change.path: provider_pb2.PropertyDiff(
                    kind=cast("Any", _KINDS[change.kind] + change.replaces), inputDiff=True
                )
                for change in found.changes
            },
            hasDetailedDiff=True,
            deleteBeforeReplace=found.delete_first,
        )

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        type = self._known(request.type, context)
        inputs = decode(request.properties)
        if request.preview or has_unknown(inputs):
            return provider_pb2.CreateResponse(properties=encode(planned(type, inputs)))
        fault = self._fault(type, "create", inputs, None, context)
        with _cloud_words(context), self.store.transaction():  # what it points at stays until it is there itself
            order = self._order(type, request.name, inputs, context)
            pointers = check_references(order)
            made = maker_of(type.token, type.package)(order)
            thing = thing_of(order, made)
            check_quotas(self.store, thing)
            before_made(fault, self.store, thing)
            try:
                thing = self.store.put(thing) if sets(type.token) else self.store.add(thing, *made.parts)
            except AlreadyThere as there:
                refuse(context, grpc.StatusCode.ALREADY_EXISTS, already_there(order, str(there)))
            remember(self.store, thing, pointers)
        after_call(fault, self.store, thing, context)
        self._wait_for_machines(thing, request.timeout, context)
        return provider_pb2.CreateResponse(id=thing.id, properties=encode(thing.outputs))

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        type = self._known(request.type, context)
        thing = self._given_out(type.token, request.id, context)
        fault = self._fault(type, "read", thing.inputs, thing, context)
        after_call(fault, self.store, thing, context)
        self._used.add(type.token)
        if thing.status == "deleted":
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=thing.id, properties=encode(thing.outputs), inputs=encode(inputs_now(type, thing))
        )

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        type = self._known(request.type, context)
        inputs = decode(request.news)
        before = self._given_out(type.token, request.id, context)
        if before.status == "deleted":
            refuse(context, grpc.StatusCode.NOT_FOUND, f"{before.id} is gone: run `pulumi refresh`, then try again")
        if request.preview or has_unknown(inputs):
            return provider_pb2.UpdateResponse(properties=encode({**before.outputs, **planned(type, inputs)}))
        fault = self._fault(type, "update", inputs, before, context)
        with _cloud_words(context), self.store.transaction():
            order = self._order(type, request.name, inputs, context, before)
            check_update(order)
            pointers = check_references(order)
            thing = thing_of(order, maker_of(type.token, type.package)(order))
            thing = self.store.put(replace(thing, id=before.id, created=before.created, owner=before.owner))
            remember(self.store, thing, pointers)
        after_call(fault, self.store, thing, context)
        self._wait_for_machines(thing, request.timeout, context)
        return provider_pb2.UpdateResponse(properties=encode(thing.outputs))

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        type = self._known(request.type, context)
        thing = self._given_out(type.token, request.id, context)
        fault = self._fault(type, "delete", thing.inputs, thing, context)
        with _cloud_words(context), while_called(fault, self.store), self.store.transaction():
            if may_delete(thing, decode(request.old_inputs) or thing.inputs):
                check_unused(self.store, thing)
                self.store.delete(thing.type, thing.id)
        after_call(fault, self.store, thing, context)
        return empty_pb2.Empty()

    def Construct(
        self, request: provider_pb2.ConstructRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConstructResponse:
        text = (
            f"{request.type} is a remote component: its parts are made inside the released plugin of {self.name}, "
            "which a rehearsal does not run; use plain resources instead, for charts kubernetes.helm.v3.Release"
        )
        refuse(context, grpc.StatusCode.UNIMPLEMENTED, text)

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        question = Question(args=reveal(decode(request.args)), config=self.connection(context).config, store=self.store)
        with _cloud_words(context):
            answer = ask(request.tok, self.package, question)
        return provider_pb2.InvokeResponse(**{"return": encode(answer)})  # type: ignore[arg-type]  # a Python keyword

    def Call(self, request: provider_pb2.CallRequest, context: grpc.ServicerContext) -> provider_pb2.CallResponse:
        text = f"the sandbox does not answer the method {request.tok}: it runs in the released plugin of {self.name}"
        refuse(context, grpc.StatusCode.UNIMPLEMENTED, text)

    def schema(self) -> dict[str, Any]:
        """The types that were read so far, in full: an import asks for its own only."""
        types = [self._type(token) for token in sorted(self._used)]
        return {**super().schema(), "resources": {type.token: resource_schema(type) for type in types}}

    def _fault(
        self,
        type: ResourceType,
        verb: str,
        inputs: Mapping[str, Any],
        thing: Thing | None,
        context: grpc.ServicerContext,
    ) -> Fault | None:
        if not faults.wait_in(self.store):
            return None
        connection = self.connection(context)
        told = about(inputs, connection.config, thing)
        fault = faults.take(self.store, f"{type.token} {verb}", told)
        if fault is not None:
            before_call(fault, self.store, type, told, connection, context)
        return fault

    def _wait_for_machines(self, thing: Thing, seconds: float, context: grpc.ServicerContext) -> None:
        """A group is there, but not whole: it stands in the state with the provider's error."""
        reason = never_came(self.store, thing, seconds)
        if reason is not None:
            abort_init_failed(context, id=thing.id, properties=thing.outputs, inputs=thing.inputs, reasons=[reason])

    def _known(self, given: str, context: grpc.ServicerContext) -> ResourceType:
        token = self.package.token_of(given)
        custom = custom_object(self.package, given) if token is None else None
        if custom is not None:
            return custom
        if token is None:
            near = nearest(given, list(self.package.types))
            hint = f'; did you mean "{near}"?' if near else f"; it knows {len(self.package.types)} types"
            text = f'pulumi_{self.name.replace("-", "_")} {self.version} has no resource type "{given}"{hint}'
            refuse(context, grpc.StatusCode.NOT_FOUND, text)
        return self._type(token)

    def _given_out(self, token: str, id: str, context: grpc.ServicerContext) -> Thing:
        """The thing, deleted or not; an id that this sandbox never gave out is an error, never "not found"."""
        found = self.store.recall(token, id) or world.built_in(self.store, token, id, self.connection(context).config)
        if found is None:
            text = (
                f'the sandbox never gave out {token} "{id}", so it will not say that it is gone: this state is of '
                "another sandbox or of a real cloud; leave the rehearsal, or empty it with `trainyard sandbox reset`"
            )
            refuse(context, grpc.StatusCode.FAILED_PRECONDITION, text)
        return found

    def _order(
        self,
        type: ResourceType,
        name: str,
        inputs: Mapping[str, Any],
        context: grpc.ServicerContext,
        before: Thing | None = None,
    ) -> Order:
        given = {key: value for key, value in inputs.items() if value is not None}
        return Order(
            type=type,
            name=name,
            inputs=given,
            config=self.connection(context).config,
            store=self.store,
            now=self.store.now(),
            before=before,
        )


@contextmanager
def _cloud_words(context: grpc.ServicerContext) -> Iterator[None]:
    """Turns what the simulated cloud refuses into the call's answer."""
    try:
        yield
    except Refused as refusal:
        refuse(context, grpc.StatusCode.FAILED_PRECONDITION, str(refusal))


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]
