"""The environment of a rehearsal: everything points into the sandbox, and no cloud's credentials come along."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from trainyard.sandbox import engine
from trainyard.sandbox.api.aws.keys import key_pair
from trainyard.sandbox.folder import VARIABLE, Folder, checkout
from trainyard.sandbox.running import Running

_CREDENTIALS = re.compile(
    r"(GOOGLE|CLOUDSDK|GCLOUD|GCP|GCE|AWS|ARM|AZURE|AZD|MSI|IDENTITY|COREWEAVE|LAMBDA|LAMBDALABS|PAPERSPACE|KUBE)_.*"
    r"|KUBECONFIG|BOTO_CONFIG|BOTO_PATH"
    r"|PULUMI_(ACCESS_TOKEN|API|CREDENTIALS_PATH|BACKEND_URL|HOME|CONFIG_PASSPHRASE|CONFIG_PASSPHRASE_FILE|DEBUG_PROVIDERS)",
    re.IGNORECASE,
)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def rehearsal(folder: Folder, sandbox: Running, environ: Mapping[str, str], cwd: Path) -> dict[str, str]:
    """`environ` without credentials, with the sandbox's own variables, for a command that runs in `cwd`."""
    kept = {name: value for name, value in environ.items() if not withheld(name)}
    return {**kept, **own(folder, sandbox, environ, cwd)}


def withheld(name: str) -> bool:
    """True for a variable that could open a real cloud or a real backend."""
    return _CREDENTIALS.fullmatch(name) is not None


def own(folder: Folder, sandbox: Running, environ: Mapping[str, str], cwd: Path) -> dict[str, str]:
    """The variables that make a run a rehearsal."""
    nowhere = folder.home / "no-credentials"
    loopback = ",".join(dict.fromkeys([*filter(None, environ.get("NO_PROXY", "").split(",")), *_LOOPBACK]))
    variables = {
        VARIABLE: str(folder.file),
        "PULUMI_BACKEND_URL": f"file://{folder.backend}",
        "PULUMI_HOME": str(folder.home),
        "PULUMI_CONFIG_PASSPHRASE": "trainyard-sandbox",
        "PULUMI_DEBUG_PROVIDERS": ",".join(f"{name}:{port}" for name, port in sorted(sandbox.providers.items())),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_EXPERIMENTAL": "1",
        "PULUMI_SKIP_CHECKPOINTS": "1",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PATH": path(environ.get("PATH", os.defpath)),
        # The clouds' libraries also look for credentials in the person's home and on the machine's metadata address.
        "CLOUDSDK_CONFIG": str(nowhere),
        "NO_GCE_CHECK": "true",
        "GCE_METADATA_HOST": "127.0.0.1:1",
        "AWS_CONFIG_FILE": str(nowhere / "aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(nowhere / "aws-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AZURE_CONFIG_DIR": str(nowhere),
        "AZD_CONFIG_DIR": str(nowhere),
        "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",  # of its whole chain: no other command, cache or machine
        "AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:1",
        "KUBECONFIG": str(nowhere / "kubeconfig"),
        "NO_PROXY": loopback,
        "no_proxy": loopback,
    }
    if "aws" in sandbox.api:
        # Amazon's tools then reach the sandbox and nothing else; they sign with a key that no account has.
        pair = key_pair(sandbox.token)
        variables |= {
            "AWS_ENDPOINT_URL": sandbox.api["aws"],
            "AWS_ACCESS_KEY_ID": pair.key,
            "AWS_SECRET_ACCESS_KEY": pair.secret,
        }
    policies = checkout(cwd) / "policies"
    if (policies / "PulumiPolicy.yaml").exists():
        variables["PULUMI_OPTION_POLICY_PACK"] = str(policies)
    return variables


def path(given: str) -> str:
    """PATH with the engine's folder and this Python's in front, each once."""
    found = engine_folder()
    front = [str(found)] if isinstance(found, Path) else []
    front.append(str(Path(sys.executable).parent))
    return os.pathsep.join(dict.fromkeys([*front, *given.split(os.pathsep)]))


def engine_folder() -> Path | str:
    """The folder that holds `pulumi`, or why there is none."""
    try:
        return engine.locate()
    except engine.EngineMissingError as error:
        return str(error)


def exports(folder: Folder, sandbox: Running, environ: Mapping[str, str], cwd: Path) -> str:
    """Shell lines for `eval`, which also take the credentials out of the shell."""
    variables = own(folder, sandbox, environ, cwd)
    unset = sorted(name for name in environ if withheld(name) and name not in variables)
    lines = [f"unset {' '.join(unset)}"] if unset else []
    lines += [f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items())]
    return "\n".join(lines)
