"""Answers to the exercises of notebook 9: right ones beside the notebook's own, and usual mistakes."""

# A strip of the cat, three tiles high, instead of the whole photo.
GIVEN = {"photo": "to_float(data.chelsea())[60:156]"}

ANSWERS = {
    "tile_count": {
        "right": ["my_count = 33376", "my_count = [33376]", "my_count = ((2400 - 32) // 16 + 1) * ((3600 - 32) // 16 + 1)"],
        "wrong": [
            ("my_count = len(starts(2400, 32)) * len(starts(3600, 32))", "side by side"),
            ("my_count = 2400 * 3600 / 32**2", "without overlap"),
            ("my_count = (2400 // 16) * (3600 // 16)", "a tile is 32 wide"),
            ("my_count = ((2400 - 32) // 16) * ((3600 - 32) // 16)", "the last tile of each side"),
            ("my_count = len(starts(2400, 16)) * len(starts(3600, 32))", "Along a side"),
            ("my_count = len(starts(2400, 16)) + len(starts(3600, 16))", "multiply"),
            ("my_count = [33000]", "Along a side"),
            ("my_count = starts(2400, 16)", "One number is wanted"),
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
    distance = np.abs(np.arange(length) - (length - 1) / 2) / (length / 2)
    return np.where(distance < 0.5, 0.3 + 1.4 * distance, 2.02 - 2 * distance)
""", "beside the middle"),
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
    "cropping_window": {
        "right": ["""
def my_crop(margin):
    inside = np.arange(32)
    return np.where((inside >= margin) & (inside < 32 - margin), 1, 1e-6), 32 - 2 * margin
"""],
        "wrong": [
            ("""
def my_crop(margin):
    window = np.zeros(32)
    window[margin : 32 - margin] = 1
    return window, 32 - 2 * margin
""", "divides by zero"),
            ("""
def my_crop(margin):
    window = np.full(32, 1e-6)
    window[margin:-margin] = 1
    return window, 32 - margin
""", "there are gaps"),
            ("""
def my_crop(margin):
    window = np.full(32, 1e-6)
    window[margin:-margin] = 1
    return window, 16 - margin
""", "a larger one"),
            ("""
def my_crop(margin):
    window = np.full(32, 1e-6)
    window[margin:] = 1
    return window, 32 - 2 * margin
""", "should be kept"),
            ("""
def my_crop(margin):
    return np.ones(32 - 2 * margin), 32 - 2 * margin
""", "for each of 32 pixels"),
            ("""
def my_crop(margin):
    window = np.full(32, 1e-6)
    window[margin:-margin] = 1
    return 32 - 2 * margin, window
""", "The other way round"),
            ("""
def my_crop(margin):
    return None, 32 - 2 * margin
""", "One of the two is None"),
            ("""
def my_crop(margin):
    return 32 - 2 * margin
""", "Two things are wanted"),
        ],
    },
}
