import io

import numpy as np
import pytest
from PIL import Image

from helpers.images import check_images, read_photo, to_float


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


def encoded(picture, kind="PNG", **options):
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


@pytest.fixture
def picture(rng):
    return Image.fromarray(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8))


def test_a_photo_comes_as_it_was_saved(picture):
    photo = read_photo(memoryview(encoded(picture)))
    np.testing.assert_array_equal(photo, to_float(np.asarray(picture)))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_a_photo_of_any_kind_gets_three_channels(picture, mode):
    assert read_photo(encoded(picture.convert(mode))).shape == (40, 60, 3)


def test_what_is_transparent_becomes_white(picture):
    picture.putalpha(0)
    assert (read_photo(encoded(picture)) == 1).all()


def test_sixteen_bits_keep_their_greys():
    ramp = np.linspace(0, 65535, 2400).reshape(40, 60)
    photo = read_photo(encoded(Image.fromarray(ramp.astype(np.uint16))))
    np.testing.assert_allclose(photo[..., 0], ramp / 65535, atol=0.005)


def test_a_photo_taken_upright_stands_upright(picture):
    exif = Image.Exif()
    exif[0x112] = 6  # the camera was held upright
    photo = read_photo(encoded(picture, "TIFF", exif=exif))
    np.testing.assert_array_equal(photo, to_float(np.rot90(np.asarray(picture), -1)))


def test_a_large_photo_is_scaled_down_and_says_so(capsys):
    assert read_photo(encoded(Image.new("RGB", (3000, 2000)), "JPEG"), largest=1).shape == (816, 1224, 3)
    assert "3000 x 2000" in capsys.readouterr().out


def test_what_is_no_picture_is_refused_with_advice(picture):
    for content in (b"", b"no picture", encoded(picture)[:300], encoded(Image.new("1", (20_000, 20_000)))):
        with pytest.raises(ValueError, match="no picture that can be read.*JPEG or PNG"):
            read_photo(content)
