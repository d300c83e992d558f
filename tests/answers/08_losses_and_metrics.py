"""Answers to the exercises of notebook 8: right ones beside the notebook's own, and usual mistakes."""

# Blurred pictures stand in for those that a trained network has denoised.
GIVEN = {"results": '{"noisy": noisy, "MSE": gaussian_filter(noisy, (0, 0.7, 0.7, 0))}'}

ANSWERS = {
    "thesis_range": {
        "right": ["my_range = 1 - (-1)", "my_range = np.float32(2)"],
        "wrong": [
            ("my_range = 1", "what it did pass"),
            ("my_range = 4", "squared in the formula"),
            ("my_range = 255", "for bytes"),
            ("my_range = (-1, 1)", "not the two ends"),
            ("my_range = '2'", "A number above 0 is wanted"),
            ("my_range = 0.5", "which is not yours"),
        ],
    },
    "pooled_psnr": {
        "right": [
            """
def my_pooled_psnr(clean, other):
    return -20 * np.log10(np.sqrt(((clean - other) ** 2).mean()))
""",
            """
def my_pooled_psnr(clean, other):
    from skimage.metrics import peak_signal_noise_ratio
    return peak_signal_noise_ratio(clean, other, data_range=1)
""",
            """
def my_pooled_psnr(clean, other):
    each = np.mean((clean - other) ** 2, axis=(1, 2, 3))
    return 10 * np.log10(1 / each.mean())
""",
            """
def my_pooled_psnr(clean, other):
    return -10 * np.log10(np.mean(10 ** (-psnr(clean, other) / 10)))
""",
        ],
        "wrong": [
            ("""
def my_pooled_psnr(clean, other):
    return psnr(clean, other).mean()
""", "the logarithm comes last"),
            ("""
def my_pooled_psnr(clean, other):
    return 10 * np.log10(1 / np.mean((clean - other) ** 2, axis=(1, 2, 3)))
""", "Take the mean over all axes"),
            ("""
def my_pooled_psnr(clean, other):
    return 10 * np.log10(np.mean((clean - other) ** 2))
""", "The sign"),
            ("""
def my_pooled_psnr(clean, other):
    return 20 * np.log10(1 / np.mean((clean - other) ** 2))
""", "Twice too much"),
            ("""
def my_pooled_psnr(clean, other):
    return 10 * np.log(1 / np.mean((clean - other) ** 2))
""", "natural logarithm"),
            ("""
def my_pooled_psnr(clean, other):
    return 10 * np.log10(255**2 / np.mean((clean - other) ** 2))
""", "no 255"),
            ("""
def my_pooled_psnr(clean, other):
    return np.mean((clean - other) ** 2)
""", "That is the MSE"),
            ("""
def my_pooled_psnr(clean, other):
    other -= clean
    return 10 * np.log10(1 / np.mean(other**2))
""", "Work on a copy"),
            ("""
def my_pooled_psnr(clean, other):
    return pooled(other)
""", "not with the one that it was given"),
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
