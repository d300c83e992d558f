"""Lesson 1 · Splitting the data: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import exercise, is_number, run

REASONS = {
    "crops_dealt_out": {
        "a": "So it should be, and with whole regions so it is. But here the crops' "
             "neighbours are in its memory.",
        "b": "You were on the way: some of its blocks are in the memory. In fact most of them are.",
        "c": "The crop is not in the memory, but its neighbours are, and they show the very same pixels.",
    },
    "choosing_on_more_images": {
        "a": "The choice does get better: the delivery rises. The promise falls all the "
             "same, as luck averages out.",
        "b": "A few images can be lucky ones for some setting, and that setting is chosen. Luck averages out.",
        "c": "They are, but three of them are a matter of luck, and the choice takes the luckiest setting.",
    },
    "one_blind_setting": {
        "a": "It is uncertain, and may be far off either way. But too high on average it is not.",
        "b": "Few images make a score uncertain. Choosing by it makes it flattering.",
        "c": "The setting may be bad; then the report says so. It is not worse on this image than on others.",
    },
}


@exercise("how far to the right may a crop be moved, in steps of 8, until it leaves the first one?",
          "With so many neighbours no crop can be dealt out alone.")
def overlapping_crops(count):
    """Check how many crops share pixels with one in the middle: 32x32 pixels, cut every 8 pixels.

    Parameters
    ----------
    count : int
        The reader's answer.
    """
    if not is_number(count):
        return f"A number is wanted, not {count!r}."
    shifts = np.arange(-64, 65, 8)
    near = int((np.abs(shifts) < 32).sum())
    hints = {
        near**2 - 1: None,
        near**2: "You have counted the crop itself, too.",
        near - 1: "Those lie in one row. Crops are moved up and down as well.",
        2 * (near - 1): "Those lie in the same row or column. A crop can be moved both ways at once.",
        (near + 2) ** 2 - 1: "A crop that is moved by 32 pixels touches the first one, but shares no pixel.",
        (near // 2 + 1) ** 2 - 1: "You have moved it right and down only. It can be moved left and up, too.",
        8: "Those are the next neighbours; crops further away share pixels, too.",
        (near - 2) ** 2 - 1: "You have stopped at a shift of 16 pixels. Moved by 24, it still shares some.",
        (near - 1) ** 2: "Along one side you have left out the shift 0: a crop can be moved straight up.",
        (near + 1) ** 2 - 1: "Eight along a side? There are as many to the left as to the right, and 0.",
    }
    return hints.get(count, f"Not {count}. Count the shifts along one side, then square.")


@exercise("which regions do the images of list_a come from? Begin with those, then the same for list_b.",
          "The lists are disjoint, the pictures are not.")
def shared_regions(count, regions, list_a, list_b):
    """Check how many regions two lists of positions have in common.

    Parameters
    ----------
    count : int
        The reader's answer.
    regions : ndarray of int, shape (N,)
        The region of each image.
    list_a, list_b : ndarray of int
        Positions.
    """
    of_a, of_b = set(regions[list_a].tolist()), set(regions[list_b].tolist())
    if np.ndim(count) or isinstance(count, (set, str)):
        return "Those are the regions themselves, or something else than a number. How many are they?"
    if count == len(of_a & of_b):
        return None
    if count == len(np.intersect1d(list_a, list_b)):
        return "Those are shared positions. Look up the region of each position first."
    if count == len(of_a | of_b):
        return "Those are the regions of either list; wanted are those that occur in BOTH."
    if count in (np.isin(regions[list_a], list(of_b)).sum(), np.isin(regions[list_b], list(of_a)).sum()):
        return "You have counted images, and a region once for each of them. Count each region once."
    return f"Not {count}. Count each region that occurs in BOTH lists, and only once."


@exercise("what is to be dealt out, images or regions? Begin with a list that has each of them once.",
          "No pixel is in two parts. The rest of the series splits like this.")
def split_by_region(split, regions):
    """Check a split into 80/10/10 that keeps regions whole and can be repeated.

    Parameters
    ----------
    split : callable
        ``split(regions, seed)``: three arrays of positions.
    regions : ndarray of int, shape (N,)
        The region of each image.
    """
    mixed = np.random.default_rng(1).permutation(np.repeat(np.arange(0, 200, 5), 25))
    for labels in (np.array(regions), mixed):
        hint = _fault_of_split(run(split, labels, 0), labels)
        if hint:
            return hint
    seeds = [[np.sort(part).tolist() for part in split(mixed, seed)] for seed in (0, 0, 1, 2, 3)]
    if seeds[0] != seeds[1]:
        return "The same seed gave two different splits. Draw from np.random.default_rng(seed)."
    if all(parts == seeds[0] for parts in seeds):
        return "Every seed gives the same split: the regions are not shuffled, or not by this seed."
    return None


def _fault_of_split(parts, regions):
    """What is wrong with three arrays of positions, or None."""
    if not isinstance(parts, (tuple, list, np.ndarray)) or len(parts) != 3:
        return "Three arrays are wanted: the positions of train, validation and test."
    if any(isinstance(part, (set, frozenset)) for part in parts):
        return "A part is a set here. Wanted is an array of positions: np.array(sorted(part)) makes one."
    if any(isinstance(part, tuple) and len(part) == 1 and np.ndim(part[0]) == 1 for part in parts):
        return "np.where(...) packs the positions into a tuple. Take them out: np.where(...)[0]."
    parts = [np.asarray(part) for part in parts]
    if any(part.dtype == bool for part in parts):
        return "Those are masks of True and False; np.flatnonzero turns a mask into positions."
    if any(part.ndim != 1 or not np.issubdtype(part.dtype, np.integer) for part in parts):
        return "Each part is an array of positions: whole numbers, in one row."
    every = np.concatenate(parts)
    if len(every) and set(every.tolist()) <= set(regions.tolist()):
        return "Those are regions. Wanted are the positions of their images: np.flatnonzero(np.isin(...))."
    if len(every) == 0 or every.min() < 0 or every.max() >= len(regions):
        return f"The images have the positions 0 to {len(regions) - 1}; yours are others, or none."
    counts = np.bincount(every, minlength=len(regions))
    if counts.max() > 1:
        return f"The parts overlap: {(counts > 1).sum():,} of {len(regions):,} images occur twice."
    if counts.min() == 0:
        return f"{(counts == 0).sum():,} of {len(regions):,} images are in no part: they are lost."
    shared = sum(map(len, (np.unique(regions[part]) for part in parts))) - len(np.unique(regions))
    if shared:
        return "Crops of one region are in several parts, and so are its pixels. Deal out regions, not images."
    shares = [len(part) / len(regions) for part in parts]
    if not np.allclose(shares, (0.8, 0.1, 0.1), atol=0.04):
        told = ", ".join(f"{share:.0%}" for share in shares)
        return f"Of the images, the parts hold {told}; wanted are 80%, 10% and 10%."
    return None
