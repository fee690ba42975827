"""From a line of pool.yaml to a reply: the only room that calls models."""

from .provider import Provider
from .registry import register

__all__ = ["Provider", "register"]
