"""Answers to the exercises of notebook 8: right ones beside the notebook's own, and usual mistakes."""

ANSWERS = {
    "fooled_ssim": {
        "right": [f"def my_damage(image):\n    return {answer}" for answer in (
            "0.28 + 0.72 * image",
            "np.minimum(image + np.float32(0.21), 1)",
            "1 - 0.7 * (1 - image)",
        )],
        "wrong": [(f"def my_damage(image):\n    return {answer}", hint) for answer, hint in (
            ("image", "still the image itself"),
            ("np.clip(image + 0.05, 0, 1)", "Do more of the same"),
            ("np.clip(image - 0.25, 0, 1)", "try the other direction"),
            ("0.1 + np.clip(image + 0.5, 0, 0.9)", "so do less"),
            ("image + 0.3", "must stay between 0 and 1"),
            ("1 - image", "lowers structure most"),
            ("image.mean() + 0 * image", "lowers "),
            ("add_gaussian(image, 0.25, np.random.default_rng(0))", "lowers structure most"),
            ("image.mean(axis=-1)", "both should be equal"),
            ("np.nan * image", "must stay between 0 and 1"),
        )],
    },
    "two_judges": {
        "right": [
            "my_a, my_b = (0.0001, 0.0001, 0.0001, 0.1), [0.01] * 4",
            "my_a = np.array([0.001, 0.001, 0.001, 0.03])\nmy_b = np.array([0.002, 0.004, 0.006, 0.008])",
        ],
        "wrong": [
            ("my_a, my_b = [0.004] * 4, [0.001, 0.001, 0.001, 0.02]", "exchange the two"),
            ("my_a, my_b = [0.001] * 4, [0.004] * 4", "A wins both"),
            ("my_a, my_b = [0.004] * 4, [0.001] * 4", "B wins both"),
            ("my_a, my_b = [30, 30, 30, 17], [24, 24, 24, 24]", "look like decibels"),
            ("my_a, my_b = [0.001] * 3, [0.004] * 3", "four images"),
            ("my_a, my_b = [0.001] * 4, [0.001] * 4", "By the mean of images it is a draw"),
            ("my_a, my_b = [0.001, 0.003, 0.001, 0.003], [0.002] * 4", "By the pooled PSNR it is a draw"),
            ("my_a, my_b = [0.001, 0.001, 0.001, 0.5], [0.004] * 4", "between 0.0001 and 0.1"),
            ("my_a, my_b = [0.001] * 4, None", "my_b is still None"),
        ],
    },
    "ssim_window": {
        "right": [
            """
def my_ssim(a, b):
    joint = np.cov(a.ravel(), b.ravel(), ddof=0)
    brightness = (2 * a.mean() * b.mean() + 1e-4) / (a.mean() ** 2 + b.mean() ** 2 + 1e-4)
    return brightness * (2 * joint[0, 1] + 9e-4) / (joint[0, 0] + joint[1, 1] + 9e-4)
""",
            """
def my_ssim(a, b, c1=0.01**2, c2=0.03**2):
    covariance = (a * b).mean() - a.mean() * b.mean()
    brightness = (2 * a.mean() * b.mean() + c1) / (a.mean() ** 2 + b.mean() ** 2 + c1)
    contrast = (2 * a.std() * b.std() + c2) / (a.var() + b.var() + c2)
    structure = (covariance + c2 / 2) / (a.std() * b.std() + c2 / 2)
    return brightness * contrast * structure
""",
        ],
        "wrong": [
            ("""
def my_ssim(a, b, c1=0.01**2, c2=0.03**2):
    covariance = ((a - a.mean()) * (b - b.mean())).mean()
    return (2 * covariance + c2) / (a.var() + b.var() + c2)
""", "is brightness in it"),
            ("""
def my_ssim(a, b):
    covariance = ((a - a.mean()) * (b - b.mean())).mean()
    return 2 * a.mean() * b.mean() / (a.mean() ** 2 + b.mean() ** 2) * 2 * covariance / (a.var() + b.var())
""", "What are c1 and c2 for"),
            ("""
def my_ssim(a, b, c1=0.01**2, c2=0.03**2):
    brightness = (2 * a.mean() * b.mean() + c1) / (a.mean() ** 2 + b.mean() ** 2 + c1)
    contrast = (2 * a.std() * b.std() + c2) / (a.var() + b.var() + c2)
    return brightness * contrast * np.corrcoef(a.ravel(), b.ravel())[0, 1]
""", "np.corrcoef divides by zero"),
            ("""
def my_ssim(a, b, c1=0.01**2, c2=0.03**2):
    covariance = ((a - a.mean()) * (b - b.mean())).mean()
    brightness = (2 * a.mean() * b.mean() + c1) / (a.mean() ** 2 + b.mean() ** 2 + c1)
    return brightness * (2 * covariance + c2) / (a.std() + b.std() + c2)
""", "Equal windows must give 1"),
            ("""
def my_ssim(a, b, c1=0.01**2, c2=0.03**2):
    covariance = np.abs((a - a.mean()) * (b - b.mean())).mean()
    brightness = (2 * a.mean() * b.mean() + c1) / (a.mean() ** 2 + b.mean() ** 2 + c1)
    return brightness * (2 * covariance + c2) / (a.var() + b.var() + c2)
""", "the covariance has a sign"),
            ("""
def my_ssim(a, b, c1=0.01**2, c2=0.03**2):
    return (2 * a.mean() * b.mean() + c1) / (a.mean() ** 2 + b.mean() ** 2 + c1)
""", "brightness alone"),
            ("""
def my_ssim(a, b, c1=0.01**2, c2=0.03**2):
    return (2 * a * b + c1) / (a**2 + b**2 + c1)
""", "One number is wanted"),
            ("""
def my_ssim(a, b, c1=0.01**2, c2=0.03**2):
    covariance = (a * b).mean()
    brightness = (2 * a.mean() * b.mean() + c1) / (a.mean() ** 2 + b.mean() ** 2 + c1)
    return brightness * (2 * covariance + c2) / (a.var() + b.var() + c2)
""", "A covariance is about the means"),
        ],
    },
}
