"""The addresses that a node on Azure asks; tests put others in their place."""

METADATA = "http://169.254.169.254/metadata"
ARM = "https://management.azure.com"
