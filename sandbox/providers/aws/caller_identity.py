"""aws:index/getCallerIdentity:getCallerIdentity."""

from __future__ import annotations

from typing import Any

from sandbox.providers.standin import Properties


class CallerIdentity:
    """Who the provider is."""

    name = "aws:index/getCallerIdentity:getCallerIdentity"

    def call(self, cloud: Any, arguments: Properties) -> Properties:
        """Account, ARN and user id of the profile."""
        del arguments
        answer = cloud.client("sts").get_caller_identity()
        return {
            "accountId": answer["Account"],
            "arn": answer["Arn"],
            "userId": answer["UserId"],
            "id": answer["Account"],
        }


FUNCTION = CallerIdentity()
