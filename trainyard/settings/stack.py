"""Whose a stack is and what it is for: keys, never parsed from its name."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict, WithJsonSchema

from trainyard.settings.shape import Section
from trainyard.settings.values import Slug, matching

SCHEMA = 1
Version = Annotated[
    int,
    Strict(),
    Field(alias="schema", ge=SCHEMA, le=SCHEMA, description=f"{SCHEMA}, the schema that this version reads"),
    WithJsonSchema({"const": SCHEMA}),
]
FileWord = Annotated[str, matching(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")]


class Stack(Section):
    """The stack's keys."""

    schema_version: Version
    environment: Annotated[FileWord, Field(description="the environment's name: dev for stacks/env.dev.yaml")]
    layer: Annotated[
        Literal["base", "compute", "guard"],
        Field(description="base (what lives long), compute (one lease) or guard"),
    ]
    owner: Annotated[Slug, Field(description="who answers for it: a name from the environment's contacts")]
    cost_center: Annotated[Slug, Field(description="who pays: a name from the environment's contacts")]
