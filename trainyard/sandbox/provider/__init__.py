"""The provider side of the sandbox: one loopback port per installed Pulumi SDK, over one store."""
