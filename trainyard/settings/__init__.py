"""The schema of environment and stack files: load them, or learn every problem at its line."""

from trainyard.settings.agreement import check_config
from trainyard.settings.base import Base, GcpBase
from trainyard.settings.environment import Environment, GcpEnvironment, Limits
from trainyard.settings.gpu_vm import BootDisk, GpuVm
from trainyard.settings.lease import Lease
from trainyard.settings.load import load
from trainyard.settings.network import ExistingNetwork, MadeNetwork
from trainyard.settings.places import Where
from trainyard.settings.problem import Problem, SettingsError
from trainyard.settings.requests import requests
from trainyard.settings.schema import json_schema
from trainyard.settings.settings import Settings
from trainyard.settings.stack import Stack
from trainyard.settings.values import AcceleratorCount

__all__ = [
    "AcceleratorCount",
    "Base",
    "BootDisk",
    "Environment",
    "ExistingNetwork",
    "GcpBase",
    "GcpEnvironment",
    "GpuVm",
    "Lease",
    "Limits",
    "MadeNetwork",
    "Problem",
    "Settings",
    "SettingsError",
    "Stack",
    "Where",
    "check_config",
    "json_schema",
    "load",
    "requests",
]
