"""Policy packs and provider plugins by path on the real CLI, through the Python host."""

import os
import signal

import pytest

from tests.sandbox.engine.conftest import VENV, Project, all_end, diagnostics

pytestmark = pytest.mark.engine

PACK = """
    from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy
    import rules

    PolicyPack("pack", policies=[
        ResourceValidationPolicy(
            name="forbid-all",
            description="Nothing is allowed.",
            enforcement_level=EnforcementLevel.MANDATORY,
            validate=lambda args, report: report(rules.TEXT),
        ),
    ])
"""
PLUGIN = """
    import os, pathlib, sys
    from concurrent.futures import ThreadPoolExecutor

    import grpc
    from google.protobuf import empty_pb2
    from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
    import names

    class Provider(provider_pb2_grpc.ResourceProviderServicer):
        def Handshake(self, request, context):
            return provider_pb2.ProviderHandshakeResponse()

        def GetPluginInfo(self, request, context):
            return plugin_pb2.PluginInfo(version="0.1.0")

        def CheckConfig(self, request, context):
            return provider_pb2.CheckResponse(inputs=request.news)

        DiffConfig = Diff = lambda self, request, context: provider_pb2.DiffResponse()

        def Configure(self, request, context):
            return provider_pb2.ConfigureResponse(acceptSecrets=True)

        def Check(self, request, context):
            return provider_pb2.CheckResponse(inputs=request.news)

        def Create(self, request, context):
            if request.preview:
                return provider_pb2.CreateResponse()
            return provider_pb2.CreateResponse(id=names.ID, properties=request.properties)

        def Delete(self, request, context):
            return empty_pb2.Empty()

        def Cancel(self, request, context):
            return empty_pb2.Empty()

    server = grpc.server(ThreadPoolExecutor())
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    pathlib.Path("pids").write_text(f"{os.getpid()} {os.getppid()}")
    print(port, flush=True)
    server.wait_for_termination()
"""
PROGRAM = """
    import pulumi

    class Thing(pulumi.CustomResource):
        def __init__(self, name):
            super().__init__("tiny:index:Thing", name, {})

    thing = Thing("thing")
    pulumi.export("id", thing.id)
"""


@pytest.fixture
def with_pack(project: Project) -> Project:
    project.write("pack/PulumiPolicy.yaml", f"runtime: {{name: python, options: {{virtualenv: {VENV}}}}}\n")
    project.write("pack/__main__.py", PACK)
    project.write("pack/rules.py", 'TEXT = "told by the pack\'s own module"\n')
    return project


@pytest.fixture
def with_plugin(project: Project) -> Project:
    project.write(
        "Pulumi.yaml",
        f"""
        name: tiny
        runtime: {{name: python, options: {{virtualenv: {VENV}}}}}
        plugins: {{providers: [{{name: tiny, path: plugin}}]}}
        """,
    )
    project.write("plugin/PulumiPlugin.yaml", "runtime: {name: python, options: {virtualenv: ../environment}}\n")
    (project.folder / "environment").symlink_to(VENV)
    project.write("plugin/__main__.py", PLUGIN)
    project.write("plugin/names.py", 'ID = "made-by-the-plugin"\n')
    project.write("__main__.py", PROGRAM)
    return project


def test_a_policy_pack_runs_in_its_environment_and_refuses(with_pack: Project) -> None:
    with_pack.write("__main__.py", 'import pulumi\npulumi.ComponentResource("tiny:index:Part", "part")\n')
    code, output = with_pack.pulumi("preview", "--policy-pack", "pack")
    assert code != 0
    assert "told by the pack's own module" in output


def test_a_policy_pack_named_by_the_environment_runs(with_pack: Project) -> None:
    pack = str(with_pack.folder / "pack")
    code, output = with_pack.pulumi("preview", environ={"PULUMI_OPTION_POLICY_PACK": pack})
    assert code != 0
    assert "told by the pack's own module" in output


def test_a_policy_packs_exception_shows_its_traceback(with_pack: Project) -> None:
    with_pack.write("pack/rules.py", 'raise ValueError("a broken rule")\n')
    code, output = with_pack.pulumi("preview", "--policy-pack", "pack")
    assert code != 0
    assert "ValueError: a broken rule" in output


def test_a_policy_pack_without_its_environment_is_one_message_that_names_make_setup(with_pack: Project) -> None:
    with_pack.write("pack/PulumiPolicy.yaml", "runtime: {name: python, options: {virtualenv: ../gone}}\n")
    code, output = with_pack.pulumi("preview", "--policy-pack", "pack")
    assert code != 0
    assert f"The Python environment {with_pack.folder}/gone does not exist" in output
    assert output.count("make setup") == 1


def test_a_provider_plugin_by_path_runs_in_its_environment(with_plugin: Project) -> None:
    code, output = with_plugin.pulumi("up", "--yes")
    assert code == 0, output
    assert "made-by-the-plugin" in output
    code, output = with_plugin.pulumi("destroy", "--yes")
    assert code == 0, output
    assert "Traceback" not in output


def test_a_provider_plugin_starts_under_a_config_that_no_environment_variable_holds(with_plugin: Project) -> None:
    file = with_plugin.folder / "Pulumi.one.yaml"
    file.write_text(f"{file.read_text()}config:\n  tiny:large: {'x' * 200_000}\n")
    code, output = with_plugin.pulumi("up", "--yes")
    assert code == 0, output
    assert "made-by-the-plugin" in output


def test_a_provider_plugin_ends_with_its_command(with_plugin: Project) -> None:
    code, output = with_plugin.pulumi("up", "--yes")
    assert code == 0, output
    assert all_end(with_plugin.pids())


def test_a_killed_cli_leaves_no_provider_plugin(with_plugin: Project) -> None:
    with_plugin.write("__main__.py", f"{PROGRAM}\n    import asyncio\n    pulumi.run(lambda: asyncio.sleep(300))\n")
    process = with_plugin.start("up", "--yes")
    pids = with_plugin.pids()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert all_end(pids)


def test_a_provider_plugin_without_its_environment_is_one_message_that_names_make_setup(with_plugin: Project) -> None:
    (with_plugin.folder / "environment").unlink()
    code, output = with_plugin.pulumi("preview")
    assert code != 0
    assert f"The Python environment {with_plugin.folder}/environment does not exist" in output
    assert diagnostics(output).count("make setup") == 1
    assert "The program ended" not in output


def test_a_plugin_without_virtualenv_is_sought_in_its_own_folder(with_plugin: Project) -> None:
    with_plugin.write("plugin/PulumiPlugin.yaml", "runtime: python\n")
    code, output = with_plugin.pulumi("preview")
    assert code != 0
    assert f"The Python environment {with_plugin.folder}/plugin/venv does not exist" in output
