"""Answers to the exercises of notebook 10: right ones beside the notebook's own, and usual mistakes."""

ANSWERS = {
    "break_even": {
        "right": ["my_sigma = 0.0056", "my_sigma = 1.4 / 255", "my_sigma = np.array([0.0056])"],
        "wrong": [
            ("my_sigma = 0.05", "it still gains"),
            ("my_sigma = 0.001", "it already loses"),
            ("my_sigma = 1.4", "by 255"),
            ("my_sigma = [0.005, 0.006]", "One number is wanted"),
        ],
    },
    "correlation_of_two_shots": {
        "right": [
            """
def my_correlation(first, second):
    error = (first - second) / 2
    return np.corrcoef(error[:, 1:].ravel(), error[:, :-1].ravel())[0, 1]
""",
            """
def my_correlation(first, second):
    error = first - (first + second) / 2
    return neighbours(error)
""",
        ],
        "wrong": [
            ("""
def my_correlation(first, second):
    return neighbours(first)
""", "That is the *scene*"),
            ("""
def my_correlation(first, second):
    return neighbours((first + second) / 2)
""", "That is the *scene*"),
            ("""
def my_correlation(first, second):
    return np.corrcoef(first.ravel(), second.ravel())[0, 1]
""", "first shot with the second"),
            ("""
def my_correlation(first, second):
    error = first - second
    return (error[:, 1:] * error[:, :-1]).sum()
""", "is no correlation"),
            ("""
def my_correlation(first, second):
    error = first - second
    return (error[:, 1:] * error[:, :-1]).mean()
""", "is no correlation"),
            ("""
def my_correlation(first, second):
    error = first - second
    return np.corrcoef(error[1:].ravel(), error[:-1].ravel())[0, 1]
""", "the neighbour *below*"),
            ("""
def my_correlation(first, second):
    error = (first - second).ravel()
    return np.corrcoef(error[1:], error[:-1])[0, 1]
""", "the next *colour*"),
            ("""
def my_correlation(first, second):
    return neighbours(first - second) / 2
""", "half of it"),
            ("""
def my_correlation(first, second):
    return first - second
""", "One number is wanted"),
        ],
    },
}
