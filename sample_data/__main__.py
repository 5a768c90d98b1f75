"""``python -m sample_data [FOLDER]``: write the sample world of a fixed moment, by default the committed copy anew."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from sample_data.world import FIXED_NOW, write

FILES = Path(__file__).parent / "files"


def main(arguments: list[str]) -> None:
    """Write the world into the folder that is named, or replace the committed copy."""
    if arguments:
        write(Path(arguments[0]), FIXED_NOW)
        return
    if FILES.exists():
        shutil.rmtree(FILES)
    world = write(FILES, FIXED_NOW)
    for campaign in world.campaigns:
        print(f"{campaign.name}: {campaign.truth}")


if __name__ == "__main__":
    main(sys.argv[1:])
