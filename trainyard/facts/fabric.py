"""The networks between GPU machines on Google Cloud: which interfaces each asks for, and in how many networks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fabric:
    """One kind of network between nodes, beside the machine's own first interface."""

    name: str
    gvnics: int  # further gVNIC interfaces, each in a network of its own
    rdma_nics: int  # MRDMA interfaces, each in a subnetwork of one RDMA network
    mtu: int
    zonal: bool  # bound to one zone, by its network profile; else its subnetworks serve a region
    source: str

    @property
    def subnetworks(self) -> int:
        """How many subnetworks it is made of, in the order of the machine's interfaces."""
        return self.gvnics + self.rdma_nics

    @property
    def nic_types(self) -> tuple[str, ...]:
        """The kind of each further interface, in order."""
        return ("GVNIC",) * self.gvnics + ("MRDMA",) * self.rdma_nics

    @property
    def of(self) -> str:
        """What one of it serves: "zone" or "region"."""
        return "zone" if self.zonal else "region"


_TOOLKIT = "GoogleCloudPlatform/cluster-toolkit 10470803 (2026-06-25)"
_BANDWIDTH_PAGE = "Compute Engine docs, Networking and GPU machines"
FABRICS: dict[str, Fabric] = {
    fabric.name: fabric
    for fabric in (
        Fabric(
            name="gpudirect-tcpx",
            gvnics=4,
            rdma_nics=0,
            mtu=8244,
            zonal=False,
            source=f"{_TOOLKIT}, a3high-slurm-blueprint.yaml: multivpc of 4; {_BANDWIDTH_PAGE}",
        ),
        Fabric(
            name="gpudirect-tcpxo",
            gvnics=8,
            rdma_nics=0,
            mtu=8244,
            zonal=False,
            source=f"{_TOOLKIT}, a3mega-slurm-blueprint.yaml: multivpc of 8; {_BANDWIDTH_PAGE}",
        ),
        Fabric(
            name="roce",
            gvnics=1,
            rdma_nics=8,
            mtu=8896,
            zonal=True,
            source=f"{_TOOLKIT}, a4high-vm.yaml and a3ultra-vm.yaml: two gVNIC networks, one RDMA network of 8; "
            "VPC docs, RDMA network profiles",
        ),
    )
}


def network_profile(project: str, zone: str) -> str:
    """The RDMA network profile of a zone's RoCE network."""
    return f"projects/{project}/global/networkProfiles/{zone}-vpc-roce"
