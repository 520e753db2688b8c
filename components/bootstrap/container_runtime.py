"""Docker, and on GPU machines NVIDIA's toolkit, so that `docker run --gpus all` works; what an image has stays."""

from components.bootstrap.fragment import Fragment, script, unit, values

NAME = "container-runtime"
# https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html
_TOOLKIT = "https://nvidia.github.io/libnvidia-container"


def container_runtime(*, gpus: bool, registries: tuple[str, ...] = ()) -> Fragment:
    """`registries`: hosts such as "europe-docker.pkg.dev" that Docker logs in to as the node's identity."""
    service = f"trainyard-{NAME}.service"
    data = {
        "gpus": "yes" if gpus else "no",
        "toolkit-url": _TOOLKIT,
        "registries": "".join(f"{host}\n" for host in registries),
    }
    return Fragment(
        name=NAME, files=(*values(NAME, data), script("container_runtime.sh"), unit(service)), start=(service,)
    )
