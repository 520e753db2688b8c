"""What runs on a SageMaker notebook at each start: it stops itself when nobody works in it, and at its lease's end.

SageMaker holds no end of a notebook's, so this is the node's own: a look every five minutes, as root, which nobody in
the notebook is. Stopping leaves the volume, which bills until destroy.
"""

import base64
from dataclasses import dataclass
from datetime import timedelta

from components.bootstrap.soft_end_aws import SoftEndObject

MOST_CHARACTERS = 16384  # sagemaker, NotebookInstanceLifecycleHook.Content, in base64

_PROGRAM = '''#!/usr/bin/env python3
"""Stops this notebook when it is idle, or past its lease's end."""
import datetime
import json
import os
import ssl
import subprocess
import time
import urllib.request

HARD_END, SOFT_END, IDLE_SECONDS = "@HARD_END@", "@SOFT_END@", @IDLE@
SEEN = "/run/trainyard-worked"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout.strip()


def seconds(text):
    return datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc).timestamp()


def works():
    """Whether a kernel works, or did within the time; no answer is no work."""
    try:
        context = ssl._create_unverified_context()
        with urllib.request.urlopen("https://localhost:8443/api/kernels", timeout=20, context=context) as answer:
            kernels = json.load(answer)
    except (OSError, ValueError):
        kernels = []
    busy = any(kernel["execution_state"] == "busy" for kernel in kernels)
    used = run("nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits") if os.path.exists(
        "/usr/bin/nvidia-smi") else ""
    last = max((seconds(kernel["last_activity"]) for kernel in kernels), default=0)
    return busy or last > time.time() - 300 or any(int(each) >= 5 for each in used.split() if each.isdigit())


def past_its_end():
    told = run("aws", "s3", "cp", SOFT_END, "-") if SOFT_END else ""
    for end in (HARD_END, told):
        try:
            if end and time.time() >= seconds(end):
                return True
        except ValueError:
            pass
    return False


if not os.path.exists(SEEN) or works():
    open(SEEN, "w").close()
if past_its_end() or time.time() - os.path.getmtime(SEEN) >= IDLE_SECONDS:
    with open("/opt/ml/metadata/resource-metadata.json") as file:
        me = json.load(file)
    where = ("--region", me["ResourceArn"].split(":")[3], "--notebook-instance-name", me["ResourceName"])
    run("aws", "sagemaker", "stop-notebook-instance", *where)
'''
_START = """#!/bin/bash
set -euo pipefail
cat > /usr/local/sbin/trainyard-notebook-end <<'TRAINYARD'
@PROGRAM@TRAINYARD
chmod 700 /usr/local/sbin/trainyard-notebook-end
systemd-run --unit=trainyard-notebook-end --on-active=60 --on-unit-active=300 /usr/local/sbin/trainyard-notebook-end
"""


@dataclass(frozen=True, kw_only=True)
class Ending:
    hard_end: str  # RFC 3339, UTC
    idle: timedelta
    soft_end: SoftEndObject | None = None


def start_script(ending: Ending) -> str:
    """The script in base64, as a lifecycle configuration takes it; ValueError when it is too long."""
    soft = ending.soft_end.values["soft-end-s3"] if ending.soft_end else ""
    program = (
        _PROGRAM.replace("@HARD_END@", ending.hard_end)
        .replace("@SOFT_END@", soft)
        .replace("@IDLE@", str(int(ending.idle.total_seconds())))
    )
    text = base64.b64encode(_START.replace("@PROGRAM@", program).encode()).decode()
    if len(text) > MOST_CHARACTERS:
        message = f"The notebook's script has {len(text)} characters, SageMaker takes {MOST_CHARACTERS}."
        raise ValueError(message)
    return text
