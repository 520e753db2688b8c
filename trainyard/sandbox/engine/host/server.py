"""The language host's gRPC service: what the Pulumi CLI asks of Python."""

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format

from trainyard.sandbox.engine.host import interpreter, process
from trainyard.sandbox.engine.host.child import ALREADY_SHOWN, NO_SDK
from trainyard.sandbox.engine.host.interpreter import Interpreter, NoPythonError
from trainyard.sandbox.engine.host.protocol import engine_pb2, language_pb2, language_pb2_grpc, plugin_pb2

_STREAM_IDS = {"stdout": 1, "stderr": 2, "error": 0}
_SEVERITIES = {"stdout": engine_pb2.INFO, "stderr": engine_pb2.INFO, "error": engine_pb2.ERROR}
_LONGEST_VARIABLE_BYTES = 128 * 1024
_FILES = {"analyzer": "PulumiPolicy.yaml"}
_LIST_PACKAGES = """
import importlib.metadata as metadata, json, re
name = lambda text: re.match(r"[\\w.-]+", text)[0].lower().replace("_", "-")
found = {d.metadata["Name"]: (d.version, d.requires or []) for d in metadata.distributions()}
inner = {name(r) for _, requires in found.values() for r in requires if "extra ==" not in r}
print(json.dumps([[n, v, name(n) in inner] for n, (v, _) in sorted(found.items())]))
"""


class Host(language_pb2_grpc.LanguageRuntimeServicer):  # type: ignore[misc]
    """One CLI's language host; every call in a thread of its own."""

    def __init__(self, engine: str):
        self._engine = engine
        self._log = _engine_log(engine)

    def Handshake(self, request: Any, context: Any) -> Any:
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        version = Path(sys.path[0], "version")
        return plugin_pb2.PluginInfo(version=version.read_text() if version.is_file() else "")

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:
        # none: in a rehearsal providers are attached, elsewhere the engine asks for a missing one by its resource
        return language_pb2.GetRequiredPackagesResponse()

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> Any:
        return language_pb2.RuntimeOptionsResponse()

    def Template(self, request: Any, context: Any) -> Any:
        return language_pb2.TemplateResponse()

    def About(self, request: Any, context: Any) -> Any:
        chosen = self._program_python(request.info, context)
        answer = self._output(chosen, "import sys; print(sys.executable, '%d.%d.%d' % sys.version_info[:3])", context)
        executable, _, version = answer.strip().rpartition(" ")
        return language_pb2.AboutResponse(executable=executable, version=version)

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:
        chosen = self._program_python(request.info, context)
        packages = json.loads(self._output(chosen, _LIST_PACKAGES, context))
        wanted = [(name, version) for name, version, inner in packages if request.transitiveDependencies or not inner]
        dependencies = [language_pb2.DependencyInfo(name=name, version=version) for name, version in wanted]
        return language_pb2.GetProgramDependenciesResponse(dependencies=dependencies)

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:
        folder = request.info.program_directory or request.directory
        options = json_format.MessageToDict(request.info.options)
        named = options.get("virtualenv") or ("venv" if request.is_plugin else "")
        venv = Path(request.info.root_directory or folder, named)
        steps = [[sys.executable, "-m", "venv", str(venv)]] if named and not (venv / "bin" / "python").exists() else []
        python = str(venv / "bin" / "python") if named else self._program_python(request.info, context).python
        if Path(folder, "requirements.txt").is_file():
            steps.append([python, "-m", "pip", "install", "--requirement", "requirements.txt"])
        for step in steps:
            running = process.run(step, cwd=folder, environ=os.environ)
            for line in running.stdout or ():
                yield language_pb2.InstallDependenciesResponse(stdout=line)
            if running.wait() != 0:
                context.abort(grpc.StatusCode.UNKNOWN, f"{' '.join(step)} ended with exit code {running.returncode}")

    def GenerateProgram(self, request: Any, context: Any) -> Any:
        # `pulumi import` asks for code and fails where it gets no answer; code generation is Go, not to be had here
        return language_pb2.GenerateProgramResponse()

    def Run(self, request: Any, context: Any) -> Any:
        try:
            code = self._run(request, context)
        except NoPythonError as failed:
            self._log("error", str(failed).encode())
            return language_pb2.RunResponse(bail=True)
        # a run that the engine took back was ended by us
        if code not in (0, ALREADY_SHOWN) and context.is_active():
            how = f"exit code {code}" if code > 0 else f"signal {signal.Signals(-code).name}"
            self._log("error", f"The program ended with {how}.".encode())
        return language_pb2.RunResponse(bail=code != 0)

    def RunPlugin(self, request: Any, context: Any) -> Iterator[Any]:
        info = request.info
        file = _FILES.get(request.kind, "PulumiPlugin.yaml")
        try:
            chosen = interpreter.of_plugin(info.root_directory, json_format.MessageToDict(info.options), file)
        except NoPythonError as failed:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(failed))
        # Linux starts no process with a longer variable; PULUMI_CONFIG of a very large stack file is one (TRAPS.md)
        entries = (entry for entry in request.env if "=" in entry and len(entry.encode()) < _LONGEST_VARIABLE_BYTES)
        environ = dict(entry.split("=", 1) for entry in entries)
        folder = str(Path(info.program_directory, info.entry_point))
        pack = request.kind == "analyzer"
        body = {
            "kind": "plugin",
            "program": folder,
            "module": "pulumi.policy" if pack else "",
            "args": [*request.args, folder] if pack else list(request.args),
        }
        order = process.Order(python=chosen.python, cwd=request.pwd, environ=chosen.environ(environ), body=body)
        child = process.Child(order)
        if not context.add_callback(lambda: threading.Thread(target=child.stop, daemon=True).start()):
            child.stop()
        yield from _messages(child, chosen)

    def Cancel(self, request: Any, context: Any) -> Any:
        from google.protobuf import empty_pb2

        return empty_pb2.Empty()

    def _run(self, request: Any, context: Any) -> int:
        info = request.info
        chosen = interpreter.of_program(info.root_directory, json_format.MessageToDict(info.options))
        code = self._run_in(chosen, request, context)
        if code == NO_SDK and chosen.virtualenv is None and chosen.python != sys.executable:
            code = self._run_in(interpreter.own(), request, context)
        if code == NO_SDK:
            raise NoPythonError(_no_sdk(chosen))
        return code

    def _run_in(self, chosen: Interpreter, request: Any, context: Any) -> int:
        info = request.info
        body = {
            "kind": "program",
            "program": os.path.normpath(Path(info.program_directory, info.entry_point)),
            "root": os.path.normpath(info.program_directory),
            "args": list(request.args),
            "config": dict(request.config),
            "secret_keys": list(request.configSecretKeys),
            "settings": {
                "project": request.project,
                "stack": request.stack,
                "monitor": request.monitor_address,
                "engine": self._engine,
                "parallel": request.parallel,
                "dry_run": request.dryRun,
                "organization": request.organization or "organization",
                "root_directory": info.root_directory,
            },
        }
        order = process.Order(python=chosen.python, cwd=request.pwd, environ=chosen.environ(os.environ), body=body)
        child = process.Child(order)
        context.add_callback(lambda: threading.Thread(target=child.stop, daemon=True).start())
        return child.wait(self._log)

    def _program_python(self, info: Any, context: Any) -> Interpreter:
        try:
            return interpreter.of_program(info.root_directory, json_format.MessageToDict(info.options))
        except NoPythonError as failed:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(failed))
            raise

    def _output(self, chosen: Interpreter, code: str, context: Any) -> str:
        running = process.run([chosen.python, "-c", code], cwd=os.getcwd(), environ=chosen.environ(os.environ))
        output = running.communicate()[0].decode()
        if running.returncode != 0:
            context.abort(grpc.StatusCode.UNKNOWN, f"{chosen.python} failed: {output.strip()}")
        return output


def _messages(child: process.Child, chosen: Interpreter) -> Iterator[Any]:
    lines: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def wait() -> None:
        code = child.wait(lambda stream, line: lines.put(language_pb2.RunPluginResponse(**{stream: line})))
        if code == NO_SDK:
            lines.put(language_pb2.RunPluginResponse(stderr=f"{_no_sdk(chosen)}\n".encode()))
        lines.put(language_pb2.RunPluginResponse(exitcode=max(code, 1) if code else 0))

    threading.Thread(target=wait, daemon=True).start()
    while True:
        message = lines.get()
        yield message
        if message.WhichOneof("output") == "exitcode":
            return


def _no_sdk(chosen: Interpreter) -> str:
    return (
        f"{chosen.python} has no Pulumi SDK. Install the requirements into it: `make setup` in Trainyard's checkout, "
        "`pulumi install` in another project."
    )


def _engine_log(engine: str) -> Any:
    """Sends a line to the CLI's display, and returns when it is there: a run that ended has shown all it printed."""
    log: Any = grpc.insecure_channel(engine).unary_unary(
        "/pulumirpc.Engine/Log", request_serializer=engine_pb2.LogRequest.SerializeToString
    )

    def send(stream: str, line: bytes) -> None:
        text = line.decode(errors="replace")
        if not text.strip():
            return
        try:
            log(engine_pb2.LogRequest(severity=_SEVERITIES[stream], message=text, streamId=_STREAM_IDS[stream]))
        except grpc.RpcError:
            return  # the engine is gone, and with it whoever would read this

    return send


def _end_with_engine() -> None:
    engine = os.getppid()
    while os.getppid() == engine:
        time.sleep(0.3)
    _end()


def _end(*_: Any) -> None:
    process.stop_all()
    process.end_group()


def main() -> None:
    """Serves until the CLI ends it or is gone; the last argument is the engine's address."""
    options: Mapping[str, Any] = {"grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1}
    server = grpc.server(ThreadPoolExecutor(max_workers=256), options=list(options.items()))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(sys.argv[-1]), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    threading.Thread(target=_end_with_engine, daemon=True).start()
    signal.signal(signal.SIGINT, _end)
    signal.signal(signal.SIGTERM, _end)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()
