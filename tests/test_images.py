import numpy as np
import pytest

from helpers.images import check_images, to_float


def test_bytes_become_the_unit_scale_and_come_back():
    every_byte = np.arange(256, dtype=np.uint8)
    images = to_float(every_byte)
    assert images.dtype == np.float32 and images.min() == 0 and images.max() == 1
    np.testing.assert_array_equal(np.round(images * 255).astype(np.uint8), every_byte)


def test_only_bytes_are_converted():
    with pytest.raises(TypeError, match="float64.*on the .0, 1. scale already"):
        to_float(np.zeros((32, 32, 3)))


@pytest.mark.parametrize(
    "images, error, advice",
    [
        (np.zeros((2, 32, 32, 3), np.uint8), TypeError, "clean = to_float"),
        (np.full((2, 32, 32, 3), 255.0), ValueError, "Divide by 255"),
        (np.full((2, 32, 32, 3), -0.1), ValueError, "np.clip"),
        (np.full((2, 32, 32, 3), np.nan), ValueError, r"span \[nan, nan\]"),
        (np.zeros((32, 32)), ValueError, r"\[..., None\]"),
        (np.zeros((0, 32, 32, 3)), ValueError, "empty"),
    ],
)
def test_wrong_images_are_refused_with_advice(images, error, advice):
    with pytest.raises(error, match=advice):
        check_images(images, "clean")


def test_right_images_pass_unchanged(pictures):
    assert check_images(pictures) is pictures
