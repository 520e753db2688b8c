"""The Pulumi program: everything it does is decided by the stack's file under stacks/."""

import pulumi

from stacks.program import program

pulumi.run(program)
