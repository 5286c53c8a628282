"""Why offices refuse requests about enterprises, and what one case was opened and refused for."""

from hub.identity.rules.refusals import opened_for, refusal_of, refusal_reasons

__all__ = ["opened_for", "refusal_of", "refusal_reasons"]
