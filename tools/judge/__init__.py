"""The judge: an independent engine that decides requests from policy documents, installed on demand.

It is @cloud-copilot/iam-simulate, under the AGPL: a process of its own, fetched by whoever wants it from the npm
registry into their own cache, and no part of what Drawbridge is or ships.
"""
