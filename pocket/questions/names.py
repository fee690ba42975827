"""First names that questions use."""

from __future__ import annotations

from collections.abc import Sequence

NAMES: Sequence[str] = (
    "Tom Anna Ben Sara Max Lisa John Mary Peter Paul Emma Jack Lucy Sam Mia Leo Kate Alice Bob "
    "Carol Dave Eve Frank Grace Henry Ivy James Kim Laura Mike Nina Oscar Rosa Steve Tina Uma "
    "Victor Wendy Zoe Ann Cara Dan Finn Gina Hugo Iris Jane Joe Jim Tim Amy Sue Ali Omar Maria "
    "Carlos David Daniel Julia Sophie Lily Ella Noah Liam Alex Chris Susan Karen Robert Michael "
    "Sarah Linda Mark Luke Adam Rachel Ruth Simon Nick Bill George Helen Clara Ravi Priya Yuki Ken"
).split()
