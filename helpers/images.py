"""The one picture format of the series: float32 in [0, 1], channels last."""

import io

import numpy as np
from PIL import Image, ImageOps


def to_float(images):
    """Bring 8-bit images onto the [0, 1] scale.

    Parameters
    ----------
    images : ndarray of uint8, any shape
        Values 0 to 255.

    Returns
    -------
    images : ndarray of float32, same shape
        Values in [0, 1].

    Raises
    ------
    TypeError
        If `images` are not uint8, for then dividing by 255 would be a guess.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise TypeError(
            f"to_float got images of dtype {images.dtype}, and only uint8 (0 to 255) can be "
            f"converted without guessing. Are they on the [0, 1] scale already?"
        )
    return images.astype(np.float32) / np.float32(255)


def check_images(images, name="images"):
    """Return `images` as float32, or say how to mend them.

    Parameters
    ----------
    images : array_like of float, shape (H, W, C) or (N, H, W, C)
        Expected to lie in [0, 1].
    name : str
        What the message calls them.

    Returns
    -------
    images : ndarray of float32, same shape

    Raises
    ------
    TypeError
        If the images are not floating-point numbers.
    ValueError
        If they have another shape, leave [0, 1], or hold NaN.
    """
    images = np.asarray(images)
    if not np.issubdtype(images.dtype, np.floating):
        raise TypeError(
            f"{name} have dtype {images.dtype}; floats on the [0, 1] scale are wanted. "
            f"Convert them first: {name} = to_float({name})"
        )
    if images.ndim not in (3, 4):
        raise ValueError(
            f"{name} have shape {images.shape}; wanted is (N, height, width, channels), or "
            f"(height, width, channels) for a single image. A grey image needs a last axis of "
            f"length 1: {name}[..., None]"
        )
    if images.size == 0:
        raise ValueError(f"{name} are empty: their shape is {images.shape}.")
    low, high = float(images.min()), float(images.max())
    if not (low >= 0 and high <= 1):  # written so that NaN fails, too
        raise ValueError(
            f"{name} span [{low:.3g}, {high:.3g}]; wanted is [0, 1]. Divide by 255 if they are "
            f"still in bytes; use np.clip({name}, 0, 1) if noise or a network took them outside."
        )
    return images.astype(np.float32, copy=False)


def read_photo(content, largest=12):
    """Read an uploaded picture: grey or colour, with or without transparency, upright.

    Parameters
    ----------
    content : bytes or memoryview
        Of the file, in any format that Pillow knows (JPEG, PNG, TIFF, WebP ...).
    largest : float
        In megapixels. A larger picture is scaled down to that, with a note.

    Returns
    -------
    photo : ndarray of float32, shape (H, W, 3)
        In [0, 1]; grey becomes three equal channels, and what is transparent becomes white.

    Raises
    ------
    ValueError
        If the file is no picture, is damaged, or is too large to be opened with safety.
    """
    try:
        picture = Image.open(io.BytesIO(bytes(content)))
        if (share := np.sqrt(largest * 1e6 / np.prod(picture.size))) < 1:
            print(f"{picture.width} x {picture.height} pixels are scaled down to {largest:g} megapixels.")
            picture.thumbnail([max(1, int(share * side)) for side in picture.size])
        if picture.mode.startswith("I"):  # 16 bits a value; Pillow would cut off what is above 255
            picture = Image.fromarray((np.asarray(picture) / 257).astype(np.uint8))
        picture = ImageOps.exif_transpose(picture).convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        reason = str(error).split(" <")[0]  # without the memory address
        raise ValueError(f"This is no picture that can be read ({reason}). Save it as JPEG or PNG.") from error
    return to_float(np.asarray(picture))
