"""Answers to the exercises of notebook 9: right ones beside the notebook's own, and usual mistakes."""

# A strip of the cat, three tiles high, instead of the whole photo.
GIVEN = {"photo": "to_float(data.chelsea())[60:156]"}

ANSWERS = {
    "tile_count": {
        "right": ["my_count = 33376", "my_count = ((2400 - 32) // 16 + 1) * ((3600 - 32) // 16 + 1)"],
        "wrong": [
            ("my_count = len(starts(2400, 32)) * len(starts(3600, 32))", "side by side"),
            ("my_count = 2400 * 3600 / 32**2", "without overlap"),
            ("my_count = (2400 // 16) * (3600 // 16)", "a tile is 32 wide"),
            ("my_count = ((2400 - 32) // 16) * ((3600 - 32) // 16)", "the last tile of each side"),
            ("my_count = len(starts(2400, 16)) * len(starts(3600, 32))", "Along a side"),
            ("my_count = len(starts(2400, 16)) + len(starts(3600, 16))", "all of those across"),
            ("my_count = starts(2400, 16)", "One number is wanted"),
        ],
    },
    "break_even": {
        "right": ["my_sigma = 0.0056", "my_sigma = 1.4 / 255"],
        "wrong": [
            ("my_sigma = 0.05", "it still gains"),
            ("my_sigma = 0.001", "it already loses"),
            ("my_sigma = 1.4", "divided by 255"),
            ("my_sigma = [0.005, 0.006]", "One number is wanted"),
        ],
    },
    "blend_window": {
        "right": [
            """
def my_window(length):
    return np.exp(-0.5 * ((np.arange(length) - (length - 1) / 2) / (length / 6)) ** 2)
""",
            """
def my_window(length):
    return np.hanning(length + 2)[1:-1]
""",
            """
def my_window(length):
    return np.exp(-np.linspace(-1, 1, length) ** 2)
""",
        ],
        "wrong": [
            ("""
def my_window(length):
    return np.hanning(length)
""", "zero or negative"),
            ("""
def my_window(length):
    return np.ones(length)
""", "The rim counts too much"),
            ("""
def my_window(length):
    i = np.arange(length)
    return np.where((i >= length / 4) & (i < 3 * length / 4), 1, 0.01)
""", "Your window jumps"),
            ("""
def my_window(length):
    return np.exp(-(np.arange(length) - length / 2) ** 2)
""", "becomes 0 at the rim"),
            ("""
def my_window(length):
    return np.linspace(0.1, 1, length)
""", "prefers one side"),
            ("""
def my_window(length):
    return 1.1 - np.hanning(length)
""", "trusts the rim"),
            ("""
def my_window(length):
    return bell
""", "It should work for any length"),
            ("""
def my_window(length):
    return np.outer(bell, bell)
""", "one weight for each pixel of a row"),
        ],
    },
}
