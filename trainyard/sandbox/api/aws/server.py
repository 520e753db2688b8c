"""Amazon's APIs on one port: the signature says which service and region is meant."""

from __future__ import annotations

from trainyard.sandbox.api.call import Scene
from trainyard.sandbox.api.serving import Reply, Request


class Aws:
    """Amazon Web Services: what answers is loaded with the first call, so that a sandbox starts without botocore."""

    name = "aws"

    def __init__(self, scene: Scene, token: str) -> None:
        self.scene = scene
        self._token = token

    def reply(self, request: Request) -> Reply:
        from trainyard.sandbox.api.aws.front import answer

        return answer(self.scene, self._token, request)

    def refusal(self, code: int, text: str) -> Reply:
        return Reply(code=code, content=text.encode(), type="text/plain; charset=UTF-8")
