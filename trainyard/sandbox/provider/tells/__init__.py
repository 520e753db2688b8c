"""What a thing tells besides its inputs where that follows from them: addresses, names of hosts, ARNs, links."""
