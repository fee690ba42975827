"""The pool and task map of a command: by flag, environment, file, or the bundled ones."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..studio.defaults import POOL, PROFILE, load_pool, load_profile

if TYPE_CHECKING:
    from ..studio.catalogue import Catalogue


def pool_path(given: Path | None) -> Path | None:
    """The pool file to use; None for the bundled models."""
    named = given or os.environ.get(POOL)
    if named:
        return Path(named)
    here = Path("pool.yaml")
    return here if here.is_file() else None


def profile_path(given: Path | None) -> Path | None:
    """The profile folder to use; None if there is none."""
    named = given or os.environ.get(PROFILE)
    if named:
        return Path(named)
    here = Path("profile")
    return here if (here / "profile.json").is_file() else None


def choose(pool: Path | None, profile: Path | None, *, quiet: bool = False) -> Catalogue:
    """The graphs over the pool and task map to use, with a notice for the bundled models."""
    from ..studio.catalogue import Catalogue

    file, folder = pool_path(pool), profile_path(profile)
    if file is None and not quiet:
        sys.stderr.write("Using the bundled pocket models; name your own with --pool pool.yaml.\n")
    return Catalogue(load_pool(file), load_profile(folder, own_pool=file is not None))
