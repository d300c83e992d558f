"""The convolutional autoencoder, as notebooks 03 and 04 build it. Keras 3 only, any backend."""

import hashlib
import json
import math
from pathlib import Path

import helpers.quiet  # noqa: F401  before Keras
import keras
from keras import layers


def conv_block(x, filters):
    """Convolution, batch normalization, ReLU: the encoder's brick. Same height and width."""
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def transposed_block(x, filters):
    """The same brick of the decoder, with a transposed convolution."""
    x = layers.Conv2DTranspose(filters, 3, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def build_encoder(image_shape=(32, 32, 3), filters=(16, 32, 64), latent_dim=256):
    """Network from a noisy image to its latent code, and to what it saw on the way.

    Parameters
    ----------
    image_shape : tuple of int, (height, width, channels)
    filters : tuple of int
        Feature maps a level; each level halves height and width.
    latent_dim : int
        How many numbers pass the Dense bottleneck.

    Returns
    -------
    encoder : keras.Model
        Returns a list: the latent code (N, latent_dim), then the features that skip connections
        may carry, from the outermost inwards: the noisy image itself, and the feature maps of
        each level before pooling.

    Raises
    ------
    ValueError
        If the image cannot be halved as often as there are levels.
    """
    halvings = 2 ** len(filters)
    if image_shape[0] % halvings or image_shape[1] % halvings:
        raise ValueError(
            f"An image of {image_shape[0]}x{image_shape[1]} cannot be halved {len(filters)} times. "
            f"Crop or pad it to a multiple of {halvings}, or pass fewer filters."
        )
    noisy = keras.Input(image_shape, name="noisy")
    x, features = noisy, [noisy]
    for n in filters:  # down: look, remember, halve
        x = conv_block(x, n)
        features.append(x)
        x = layers.MaxPooling2D()(x)
    latent = layers.Dense(latent_dim, name="latent")(layers.Flatten()(x))
    return keras.Model(noisy, [latent, *features], name="encoder")


def build_decoder(
    image_shape=(32, 32, 3), filters=(16, 32, 64), latent_dim=256, skips=True, full_size_blocks=1
):
    """Network from the latent code, and the skipped features if any, to a denoised image.

    Parameters
    ----------
    image_shape, filters, latent_dim
        As in `build_encoder`.
    skips : bool
        With True the decoder takes ``[latent, *features]``, with False ``latent`` alone.
    full_size_blocks : int
        How many blocks look at the full-size maps before the last convolution.

    Returns
    -------
    decoder : keras.Model
        Returns images (N, height, width, channels); not clipped to [0, 1].
    """
    height, width, channels = image_shape
    smallest = (height // 2 ** len(filters), width // 2 ** len(filters), filters[-1])
    latent = keras.Input((latent_dim,), name="latent")
    image = keras.Input(image_shape, name="skip_image")
    features = [
        keras.Input((height // 2**i, width // 2**i, n), name=f"skip_{height // 2**i}x{width // 2**i}")
        for i, n in enumerate(filters)
    ]
    x = layers.Dense(math.prod(smallest))(latent)
    x = layers.Reshape(smallest)(x)
    for n, feature in zip(reversed(filters), reversed(features)):  # up: double, recall, look
        x = layers.UpSampling2D()(x)
        if skips:
            x = layers.Concatenate()([x, feature])
        x = transposed_block(x, n)
    for _ in range(full_size_blocks - 1):
        x = transposed_block(x, filters[0])
    # Zeros to begin with: the correction starts from "change nothing".
    correction = layers.Conv2DTranspose(
        channels, 3, padding="same", kernel_initializer="zeros", dtype="float32", name="correction"
    )(x)
    if not skips:
        return keras.Model(latent, correction, name="decoder")
    denoised = layers.Add(dtype="float32", name="denoised")([image, correction])
    return keras.Model([latent, image, *features], denoised, name="decoder")


def build_autoencoder(
    skips=True, image_shape=(32, 32, 3), filters=(16, 32, 64), latent_dim=256, full_size_blocks=1
):
    """Convolutional denoising autoencoder with a Dense bottleneck, with or without skips.

    Parameters
    ----------
    skips : bool
        True hands the encoder's features to the decoder: the maps of every level are
        concatenated, and the noisy image itself is added to the output (the residual connection).
        Nothing else differs between the two networks.
    image_shape : tuple of int, (height, width, channels)
    filters : tuple of int
        Feature maps a level, from the outermost inwards.
    latent_dim : int
        How many numbers pass the Dense bottleneck.
    full_size_blocks : int
        How many blocks of the decoder work at full size, where the detail is.

    Returns
    -------
    autoencoder : keras.Model
        From noisy images to denoised images, both (N, height, width, channels); the output is
        not clipped. Its two halves are ``autoencoder.get_layer("encoder")`` and
        ``autoencoder.get_layer("decoder")``.

    Raises
    ------
    ValueError
        If the image cannot be halved as often as there are levels.

    References
    ----------
    .. [1] P. Vincent et al., "Extracting and Composing Robust Features with Denoising
       Autoencoders", ICML 2008, doi:10.1145/1390156.1390294.
    .. [2] O. Ronneberger, P. Fischer and T. Brox, "U-Net: Convolutional Networks for Biomedical
       Image Segmentation", MICCAI 2015, doi:10.1007/978-3-319-24574-4_28.
    .. [3] K. He, X. Zhang, S. Ren and J. Sun, "Deep Residual Learning for Image Recognition",
       CVPR 2016, doi:10.1109/CVPR.2016.90.

    Examples
    --------
    >>> autoencoder = build_autoencoder(skips=True)
    >>> encoder, decoder = autoencoder.get_layer("encoder"), autoencoder.get_layer("decoder")
    >>> latent, *features = encoder(keras.ops.zeros((1, 32, 32, 3)))
    >>> half = decoder([latent, *(0.5 * feature for feature in features)])
    >>> tuple(half.shape)
    (1, 32, 32, 3)
    """
    encoder = build_encoder(image_shape, filters, latent_dim)
    decoder = build_decoder(image_shape, filters, latent_dim, skips, full_size_blocks)
    noisy = keras.Input(image_shape, name="noisy")
    latent, *features = encoder(noisy)
    denoised = decoder([latent, *features] if skips else latent)
    return keras.Model(noisy, denoised, name="with_skips" if skips else "without_skips")


PRETRAINED = Path(__file__).parent / "weights"
BUILT_WITH = ("skips", "filters", "latent_dim", "full_size_blocks")  # what a card tells of the network


def read_card(skips=True, folder=PRETRAINED):
    """The model card of a trained network: how it was trained, and what came of it.

    Parameters
    ----------
    skips : bool
        Which of the pair.
    folder : pathlib.Path
        Where weights and cards lie; the trained pair comes with this package.

    Returns
    -------
    card : dict
        As `helpers.train` wrote it: data, recipe, epochs done, history, validation PSNR, versions.
    """
    name = "with_skips" if skips else "without_skips"
    return json.loads((Path(folder) / f"{name}.json").read_text(encoding="utf-8"))


def load_pretrained(skips=True, folder=PRETRAINED):
    """The network of the trained pair with or without skips, ready to use.

    Parameters
    ----------
    skips, folder
        As in `read_card`.

    Returns
    -------
    autoencoder : keras.Model
        As `build_autoencoder` makes it, with the weights that the card describes: one network for
        Gaussian noise with sigma and salt-and-pepper noise with amount, each from 0 to 0.25.

    Raises
    ------
    FileNotFoundError, ValueError
        If the weights are not there, or are not those of the card; the message says what to do.
    """
    card = read_card(skips, folder)
    weights = Path(folder) / card["weights"]
    restore = "Get them back with: git checkout -- helpers/weights (or clone or install the series anew)."
    if not weights.exists():
        raise FileNotFoundError(f"The trained weights {weights} are missing. {restore}")
    found = hashlib.sha256(weights.read_bytes()).hexdigest()
    if found != card["sha256"]:
        raise ValueError(
            f"{weights} is not the file that its card describes: its sha256 begins with {found[:12]}, "
            f"the card says {card['sha256'][:12]}. {restore}"
        )
    autoencoder = build_autoencoder(**{name: card["recipe"][name] for name in BUILT_WITH})
    autoencoder.load_weights(weights)
    return autoencoder


def load_prior(folder=PRETRAINED / "prior"):
    """The network with skips for Gaussian noise of any strength that is not clipped.

    Parameters
    ----------
    folder : pathlib.Path
        Where its weights and its card lie.

    Returns
    -------
    autoencoder : keras.Model
        Trained for 100 epochs with ``add_gaussian(..., clip=False)``, sigma 0.01 to 1.5, drawn evenly in its
        logarithm. Nobody tells it sigma. Its input need not lie in [0, 1], so `helpers.training.denoise`
        refuses it: call the network itself, ``autoencoder(noisy)``. The output is not clipped either.

    Raises
    ------
    FileNotFoundError, ValueError
        As `load_pretrained`.

    Notes
    -----
    It was trained with the squared error, each image weighted by a function of sigma alone. With a given sigma
    the best answer is then the posterior mean: the mean of all clean images, each weighted by how likely it
    is after the noisy one was seen. What a trained network returns comes near that.
    """
    return load_pretrained(True, folder)
