"""Answers to the exercises of notebook 1: right ones beside the notebook's own, and usual mistakes."""

ANSWERS = {
    "overlapping_crops": {
        "right": [
            "my_count = 48",
            """
shifts = range(-64, 65, 8)
my_count = sum(abs(across) < 32 and abs(down) < 32 for across in shifts for down in shifts) - 1
""",
        ],
        "wrong": [
            ("my_count = 49", "the crop itself"),
            ("my_count = 80", "shares no pixel"),
            ("my_count = 6", "in one row"),
            ("my_count = 12", "both ways at once"),
            ("my_count = 15", "right and down only"),
            ("my_count = 8", "next neighbours"),
            ("my_count = 24", "stopped at a shift of 16"),
            ("my_count = 36", "left out the shift 0"),
            ("my_count = 63", "as many to the left as to the right"),
            ("my_count = 4", "Not 4"),
            ('my_count = "many"', "A number is wanted"),
        ],
    },
    "shared_regions": {
        "right": [
            "my_shared_regions = len(set(regions[list_a]) & set(regions[list_b]))",
            "my_shared_regions = np.isin(np.unique(regions[list_a]), regions[list_b]).sum()",
        ],
        "wrong": [
            ("my_shared_regions = len(np.intersect1d(list_a, list_b))", "Those are shared positions"),
            ("my_shared_regions = np.intersect1d(regions[list_a], regions[list_b])", "How many are they?"),
            ("my_shared_regions = set(regions[list_a]) & set(regions[list_b])", "How many are they?"),
            ("my_shared_regions = np.isin(regions[list_a], regions[list_b]).sum()", "once for each of its images"),
            ("my_shared_regions = len(np.union1d(regions[list_a], regions[list_b]))", "in BOTH"),
            ("my_shared_regions = 100", "in BOTH lists, and only once"),
        ],
    },
    "split_by_region": {
        "right": [
            """
def my_split(regions, seed):
    names = list(set(regions))
    np.random.seed(seed)
    np.random.shuffle(names)
    n = len(names) // 10
    pieces = names[2 * n :], names[:n], names[n : 2 * n]
    return tuple([i for i, region in enumerate(regions) if region in piece] for piece in pieces)
""",
            """
def my_split(regions, seed):
    rng = np.random.default_rng(seed)
    names, number = np.unique(regions, return_inverse=True)
    part = np.repeat([0, 1, 2], [len(names) - 2 * (len(names) // 10), len(names) // 10, len(names) // 10])
    part = rng.permutation(part)[number]
    return [rng.permutation(np.flatnonzero(part == k)) for k in range(3)]
""",
        ],
        "wrong": [
            ("""
def my_split(regions, seed):
    shuffled = np.random.default_rng(seed).permutation(len(regions))
    return np.split(shuffled, [round(0.8 * len(regions)), round(0.9 * len(regions))])
""", "Deal out regions, not images"),
            ("""
def my_split(regions, seed):
    return np.split(np.arange(len(regions)), [round(0.8 * len(regions)), round(0.9 * len(regions))])
""", "Deal out regions, not images"),
            ("""
def my_split(regions, seed):
    shuffled = np.random.default_rng(seed).permutation(np.unique(regions))
    n = len(shuffled)
    return [np.flatnonzero(np.isin(regions, x)) for x in (shuffled[: 8 * n // 10], shuffled[7 * n // 10 :][: n // 10],
                                                          shuffled[-n // 10 :])]
""", "The parts overlap"),
            ("""
def my_split(regions, seed):
    shuffled = np.random.default_rng(seed).permutation(np.unique(regions))
    n = len(shuffled) // 10
    pieces = shuffled[: 8 * n], shuffled[8 * n : 9 * n], shuffled[9 * n : -1]
    return [np.flatnonzero(np.isin(regions, piece)) for piece in pieces]
""", "they are lost"),
            ("""
def my_split(regions, seed):
    shuffled = np.random.default_rng().permutation(np.unique(regions))
    cuts = [round(0.8 * len(shuffled)), round(0.9 * len(shuffled))]
    return [np.flatnonzero(np.isin(regions, piece)) for piece in np.split(shuffled, cuts)]
""", "two different splits"),
            ("""
def my_split(regions, seed):
    names = np.unique(regions)
    cuts = [round(0.8 * len(names)), round(0.9 * len(names))]
    return [np.flatnonzero(np.isin(regions, piece)) for piece in np.split(names, cuts)]
""", "Every seed gives the same split"),
            ("""
def my_split(regions, seed):
    shuffled = np.random.default_rng(seed).permutation(np.unique(regions))
    return [np.flatnonzero(np.isin(regions, piece)) for piece in np.array_split(shuffled, 3)]
""", "wanted are 80%, 10% and 10%"),
            ("""
def my_split(regions, seed):
    shuffled = np.random.default_rng(seed).permutation(np.unique(regions))
    return np.split(shuffled, [round(0.8 * len(shuffled)), round(0.9 * len(shuffled))])
""", "Those are regions"),
            ("""
def my_split(regions, seed):
    shuffled = np.random.default_rng(seed).permutation(np.unique(regions))
    cuts = [round(0.8 * len(shuffled)), round(0.9 * len(shuffled))]
    return [np.isin(regions, piece) for piece in np.split(shuffled, cuts)]
""", "np.flatnonzero turns a mask into positions"),
            ("""
def my_split(regions, seed):
    shuffled = np.random.default_rng(seed).permutation(regions)
    return np.split(shuffled, [round(0.8 * len(regions)), round(0.9 * len(regions))])
""", "Those are regions"),
            ("""
def my_split(regions, seed):
    shuffled = np.random.default_rng(seed).permutation(np.unique(regions))
    cuts = [round(0.8 * len(shuffled)), round(0.9 * len(shuffled))]
    return [np.where(np.isin(regions, piece)) for piece in np.split(shuffled, cuts)]
""", "np.where(...)[0]"),
            ("""
def my_split(regions, seed):
    shuffled = np.random.default_rng(seed).permutation(np.unique(regions))
    cuts = [round(0.8 * len(shuffled)), round(0.9 * len(shuffled))]
    return [set(np.flatnonzero(np.isin(regions, piece))) for piece in np.split(shuffled, cuts)]
""", "A part is a set"),
            ("""
def my_split(regions, seed):
    np.random.default_rng(seed).shuffle(regions)
    return np.split(regions, [round(0.8 * len(regions)), round(0.9 * len(regions))])
""", "Work on a copy"),
            ("""
def my_split(regions, seed):
    names = np.unique(regions)
    n = len(names) // 10
    shuffled = np.random.default_rng(seed).permutation(names[: 9 * n])
    pieces = shuffled[: 8 * n], shuffled[8 * n :], names[9 * n :]
    return [np.flatnonzero(np.isin(regions, piece)) for piece in pieces]
""", "The test part is the same for every seed"),
            ("""
def my_split(regions, seed):
    shuffled = np.random.default_rng(seed).permutation(np.unique(regions))
    cuts = [round(0.8 * len(shuffled)), round(0.9 * len(shuffled))]
    return [np.flatnonzero(np.isin(regions, set(piece))) for piece in np.split(shuffled, cuts)]
""", "Does np.isin get a set?"),
            ("""
def my_split(regions, seed):
    shuffled = np.random.default_rng(seed).permutation(regions.max() + 1)
    cuts = [round(0.8 * len(shuffled)), round(0.9 * len(shuffled))]
    return [np.flatnonzero(np.isin(regions, piece)) for piece in np.split(shuffled, cuts)]
""", "On another album, with regions named 0, 5, 10"),
            ("""
def my_split(regions, seed):
    return "80/10/10"
""", "Three arrays are wanted"),
            ("""
def my_split(regions, seed):
    rng = np.random.default_rng(seed)
    return [rng.choice(np.unique(regions), 5) / 2 for _ in range(3)]
""", "whole numbers, in one row"),
        ],
    },
}
