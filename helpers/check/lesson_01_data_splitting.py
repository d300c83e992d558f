"""Lesson 1 · Splitting the data: what is said to its predictions and to the answers of its exercises."""

import numpy as np

from helpers.check.common import exercise, is_number, run

REASONS = {
    "no_crop_of_it": {
        "a": "They have, but not the same ones. The noisy block is nearer to the truth than a clean block "
             "of another photograph.",
        "b": "The noise is gone, but wrong detail is in its place: {left:.0%} of the error is left.",
        "c": "It removes all the noise. But it puts in blocks of other photographs, and they are wrong by "
             "more than the noise was.",
    },
    "leak_of_a_network": {
        "a": "It changed by {by:+.1%}, with one photograph and one seed; others gave both signs. So little "
             "cannot be told from nothing.",
        "b": "It has, but that helps it little here. In this run its error changed by {by:+.1%}.",
        "c": "They are, but the network does not keep pixels. It keeps weights that have to serve all crops.",
    },
    "choosing_on_more_images": {
        "a": "The choice does get better: the delivery rises. But the promise falls, because luck "
             "averages out.",
        "b": "They are, but three of them can be lucky for some setting, and the choice takes the "
             "luckiest setting.",
        "c": "A few images can be lucky for some setting, and that setting is chosen. On many images luck "
             "averages out.",
    },
    "one_blind_setting": {
        "a": "Few images make a score uncertain. Only choosing by it makes it too high.",
        "b": "It is uncertain, and may be far off in either direction. But on average it is not too high.",
        "c": "The setting may be bad, and then the report says so. It is not worse on this image than on "
             "others.",
    },
}


@exercise("how far to the right can you move a crop, in steps of 8, until it no longer overlaps with the "
          "first one?",
          "With so many neighbours no crop may be dealt out alone.")
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
        (near + 2) ** 2 - 1: "A crop that is moved by 32 pixels touches the first one, but shares no "
                             "pixel with it.",
        (near // 2 + 1) ** 2 - 1: "You have moved it right and down only. It can be moved left and up, too.",
        8: "Those are the next neighbours; crops further away share pixels, too.",
        (near - 2) ** 2 - 1: "You have stopped at a shift of 16 pixels. Moved by 24, it still shares some.",
        (near - 1) ** 2: "You have left out the shift 0: a crop can be moved straight up or straight across.",
        (near + 1) ** 2 - 1: "Eight shifts along a side? There are as many to the left as to the right, "
                             "and the shift 0.",
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
        return "That is not a number: perhaps the regions themselves. How many are they?"
    if count == len(of_a & of_b):
        return None
    if count == len(np.intersect1d(list_a, list_b)):
        return "Those are shared positions. Look up the region of each position first."
    if count == len(of_a | of_b):
        return "Those are the regions of either list. Count those that occur in BOTH."
    if count in (np.isin(regions[list_a], list(of_b)).sum(), np.isin(regions[list_b], list(of_a)).sum()):
        return "You have counted a region once for each of its images. Count each region once."
    return f"Not {count}. Count each region that occurs in BOTH lists, and only once."


@exercise("what do you deal out, images or regions? Begin with a list that has each region once.",
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
    for labels, where in (
        (np.array(regions), ""),
        (mixed, "On another album, with regions named 0, 5, 10 and so on, in mixed order: "),
    ):
        hint = _fault_of_split(run(split, labels, 0), labels)
        if hint:
            return where + hint
    seeds = [[np.sort(part).tolist() for part in split(mixed, seed)] for seed in (0, 0, 1, 2, 3)]
    if seeds[0] != seeds[1]:
        return "The same seed gave two different splits. Draw from np.random.default_rng(seed)."
    if all(parts == seeds[0] for parts in seeds):
        return "Every seed gives the same split: the regions are not shuffled, or not by this seed."
    for name, of_seeds in zip(("training", "validation", "test"), zip(*seeds)):
        if all(part == of_seeds[0] for part in of_seeds):
            return f"The {name} part is the same for every seed. Shuffle all regions, and only then cut."
    return None


def _fault_of_split(parts, regions):
    """What is wrong with three arrays of positions, or None."""
    if not isinstance(parts, (tuple, list, np.ndarray)) or len(parts) != 3:
        return "Three arrays are wanted: the positions of train, validation and test."
    if any(isinstance(part, (set, frozenset)) for part in parts):
        return "A part is a set here, and an array of positions is wanted: np.array(sorted(part)) makes one."
    if any(isinstance(part, tuple) and len(part) == 1 and np.ndim(part[0]) == 1 for part in parts):
        return "np.where(...) packs the positions into a tuple. Take them out: np.where(...)[0]."
    parts = [np.asarray(part) for part in parts]
    if any(part.dtype == bool for part in parts):
        return "Those are masks of True and False; np.flatnonzero turns a mask into positions."
    if any(part.ndim != 1 or not np.issubdtype(part.dtype, np.integer) for part in parts):
        return "Each part is an array of positions: whole numbers, in one row."
    every = np.concatenate(parts)
    if len(every) == 0:
        return ("All three parts are empty. Does np.isin get a set? It finds nothing in a set: give it a list "
                "or an array.")
    if set(every.tolist()) <= set(regions.tolist()):
        return "Those are regions. Return the positions of their images: np.flatnonzero(np.isin(...))."
    if every.min() < 0 or every.max() >= len(regions):
        return f"The images have the positions 0 to {len(regions) - 1}; yours are others."
    counts = np.bincount(every, minlength=len(regions))
    if counts.max() > 1:
        return f"The parts overlap: {(counts > 1).sum():,} of {len(regions):,} images occur twice."
    if counts.min() == 0:
        return f"{(counts == 0).sum():,} of {len(regions):,} images are in no part: they are lost."
    shared = sum(map(len, (np.unique(regions[part]) for part in parts))) - len(np.unique(regions))
    if shared:
        return "Crops of one region are in several parts, and their pixels, too. Deal out regions, not images."
    shares = [len(part) / len(regions) for part in parts]
    if not np.allclose(shares, (0.8, 0.1, 0.1), atol=0.04):
        told = ", ".join(f"{share:.0%}" for share in shares)
        return f"The parts hold {told} of the images; wanted are 80%, 10% and 10%."
    return None
