"""What the notebooks say to a prediction (`reveal`) and to an answer: one check for each exercise.

A check is a function, decorated with `exercise`, that looks for the usual mistakes and returns a hint
for the first it finds, or None. It is called in the cell of the exercise, and prints. It has to accept
every right answer, so it compares what an answer *does* with a library, not with our solution.
tests/answers/ holds the answers, right and wrong, on which it is tested.
"""

import functools
import traceback

import numpy as np


def reveal(guess, right, **because):
    """Say whether a prediction was right, and why.

    Parameters
    ----------
    guess : str or None
        The reader's choice: the name of one of `because`. None: no prediction was made.
    right : str
        The choice that the run has shown to be right.
    **because : str
        For each choice: what speaks for it or, of a wrong one, what it overlooks.

    Raises
    ------
    ValueError
        If `right` is not one of the choices.
    """
    if right not in because:
        raise ValueError(f"right is {right!r}, which is none of the choices: {', '.join(because)}.")
    if guess is None:
        print(f"You made no prediction. It is {right}: {because[right]}")
        return
    if isinstance(guess, str):
        guess = guess.strip().lower()
    if guess not in list(because):
        wanted = ", ".join(map(repr, because))
        print(f"Your prediction was {guess!r}; wanted is one of: {wanted}. Choose, and run again.")
    elif guess == right:
        print(f"✓ You predicted it: {right}. {because[right]}")
    else:
        print(f"✗ Your prediction was {guess}: {because[guess]} It is {right}: {because[right]}")


class NotYet(Exception):
    """The answer is still the stub."""


class Found(str):
    """What a check says of a right answer, where that depends on the answer."""


def exercise(first_hint, praise=""):
    """Turn a function that finds the mistake in an answer into a check that prints.

    Parameters
    ----------
    first_hint : str
        Where to begin; said as long as an answer is None.
    praise : str
        What a right answer has shown, in a sentence.

    Returns
    -------
    decorate : callable
        For a function ``find_mistake(answer, ...)`` that returns a hint, or if there is no mistake None or
        what was `Found`.
    """

    def decorate(find_mistake):
        @functools.wraps(find_mistake)
        def check(answer, *others, **context):
            try:
                if answer is None:
                    raise NotYet
                hint = find_mistake(answer, *others, **context)
            except NotYet as reason:
                hint = str(reason) or f"Not yet. Hint: {first_hint}"
            except Exception as error:  # the reader's code, or an answer of a kind nobody thought of
                lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if _is_a_cell(f.filename)]
                where = f" (line {lines[-1]} of the cell)" if lines and callable(answer) else ""
                hint = f"Your answer stops with {type(error).__name__}{where}: {error}"
                if "broadcast together" in str(error):  # the shapes alone do not tell a beginner what to do
                    hint += f". Hint: {first_hint}"
            if hint and not isinstance(hint, Found):
                print(f"✗ {hint}")
            else:
                print(" ".join(filter(None, ("✓ Correct.", hint, praise))))

        return check

    return decorate


def _is_a_cell(filename):
    return "ipykernel_" in filename or filename.startswith("<")


def _is_number(answer):
    return isinstance(answer, (int, float, np.number)) and not isinstance(answer, bool)


def _stub():
    return None


def _run(function, *arguments):
    """The result of a reader's function, which gets copies and should not change even those."""
    given = [np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments]
    result = function(*given)
    if result is None:
        stub = getattr(function, "__code__", _stub.__code__).co_code == _stub.__code__.co_code
        raise NotYet("" if stub else "Your function returns nothing: is the `return` missing?")
    for array, original in zip(given, arguments):
        if isinstance(original, np.ndarray) and not np.array_equal(array, original):
            raise ValueError("it writes into the array that it was given. Work on a copy: array.copy()")
    return result


def _recognise(result, known, otherwise, tolerance=1e-3):
    """The hint of the first known result, clipped to [0, 1], that this one equals; None is the right one's."""
    for hint, numbers in known.items():
        if np.shape(numbers) == np.shape(result):
            if np.allclose(result, np.clip(numbers, 0, 1), atol=tolerance):
                return hint
    return otherwise


# ---------------------------------------------------------------- 0 · Start here


@exercise("try 0.1 first: it is too much.", "Half of it would leave 6 dB more.")
def first_sigma(sigma):
    """Check the `sigma` that leaves a mid-grey image with 30 dB, half a decibel up or down.

    Parameters
    ----------
    sigma : float
        The reader's answer.
    """
    from helpers.metrics import psnr
    from helpers.noise import add_gaussian

    if not _is_number(sigma):
        return f"A number is wanted, not {sigma!r}."
    if not sigma > 0:
        return f"sigma says how large the errors are: a number above 0, not {sigma}."
    if sigma > 2:
        return "sigma is wanted on the scale from 0 to 1; a level in grey values is divided by 255."
    grey = np.full((100, 32, 32, 3), 0.5, dtype=np.float32)
    got = psnr(grey, add_gaussian(grey, sigma, np.random.default_rng(0))).mean()
    if 29.5 <= got <= 30.5:
        return None
    if abs(np.sqrt(sigma) - 10 ** (-30 / 20)) < 0.003:
        return f"That is sigma², the mean squared error. With sigma = {sigma:.3g} the PSNR is {got:.1f} dB."
    return f"sigma = {sigma:.3g} leaves {got:.1f} dB: {'less' if got < 30 else 'more'} noise is needed."


@exercise("what is the largest value that a byte can have, and what should it become?",
          "Every notebook begins like this.")
def bytes_to_floats(to_float):
    """Check a function that brings bytes onto the scale from 0 to 1, as `skimage.util.img_as_float` does.

    Parameters
    ----------
    to_float : callable
        ``to_float(images)``: from uint8, (N, H, W, 3), to floats of the same shape.
    """
    from skimage.util import img_as_float

    images = np.arange(20, 212, dtype=np.uint8).reshape(2, 4, 8, 3)  # neither black nor white
    try:
        result = np.asarray(_run(to_float, images))
    except TypeError as error:
        if "Cannot cast ufunc" in str(error):
            return "images /= 255 would write fractions back into the bytes; images / 255 makes a new array."
        raise
    if result.shape != images.shape:
        return f"The result has shape {result.shape}; wanted is that of the images, {images.shape}."
    if not np.issubdtype(result.dtype, np.floating):
        return (f"The result holds {result.dtype}, and not floats: between 0 and 1 there is no whole "
                "number. (// throws away what comes after the point, and so does astype('uint8').)")
    right = img_as_float(images)
    if np.allclose(result, right, rtol=0, atol=1e-6):
        return None
    numbers, lowest, highest = images.astype(float), float(images.min()), float(images.max())
    for hint, known in (
        ("Those are floats, but still from 0 to 255.", numbers),
        ("Nearly: white would become 255/256, a little less than 1.", numbers / 256),
        ("You divide by the brightest value of these images, so that a dark picture would become a bright "
         "one. A byte reaches 255, whether it occurs or not.", numbers / highest),
        ("That stretches whatever is given to the whole range: darkest 0, brightest 1. A grey picture has "
         "to stay grey.", (numbers - lowest) / (highest - lowest)),
        ("That is the scale from -1 to 1, which some networks use; here black is 0.", numbers / 127.5 - 1),
    ):
        if np.allclose(result, known, atol=6e-4):
            return hint
    off = np.abs(result - right)
    worst = 51 - 20 if off.flat[51 - 20] > 1e-3 else off.argmax()
    hint = (f"The byte {images.flat[worst]} should become {right.flat[worst]:.6g}; "
            f"yours becomes {result.flat[worst]:.6g}.")
    rounded = any(np.allclose(result, np.round(right, digits), rtol=0, atol=1e-6) for digits in (1, 2, 3, 4, 5))
    return hint + " Do not round: what is lost here is lost for good." * (rounded or result.dtype == np.float16)


# ---------------------------------------------------------------- 1 · Splitting the data


@exercise("how far to the right may a crop be moved, in steps of 8, until it leaves the first one?",
          "With so many neighbours no crop can be dealt out alone.")
def overlapping_crops(count):
    """Check how many crops share pixels with one in the middle: 32x32 pixels, cut every 8 pixels.

    Parameters
    ----------
    count : int
        The reader's answer.
    """
    if not _is_number(count):
        return f"A number is wanted, not {count!r}."
    shifts = np.arange(-64, 65, 8)
    near = int((np.abs(shifts) < 32).sum())
    hints = {
        near**2 - 1: None,
        near**2: "You have counted the crop itself, too.",
        near - 1: "Those lie in one row. Crops are moved up and down as well.",
        2 * (near - 1): "Those lie in the same row or column. A crop can be moved both ways at once.",
        (near + 2) ** 2 - 1: "A crop that is moved by 32 pixels touches the first one, but shares no pixel.",
        (near // 2 + 1) ** 2 - 1: "You have moved it right and down only. It can be moved left and up, too.",
        8: "Those are the next neighbours; crops further away share pixels, too.",
        (near - 2) ** 2 - 1: "You have stopped at a shift of 16 pixels. Moved by 24, it still shares some.",
        (near - 1) ** 2: "Along one side you have left out the shift 0: a crop can be moved straight up.",
        (near + 1) ** 2 - 1: "Eight along a side? There are as many to the left as to the right, and 0.",
    }
    return hints.get(count, f"Not {count}. Count the shifts along one side, then square.")


@exercise("which regions do the images of list_a come from? Begin with those, then the same for list_b.",
          "The lists are disjoint, the pictures are not.")
def shared_regions(count, regions, list_a, list_b):
    """Check how many regions two lists of positions have in common.

    Parameters
    ----------
    count : int
        The reader's answer.
    regions : ndarray of int, shape (N,)
        The region of each image.
    list_a, list_b : ndarray of int
        Positions.
    """
    of_a, of_b = set(regions[list_a].tolist()), set(regions[list_b].tolist())
    if np.ndim(count) or isinstance(count, (set, str)):
        return "Those are the regions themselves, or something else than a number. How many are they?"
    if count == len(of_a & of_b):
        return None
    if count == len(np.intersect1d(list_a, list_b)):
        return "Those are shared positions. Look up the region of each position first."
    if count == len(of_a | of_b):
        return "Those are the regions of either list; wanted are those that occur in BOTH."
    if count in (np.isin(regions[list_a], list(of_b)).sum(), np.isin(regions[list_b], list(of_a)).sum()):
        return "You have counted images, and a region once for each of them. Count each region once."
    return f"Not {count}. Count each region that occurs in BOTH lists, and only once."


@exercise("what is to be dealt out, images or regions? Begin with a list that has each of them once.",
          "No pixel is in two parts. The rest of the series splits like this.")
def split_by_region(split, regions):
    """Check a split into 80/10/10 that keeps regions whole and can be repeated.

    Parameters
    ----------
    split : callable
        ``split(regions, seed)``: three arrays of positions.
    regions : ndarray of int, shape (N,)
        The region of each image.
    """
    mixed = np.random.default_rng(1).permutation(np.repeat(np.arange(0, 200, 5), 25))
    for labels in (np.array(regions), mixed):
        hint = _fault_of_split(_run(split, labels, 0), labels)
        if hint:
            return hint
    seeds = [[np.sort(part).tolist() for part in split(mixed, seed)] for seed in (0, 0, 1, 2, 3)]
    if seeds[0] != seeds[1]:
        return "The same seed gave two different splits. Draw from np.random.default_rng(seed)."
    if all(parts == seeds[0] for parts in seeds):
        return "Every seed gives the same split: the regions are not shuffled, or not by this seed."
    return None


def _fault_of_split(parts, regions):
    """What is wrong with three arrays of positions, or None."""
    if not isinstance(parts, (tuple, list, np.ndarray)) or len(parts) != 3:
        return "Three arrays are wanted: the positions of train, validation and test."
    if any(isinstance(part, (set, frozenset)) for part in parts):
        return "A part is a set here. Wanted is an array of positions: np.array(sorted(part)) makes one."
    if any(isinstance(part, tuple) and len(part) == 1 and np.ndim(part[0]) == 1 for part in parts):
        return "np.where(...) packs the positions into a tuple. Take them out: np.where(...)[0]."
    parts = [np.asarray(part) for part in parts]
    if any(part.dtype == bool for part in parts):
        return "Those are masks of True and False; np.flatnonzero turns a mask into positions."
    if any(part.ndim != 1 or not np.issubdtype(part.dtype, np.integer) for part in parts):
        return "Each part is an array of positions: whole numbers, in one row."
    every = np.concatenate(parts)
    if len(every) and set(every.tolist()) <= set(regions.tolist()):
        return "Those are regions. Wanted are the positions of their images: np.flatnonzero(np.isin(...))."
    if len(every) == 0 or every.min() < 0 or every.max() >= len(regions):
        return f"The images have the positions 0 to {len(regions) - 1}; yours are others, or none."
    counts = np.bincount(every, minlength=len(regions))
    if counts.max() > 1:
        return f"The parts overlap: {(counts > 1).sum():,} of {len(regions):,} images occur twice."
    if counts.min() == 0:
        return f"{(counts == 0).sum():,} of {len(regions):,} images are in no part: they are lost."
    shared = sum(map(len, (np.unique(regions[part]) for part in parts))) - len(np.unique(regions))
    if shared:
        return "Crops of one region are in several parts, and so are its pixels. Deal out regions, not images."
    shares = [len(part) / len(regions) for part in parts]
    if not np.allclose(shares, (0.8, 0.1, 0.1), atol=0.04):
        told = ", ".join(f"{share:.0%}" for share in shares)
        return f"Of the images, the parts hold {told}; wanted are 80%, 10% and 10%."
    return None


# ---------------------------------------------------------------- 2 · Noise models


@exercise("how many random numbers from 0 to 1 does an image of 32×32 pixels need? Which of them mean black?",
          "What chance decides for a pixel, its channels share.")
def salt_and_pepper(add):
    """Check salt-and-pepper noise: whole pixels turn black or white, with probability `amount`.

    Parameters
    ----------
    add : callable
        ``add(images, amount, rng)``: the noisy images, in a new array.
    """
    amount = 0.4
    clean = np.random.default_rng(9).uniform(0.2, 0.8, (60, 24, 32, 3)).astype(np.float32)
    noisy = np.asarray(_run(add, clean, amount, np.random.default_rng(0)))
    if noisy.shape != clean.shape:
        return f"The result has shape {noisy.shape}; the images that it was given have {clean.shape}."
    changed = np.abs(noisy - clean) > 1e-6
    hit = changed.any(axis=-1)
    if not hit.any():
        return "No pixel has changed."
    if not np.isin(noisy[changed], (0, 1)).all():
        return "A pixel that is hit turns 0 or 1, in place of its value; some of yours have other values."
    if (hit != changed.all(axis=-1)).any():
        return "In some pixels only one or two channels are hit: coloured specks. Draw once a pixel."
    if (np.ptp(noisy[hit], axis=-1) > 0).any():
        return "Some pixels are white in one channel and black in another. Let the channels share their draw."
    white = (noisy[hit] == 1).mean()
    if white in (0, 1):
        return f"There is only {'salt' if white else 'pepper'}: half of the hit pixels turn the other way."
    if hit.all():
        return f"With amount = {amount} you hit every pixel. Which draws are to leave a pixel as it is?"
    if np.array_equal(hit, np.broadcast_to(hit[:1], hit.shape)):
        return "All images have their specks in the same places. Each needs draws of its own."
    again, other = (np.asarray(add(clean, amount, np.random.default_rng(seed))) for seed in (0, 1))
    if not np.array_equal(noisy, again):
        return "The same seed gave other noise: some draws do not come from the rng that was passed in."
    if np.array_equal(noisy, other):
        return "Another rng gave the same noise: you make one of your own, and do not use what was passed in."
    return _fault_of_share(hit, white, (np.abs(other - clean) > 1e-6).any(axis=-1), amount)


def _fault_of_share(hit, white, other, amount):
    """What is wrong with how many pixels were hit, in two runs, or None."""
    share = hit.mean()
    told = f"With amount = {amount} you hit {share:.1%} of the pixels"
    if share > 1.4 * amount:
        return f"{told}. amount is for both colours together: half of it for each."
    if share < 0.7 * amount:
        return f"{told}: too few. Half of amount for black AND half for white."
    if abs(share - amount) > 0.01:
        return f"{told}. Drawing for black and again for white hits some pixels twice. One draw will do."
    if hit.sum() == other.sum():
        return f"{told}, and never one more or less. A probability is meant: each pixel takes its own chance."
    if abs(white - 0.5) > 0.02:
        return f"{white:.0%} of the pixels that are hit are white; salt and pepper are equally likely."
    return None


@exercise("a hit pixel is wrong by 0.5. What is the mean of the squared error?",
          "A few large errors, or many small ones: the PSNR cannot tell.")
def amount_like_sigma(amount):
    """Check the `amount` that leaves a mid-grey image as many decibels as Gaussian noise of sigma 0.1.

    Parameters
    ----------
    amount : float
        The reader's answer.
    """
    from helpers.metrics import psnr
    from helpers.noise import add_gaussian, add_salt_and_pepper

    if not _is_number(amount):
        return f"A number is wanted, not {amount!r}."
    if not 0 <= amount <= 1:
        return f"amount is a probability, from 0 to 1, and not {amount}."
    grey, rng = np.full((200, 32, 32, 3), 0.5, dtype=np.float32), np.random.default_rng(0)
    wanted = psnr(grey, add_gaussian(grey, 0.1, rng)).mean()
    if amount > 0:
        noisy = add_salt_and_pepper(grey, amount, rng).astype(np.float64)
        got = 10 * np.log10(1 / max(np.mean((noisy - 0.5) ** 2), 1e-9))
        if abs(got - wanted) < 0.2:
            return None
    for known, hint in (
        (0.01, "That is right for pixels that are wrong by 1; from mid-grey, black and white are 0.5 away."),
        (0.2, "The errors are squared before the mean is taken, and 0.5 squared is 0.25."),
        (0.02, "Salt and pepper are both wrong by 0.5; nothing has to be halved."),
    ):
        if abs(amount - known) < 0.001:
            return hint
    level = f": {got:.1f} dB" if amount > 0 else ""
    return f"Too {'much' if amount > 0.04 else 'little'}{level}, and sigma 0.1 leaves {wanted:.1f} dB."


@exercise("how many channels must the noise have, to be stretched over all three of the image?",
          "A film scanned in colour looks like this.")
def grain(add):
    """Check Gaussian noise with one draw a pixel, the same in all channels.

    Parameters
    ----------
    add : callable
        ``add(images, sigma, rng)``: the noisy images, clipped to [0, 1], in a new array.
    """
    grey = np.full((50, 24, 32, 3), 0.5, dtype=np.float32)
    noisy = np.asarray(_run(add, grey, 0.1, np.random.default_rng(0)))
    if noisy.shape != grey.shape:
        return f"The result has shape {noisy.shape}, the images have {grey.shape}."
    noise = noisy - grey
    if np.abs(noise).max() < 1e-6:
        return "The images come back without any noise."
    if np.ptp(noise, axis=-1).max() > 1e-5:
        return "The channels still differ: draw once a pixel, not once a value."
    if min(noise.std(axis=axis).mean() for axis in (0, 1, 2)) <= 0.8 * noise.std():
        return "Some pixels share their draw: every pixel of every image needs one of its own."
    if noisy.mean() < 0.1:
        return "That is the noise alone. It has to be added to the images."
    if abs(noise.std() - 0.01) < 0.002:
        return "The noise has standard deviation 0.01: was sigma squared? That would be the variance."
    if abs(noise.std() - 0.1) > 0.005 or abs(noise.mean()) > 0.005:
        return f"Grey it is, with mean {noise.mean():.3f} and sigma {noise.std():.3f}; wanted are 0 and 0.1."
    weak = np.asarray(add(grey, 0.03, np.random.default_rng(0))) - grey
    if abs(weak.std() - 0.03) > 0.003:
        return f"Right for sigma = 0.1; but sigma = 0.03 gives {weak.std():.3f}. Is sigma used, or a number?"
    beyond = (np.abs(noise) > 0.2).mean()  # of a normal distribution: 4.6 %
    if abs(beyond - 0.0455) > 0.006:
        return (f"Mean and sigma are right, the shape is not: {beyond:.1%} of the errors are beyond 2 sigma; "
                "of a normal distribution 4.6% are.")
    wild = np.asarray(add(grey, 2.0, np.random.default_rng(0)))
    if wild.max() > 1 or wild.min() < 0:
        return "Almost: with a large sigma, values leave the range from 0 to 1. np.clip helps."
    if not np.array_equal(noisy, add(grey, 0.1, np.random.default_rng(0))):
        return "The same seed gave other grain: draw from the rng that was passed in."
    if np.array_equal(noisy, add(grey, 0.1, np.random.default_rng(1))):
        return "Another rng gave the same grain: use the one that was passed in."
    return None


# ---------------------------------------------------------------- 3 · The autoencoder


@exercise("count the weights of one Dense layer from m to n numbers: m times n, and n biases.",
          "And all of them fit pictures of 32×32 pixels only; another size needs other Dense layers.")
def dense_weights(latent_dim):
    """Check the largest `latent_dim` whose two Dense layers have at most 300,000 weights.

    Parameters
    ----------
    latent_dim : int
        The reader's answer.
    """
    if not _is_number(latent_dim) or latent_dim != int(latent_dim):
        return f"A whole number is wanted, not {latent_dim!r}."
    latent_dim = int(latent_dim)
    size = 4 * 4 * 64
    weights = (size + 1) * latent_dim + (latent_dim + 1) * size
    if 2 * size * latent_dim <= 300_000 < weights:
        return f"Nearly. With the biases the two layers have {weights:,} weights."
    if (size + 1) * latent_dim <= 300_000 < weights:
        return f"One of the two layers fits, but both together have {weights:,} weights."
    if weights > 300_000:
        return f"With {latent_dim} the two layers have {weights:,} weights."
    if weights + 2 * size + 1 <= 300_000:
        return f"With {latent_dim} the two layers have only {weights:,} weights: there is room for more."
    return None


@exercise("which layer doubles a map in the decoder above, and which function follows it?",
          "Three such levels are the decoder.")
def decoder_level(level):
    """Check a decoder level: twice the height and width, transposed convolution, batch normalization, ReLU.

    Parameters
    ----------
    level : callable
        ``level(x, filters)``: from a Keras tensor of shape (N, H, W, C) to one of (N, 2H, 2W, filters).
    """
    import keras

    maps = keras.Input((8, 8, 64))
    result = _run(level, maps, 32)
    if not hasattr(result, "shape"):
        kind = type(result).__name__
        article = "an" if kind[0] in "AEIOUaeiou" else "a"
        return f"That is {article} {kind}. Call each layer on the result of the one before: layer(x)."
    shape = tuple(result.shape)[1:]
    if shape == (8, 8, 32):
        return "The channels are right, the size is not: the map has to be doubled."
    if shape == (16, 16, 64):
        if level(keras.Input((8, 8, 48)), 32).shape[-1] == 64:
            return "The map is doubled, but always has 64 channels: use the argument `filters`."
        return "The map is doubled, but keeps the channels of the input; wanted are `filters` channels."
    if shape != (16, 16, 32):
        return f"From (8, 8, 64) with filters=32 the result has shape {shape}; wanted is (16, 16, 32)."
    other = tuple(level(keras.Input((4, 4, 48)), 20).shape)[1:]
    if other != (8, 8, 20):
        return (f"Right for filters=32; but from (4, 4, 48) with filters=20 the result has shape {other}, "
                "and not (8, 8, 20). Is a number written where x or filters should decide?")
    network = keras.Model(maps, result)
    used = list(_innermost(network))
    kinds = [type(layer).__name__ for layer in used]
    missing = [k for k in ("UpSampling2D", "Conv2DTranspose", "BatchNormalization") if k not in kinds]
    if missing == ["UpSampling2D"]:
        return "Strides double the map, too, but leave a checkerboard; here UpSampling2D is wanted."
    if missing:
        return f"The shape is right. Still missing: {', '.join(missing)}."
    doubled, convolved, normalized = (
        kinds.index(k) for k in ("UpSampling2D", "Conv2DTranspose", "BatchNormalization")
    )
    if convolved < doubled:
        return "The convolution comes before the doubling, so nothing is drawn into the new pixels."
    if normalized < convolved:
        return "The normalization comes before the convolution; wanted is the other order."
    if min(used[convolved].kernel_size) < 2:
        return "A 1×1 kernel sees no neighbours, so it cannot draw an edge into the doubled map. Take 3×3."
    kinked = getattr(used[convolved], "activation", None) is not keras.activations.linear
    if kinked or kinds[normalized - 1] != "Conv2DTranspose":
        return "ReLU comes before the normalization; wanted is the other order."
    if network.predict(np.random.default_rng(0).normal(size=(2, 8, 8, 64)), verbose=0).min() < 0:
        return "The shape is right, but values are negative: no ReLU at the end?"
    return None


def _innermost(model):
    """The layers of a Keras model, those of the models inside it included, without the inputs."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _innermost(layer)
        elif type(layer).__name__ != "InputLayer":
            yield layer


@exercise("what is the mean PSNR of through(images, K) for K = 1? And which kind of loop goes on from there?",
          "The better the copy is to be, the dearer each further decibel.")
def code_size(size, images, through):
    """Check a function that finds the smallest K whose best linear code keeps a given mean PSNR.

    Parameters
    ----------
    size : callable
        ``size(images, decibels)``: the smallest such K.
    images : ndarray of float32, shape (N, 32, 32, 3)
    through : callable
        ``through(images, k)``: images squeezed into k numbers each, and rebuilt.
    """
    from helpers.metrics import psnr

    images = images[:40]  # not those of the notebook: a function should use what it is given
    kept = np.array([psnr(images, through(images, k)) for k in range(1, 129)])
    pooled = -10 * np.log10((10 ** (-kept / 10)).mean(axis=1))
    for decibels in (18, 20.5, 22):
        wanted, of_pooled = (int(np.argmax(curve >= decibels)) + 1 for curve in (kept.mean(axis=1), pooled))
        try:
            answer = _run(size, images, decibels)
        except ValueError as error:
            if "matmul" in str(error) or "broadcast together" in str(error):
                return ("Two shapes do not fit. Is images flat, (N, 3072)? Does the way back need .T? "
                        "Or let through(images, K) do both.")
            raise
        if not np.size(answer) == 1 or not _is_number(answer) or answer != int(answer):
            told = np.array2string(np.asarray(answer), threshold=4)
            return f"A whole number is wanted, the K itself, and not {told}."
        if answer == wanted:
            continue
        told = f"For {decibels} dB, of the {len(images)} images given, you say {answer}"
        if _run(size, images, 18) == _run(size, images, 22):
            return f"{told}, and as many for other decibels. Use the argument `decibels`."
        if _run(size, 0.15 + 0.7 * images, 22) == _run(size, images, 22):
            return f"{told}, and as many for other images. Use the argument `images`."
        if answer < 1:
            return f"{told}; a code has one number at least."
        if answer == wanted - 1:
            return f"{told}: that is the last K that does not reach it. One more."
        got = psnr(images, through(images, int(answer))).mean()
        if answer == of_pooled:
            return f"{told}: that is the PSNR of the mean error. Wanted is the mean of the images' PSNR."
        if got < decibels:
            return f"{told}. But with that many there are {got:.2f} dB: too few."
        return f"{told}. That is enough ({got:.2f} dB), but not the smallest K: fewer would do."
    return None


# ---------------------------------------------------------------- 4 · Skip connections


@exercise("which two maps are laid side by side there, and how many channels has each?",
          "The block after it has to find out which of them to believe.")
def joined_channels(channels):
    """Check the number of channels of the decoder's 16×16 map after `Concatenate`.

    Parameters
    ----------
    channels : int
        The reader's answer.
    """
    from helpers.models import build_decoder

    joined = [x for x in build_decoder(skips=True).layers if type(x).__name__ == "Concatenate"]
    sizes = {layer.output.shape[1]: layer.output.shape[3] for layer in joined}
    own, seen = (tensor.shape[3] for tensor in joined[1].input)
    if not _is_number(channels):
        return f"A whole number is wanted, not {channels!r}."
    if channels == sizes[16]:
        return None
    for size, there in sizes.items():
        if channels == there:
            return f"{there} is right at {size}×{size}. Wanted is the level of 16×16."
    return {
        own: f"{own} come up from the level below. What does the encoder's map add?",
        seen: f"{seen} is what the encoder's map brings, and also what the block makes of both. And before it?",
        own * seen: "Side by side: the channels are counted together, not multiplied.",
        4 * own + seen: "Doubling changes height and width; the channels stay as many as they were.",
        own // 4 + seen: "Doubling changes height and width; the channels stay as many as they were.",
    }.get(channels, "Not that. Channels that come up from 8×8, and channels that the encoder had at 16×16.")


@exercise("x is half as large as seen. What has to happen before the two can lie side by side?",
          "This line is the difference between the two networks.")
def skip_level(level):
    """Check a decoder level with a skip connection: double, lay the encoder's map beside, convolve.

    Parameters
    ----------
    level : callable
        ``level(x, seen, filters)``: from Keras tensors of shapes (N, H, W, C) and (N, 2H, 2W, D) to one
        of shape (N, 2H, 2W, filters).
    """
    import keras

    x, seen, filters = keras.Input((8, 8, 48)), keras.Input((16, 16, 24)), 32
    try:
        result = _run(level, x, seen, filters)
    except ValueError as error:
        if "Concatenate" in str(error) and "(None, 8, 8" not in str(error):
            return "Side by side means along the channels: layers.Concatenate() without another axis."
        if "Concatenate" in str(error):
            return ("Concatenate wants two maps of equal size, and lays their channels side by side (axis=-1). "
                    f"(To try your function, this check has small maps of its own: x is {tuple(x.shape)[1:]}, "
                    f"seen is {tuple(seen.shape)[1:]}.) Double x first.")
        if "incompatible shapes" in str(error) or "broadcast" in str(error):
            return ("Adding needs maps of one shape, and here even the channels differ. Lay them side by side: "
                    "layers.Concatenate()([x, seen]).")
        raise
    shape = tuple(getattr(result, "shape", ()))[1:]
    hints = {
        (8, 8, filters): "The map still has 8×8 pixels. Double x, and leave seen as it is: we want its detail.",
        (16, 16, 48): "The map is doubled, and that is all. Now lay seen beside it.",
        (16, 16, 48 + 24): "Both lie side by side, and nothing has looked at them yet: the block comes last.",
        (16, 16, filters + 24): "The block comes first, and seen is laid beside it afterwards. It has to be "
                                "the other way round: no convolution of this level mixes the two.",
    }
    if shape != (16, 16, filters):
        wanted = (f"wanted is (16, 16, {filters}), for this check's own maps, x {tuple(x.shape)[1:]} and seen "
                  f"{tuple(seen.shape)[1:]}, and filters={filters}")
        return hints.get(shape, f"The result has shape {shape}; {wanted}.")
    rng = np.random.default_rng(0)
    maps, others = ([rng.normal(size=(1, *a.shape[1:])) for a in (x, seen)] for _ in range(2))
    network = keras.Model([x, seen], result)
    before = network.predict(maps, verbose=0)
    for name, changed in (("x", [others[0], maps[1]]), ("seen", [maps[0], others[1]])):
        difference = np.abs(before - network.predict(changed, verbose=0))
        if np.allclose(difference, 0):
            return f"The shape is right, but {name} has no effect on the result. Is seen laid beside x?"
        if (difference.max(axis=(0, 1, 2)) > 1e-6).mean() < 0.75:
            return f"Only some channels depend on {name}: the block comes after Concatenate, and sees both."
    swapped = maps[1].reshape(1, 8, 2, 8, 2, 24)[:, :, ::-1, :, ::-1].reshape(maps[1].shape)
    if np.allclose(before, network.predict([maps[0], swapped], verbose=0), atol=1e-5):
        return "The fine detail of seen is lost on the way: leave seen at its size, and double x."
    return None


@exercise("which initial weights make a convolution's output zero, whatever comes in?",
          "An untrained network that already does no harm.")
def residual_connection(build, noisy):
    """Check a model that returns its input plus a correction by one convolution, at first zero.

    Parameters
    ----------
    build : callable
        ``build()`` returns the Keras model.
    noisy : ndarray of float32, shape (N, 32, 32, 3)
    """
    import keras

    try:
        model = build if isinstance(build, keras.Model) else _run(build)
    except ValueError as error:
        if "30" in str(error):
            return "The convolution takes a pixel off every side; so the two cannot be added. padding='same'?"
        raise
    if not isinstance(model, keras.Model):
        return "Return a model, not a tensor: keras.Model(image, denoised)."
    if tuple(model.output_shape) not in ((None, 32, 32, 3), (None, None, None, 3)):
        return f"The output has shape {model.output_shape[1:]}, not (32, 32, 3): 3 filters, padding same, Add?"
    if not model.trainable_weights:
        return "It returns an image, but there is nothing to train in it: where is the convolution?"
    kernels = [weights.shape for weights in model.get_weights() if weights.ndim == 4]
    if not kernels:
        return "It has weights, but no convolution: use layers.Conv2D."
    if kernels[-1][:2] != (3, 3):
        size = "×".join(map(str, kernels[-1][:2]))
        return f"The kernel is {size}; wanted is 3×3. Noise is told from detail by the neighbours."
    filters = [layer.filters for layer in model.layers if hasattr(layer, "filters")]
    if 3 not in kernels[-1][2:] or filters[-1:] not in ([], [3]):
        return "Wanted are 3 filters: a correction for each of the three colours."
    noisy = noisy[:4]
    start = model.predict(noisy, verbose=0)
    if np.abs(start).max() == 0:
        return "It starts from a black picture: is the image added?"
    if np.abs(start - 2 * noisy).max() < 1e-6:
        return "It starts from twice the image: the correction is made from the image, and is not the image."
    if np.abs(start - noisy).max() > 1e-6:
        return "It does not start from 'change nothing': is the image added, and the kernel_initializer zeros?"
    kept = model.get_weights()
    last = max(i for i, weights in enumerate(kept) if weights.ndim == 4)
    reached, lowest = [], 0
    for sign in (1, -1):
        model.set_weights([np.full_like(w, sign if i >= last else 1) for i, w in enumerate(kept)])
        denoised = model.predict(noisy, verbose=0)
        reached.append(np.mean(denoised - noisy))
        lowest = min(lowest, denoised.min())
    model.set_weights(kept)
    if max(map(abs, reached)) < 0.01:
        return "The convolution has no effect on the output: is it added?"
    if min(map(abs, reached)) < 0.01:
        return "The correction can go one way only: a ReLU keeps it from darkening a pixel. Leave it out."
    if lowest == 0:
        return "What comes out is no longer the sum: something after it, such as a ReLU, cuts it off at 0."
    return None


# ---------------------------------------------------------------- 5 · Training


@exercise("how many batches are there in an epoch?", "Worth a line of arithmetic before one presses a button.")
def hours_of_training(hours, seconds_a_batch, batch_size):
    """Check the hours that 100 epochs over 48,000 images take.

    Parameters
    ----------
    hours : float
        The reader's answer.
    seconds_a_batch : float
    batch_size : int
    """
    if not _is_number(hours):
        return f"A number is wanted, not {hours!r}."
    right = 100 * 48_000 / batch_size * seconds_a_batch / 3600
    hints = {
        1: None,
        3600: "That is in seconds.",
        60: "That is in minutes.",
        1 / 24: "24 times too small: days instead of hours?",
        1 / 32: "32 times too small: the 1,500 images of this lesson instead of 48,000?",
        0.01: "That is one epoch, not 100.",
        36: "That is one epoch, and in seconds.",
        batch_size: "The time is that of a batch, not of an image: divide by the batch size.",
        1 / batch_size: "Divide by the batch size once, not twice.",
        batch_size / 48_000: "That is one batch an epoch. How many are there?",
    }
    for factor, hint in hints.items():
        if abs(hours / right / factor - 1) < (0.1 if factor == 1 else 0.02):  # whole hours will do
            return hint
    return "Not quite: epochs × batches an epoch × seconds a batch ÷ 3600."


@exercise("go through the losses in order; remember the lowest so far, and the epoch it came from.",
          "That is what keras.callbacks.EarlyStopping does.")
def early_stopping(kept_epoch, recorded):
    """Check a function that says which epoch's weights early stopping keeps.

    Parameters
    ----------
    kept_epoch : callable
        ``kept_epoch(val_losses, patience)``: the epoch, counted from 1.
    recorded : sequence of float
        Validation losses of a real run, to try it on.
    """
    import keras

    def by_keras(losses, patience):
        watcher = keras.callbacks.EarlyStopping(patience=patience, mode="min", restore_best_weights=True)
        watcher.set_model(keras.Sequential())
        watcher.model.stop_training = False
        watcher.on_train_begin()
        for epoch, loss in enumerate(losses):
            watcher.on_epoch_end(epoch, {"val_loss": loss})
            if watcher.model.stop_training:
                break
        return watcher.best_epoch + 1, epoch + 1

    def by_neighbours(losses, patience):  # the usual mistake: a loss below the one before it counts as progress
        waited = 0
        for epoch in range(1, len(losses)):
            waited = waited + 1 if losses[epoch] >= losses[epoch - 1] else 0
            if waited == patience:
                break
        return int(np.argmin(losses[: epoch + 1])) + 1

    def by_total(losses, patience):  # bad epochs are counted, but not in a row
        bad = np.cumsum(np.array(losses) > np.minimum.accumulate(losses))
        stop = int(np.argmax(bad == patience)) + 1 if patience in bad else len(losses)
        return int(np.argmin(losses[:stop])) + 1

    tries = [([0.5, 0.3, 0.4, 0.35, 0.32, 0.28, 0.29, 0.3, 0.1], 2)]  # each mistake keeps another epoch
    tries += [([0.5, 0.3, 0.4, 0.4, 0.4, 0.1, 0.2], 2), ([0.5, 0.4, 0.45, 0.2, 0.3, 0.3, 0.3], 2)]
    tries += [([0.5, 0.4, 0.3], 5), ([0.4, 0.3, 0.3, 0.35, 0.36], 3), ([0.4, 0.3, 0.31, 0.2], 1)]
    tries += [([0.3, 0.4, 0.4, 0.2, 0.5], 3), ([0.5, 0.6, 0.4, 0.45, 0.3], 2)]
    tries += [(list(map(float, recorded)), 4)]
    for losses, patience in tries:
        right, stopped = by_keras(losses, patience)
        result = _run(kept_epoch, list(losses), patience)
        if np.ndim(result) or not isinstance(result, (int, float, np.number)):
            return f"One number is wanted, not {result!r}."
        if result == right:
            continue
        case = f"For {losses}" if len(losses) < 10 else "On the run above"
        said = f"{case} and patience {patience} you keep epoch {result}"
        if result in losses:
            return f"{said}. That is a loss; wanted is the number of the epoch."
        return {
            by_total(losses, patience): f"{said}: start counting again after a new lowest.",
            by_neighbours(losses, patience):
                f"{said}: you count epochs worse than the one before. Count those without a new lowest.",
            right - 1: f"{said}: one too few. Python counts from 0, epochs are counted from 1.",
            int(np.argmin(losses)) + 1: f"{said}, the lowest of all. But it stops after epoch {stopped}.",
            stopped: f"{said}. There it stops; but the weights come from the best epoch until then.",
            by_keras(losses, patience + 1)[0]: f"{said}: too patient by an epoch.",
        }.get(result, f"{said}; wanted is {right}.")
    return None


@exercise("the mean squared error of an image, plus 1, minus its SSIM.",
          "Lowest for a perfect picture, and it has a gradient: fit to be trained with.")
def loss_that_looks(loss, clean, noisy):
    """Check the loss MSE + (1 - SSIM), one number an image or one for all.

    Parameters
    ----------
    loss : callable
        ``loss(clean, denoised)`` on tensors.
    clean, noisy : ndarray of float32, shape (N, 32, 32, 3)
    """
    import keras

    from helpers.metrics import ssim

    clean, noisy = clean[:8], noisy[:8]
    tensors = [keras.ops.convert_to_tensor(images) for images in (clean, noisy)]
    try:
        result = keras.ops.convert_to_numpy(_run(loss, *tensors))
    except AttributeError as error:
        if "Tensor" not in str(error):
            raise
        return "There is no gradient through NumPy, and a tensor has no such method: ops.mean(x), not x.mean()."
    except Exception as error:
        if not any(word in str(error).lower() for word in ("incompatible", "broadcast")):
            raise
        return "The squared error still has a value for each pixel; take its mean over each image first."
    if result.shape not in ((), (8,)):
        return f"For 8 images the result has shape {result.shape}; wanted is a number an image, or one for all."
    squared, look = ((clean - noisy) ** 2).mean(axis=(1, 2, 3)), ssim(clean, noisy)
    known = {
        None: squared + 1 - look,
        "A perfect picture has SSIM 1, so here a high loss: training would avoid it. Take 1 − SSIM.":
            squared + look,
        "Trained with it, a network would learn the same; but a perfect picture should have loss 0: 1 − SSIM.":
            squared - look,
        "The MSE is missing.": 1 - look,
        "That is the MSE alone.": squared,
        "The squared error is summed over the pixels. Take the mean.": squared * clean[0].size + 1 - look,
        "That is the root of the MSE. Leave the square as it is.": np.sqrt(squared) + 1 - look,
        "The error is not squared.": np.abs(clean - noisy).mean(axis=(1, 2, 3)) + 1 - look,
    }
    near = {"rtol": 1e-3, "atol": 0.02 * squared.mean()}
    for hint, values in known.items():  # Keras takes the mean of the batch, so only that must agree
        if np.isclose(result.mean(), values.mean(), **near):
            break
    else:
        return "Not MSE + (1 − SSIM). Print both parts for the noisy images, and compare."
    if hint:
        return hint
    network = keras.Sequential([keras.Input(clean.shape[1:]), keras.layers.Conv2D(3, 3, padding="same")])
    network.compile("sgd", loss=loss)
    before = network.get_weights()[0]
    try:
        network.train_on_batch(noisy, clean)
    except Exception:
        return "The number is right, but Keras cannot train with it: no gradient through NumPy. Take keras.ops."
    if not 0 < np.abs(network.get_weights()[0] - before).max() < np.inf:
        return "The number is right, but its gradient is not: a step of training leads nowhere, or to NaN."
    return None


@exercise("build_autoencoder, as for `network`, with one argument more.",
          "One experiment, one change: that is how to learn what a change is worth. Run the next cell.")
def two_blocks(mine):
    """Check a network with skips and two full-size blocks, all else as in the lesson.

    Parameters
    ----------
    mine : keras.Model
    """
    import keras

    from helpers.models import build_autoencoder

    if not isinstance(mine, keras.Model) or "decoder" not in [layer.name for layer in mine.layers]:
        return "A network by build_autoencoder(...) is wanted."
    kinds = [type(layer).__name__ for layer in mine.get_layer("decoder").layers]
    if "Concatenate" not in kinds:
        return "That network has no skips: skips=True."
    if kinds.count("Conv2DTranspose") != 5:
        blocks = kinds.count("Conv2DTranspose") - 3
        return f"That network has {blocks} block(s) at full size: full_size_blocks=2 is wanted."
    if mine.count_params() != build_autoencoder(skips=True, full_size_blocks=2).count_params():
        return "Something else has changed, too. Then nobody can say which of the changes did it."
    return None


# ---------------------------------------------------------------- 6 · Evaluation


@exercise("the standard error is the standard deviation divided by the root of the number.",
          "Half the error costs four times the regions.")
def regions_needed(count, values, goal):
    """Check how many regions it takes until the standard error is at most `goal`.

    Parameters
    ----------
    count : int
        The reader's answer.
    values : ndarray of float, shape (N,)
        The difference of two methods in dB, one value a region.
    goal : float
        The standard error wanted, in dB.
    """
    if not _is_number(count) or count != int(count):
        return f"A whole number is wanted, not {count!r}."
    spread = np.std(values, ddof=1)
    exact = (spread / goal) ** 2
    count = int(count)
    if abs(count - exact) < 1:  # rounded either way
        return None
    if abs(count - (np.std(values) / goal) ** 2) < 1:
        return "Almost: np.std divides by N unless it is told otherwise; the error above is with ddof=1."
    if abs(count - spread / goal) <= 1:
        return "Almost: that is the root of the number that is wanted. Square it."
    if abs(count - len(values) * spread / np.sqrt(len(values)) / goal) <= 0.03 * count + 1:
        return "The standard error falls with the root of the number: half the error needs four times as many."
    if abs(count + len(values) - exact) < 1:
        return f"That is how many more; wanted is in all, with the {len(values)} that there are."
    if abs(count / exact - 1) < 0.005:  # from the digits that are printed
        return None
    if count <= 0:
        return "At least one region is needed."
    reached = f"With {count:,.0f} regions the standard error would be {spread / np.sqrt(count):.4f} dB"
    return f"{reached}, " + (f"still above {goal}." if count < exact else f"less than {goal}: fewer will do.")


@exercise("bytes to floats, the mean square of the difference for each image, then 10 log10(255² / MSE).",
          "The same values as scikit-image, and infinity where it belongs.")
def file_psnr(function, images):
    """Check PSNR for batches of bytes: one value an image, infinite for equal images, without a warning.

    Parameters
    ----------
    function : callable
        ``function(clean, other)``: two uint8 arrays (N, H, W, C) to values in dB, shape (N,).
    images : ndarray of uint8, shape (N, H, W, C)
    """
    import warnings

    from skimage.metrics import peak_signal_noise_ratio

    levels = np.linspace(5, 80, len(images)).reshape(-1, 1, 1, 1)  # errors above 181, too: see int16 below
    noisy = images + levels * np.random.default_rng(0).normal(size=images.shape)
    noisy = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    right = np.array([peak_signal_noise_ratio(a, b, data_range=255) for a, b in zip(images, noisy)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = np.asarray(_run(function, images, noisy), dtype=float)
    hint = _psnr_mistake(result, right, images, noisy)
    if hint:
        return hint
    noisy[0] = images[0]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        first = np.asarray(_run(function, images, noisy), dtype=float)[0]
    if np.isnan(first):
        return "For two equal images the result is nan; wanted is infinity."
    if not (np.isinf(first) and first > 0):
        return f"For two equal images the result is {first:.1f} dB; without any error it has to be infinite."
    if caught:
        return f"Right, but equal images raise a warning ({caught[0].message}): np.errstate keeps it quiet."
    return None


def _psnr_mistake(result, right, clean, other):
    pooled = 10 * np.log10(255**2 / np.mean((clean.astype(float) - other) ** 2))
    if result.ndim == 0 or result.shape == (1,):
        right, result = np.full(1, pooled), result.reshape(1)
        if np.allclose(result, pooled, atol=0.01):
            return "One number for all images together; wanted is one for each: axis=(1, 2, 3)."
    if result.shape != right.shape:
        return f"The result has shape {result.shape}; wanted is one value an image, shape ({len(clean)},)."
    if np.allclose(result, right, atol=0.01):
        return None
    wrapped = [np.mean(x**2, axis=(1, 2, 3)) for x in (clean - other, (clean - other).astype(float))]
    known = {
        "That is the natural logarithm, np.log; decibels want np.log10.": right * np.log(10),
        "Files go up to 255, so data_range is 255, not 1.": right - 20 * np.log10(255),
        "255 has to be squared, like the error.": right - 10 * np.log10(255),
        "A factor of 10 is missing: decibels are tenths.": right / 10,
        "20 log10 goes with the root of the mean square error; with the MSE itself it is 10.": right * 2,
        "10 log10 goes with the MSE; with its root it is 20.": right / 2,
        "The fraction is upside down: the peak goes above, the error below.": -right,
    }
    for hint, numbers in known.items():
        if np.allclose(result, numbers, atol=0.01):
            return hint
    with np.errstate(all="ignore"):
        if any(np.allclose(result, 10 * np.log10(255**2 / mse), atol=0.01) for mse in wrapped):
            return "Bytes wrap around: as uint8, 3 - 5 is 254. Make floats of them first."
        worst = int(np.argmin(np.isclose(result, right, atol=0.01)))  # the first that differs
    said = f"Image {worst} has {right[worst]:.2f} dB, and you say {result[worst]:.2f} dB"
    short = np.mean((clean.astype(np.int16) - other) ** 2, axis=(1, 2, 3))
    if np.allclose(result, 10 * np.log10(255**2 / short), atol=0.01):
        return f"{said}: the square does not fit into int16. Make floats of them first."
    return f"{said}."


@exercise("call duel with an amount of your choice: who is ahead, and in which direction do you go on?",
          "Below it, a sort of nine numbers beats a trained network.")
def overtaken(amount, duel):
    """Check the amount of noise from which on the second of two methods is ahead, to within 0.02.

    Parameters
    ----------
    amount : float
        The reader's answer.
    duel : callable
        ``duel(amount)``: mean PSNR of the first method and of the second.
    """
    if not _is_number(amount):
        return f"One number is wanted, not {amount!r}."
    if not 0 <= amount <= 1:
        return f"{amount} is no share of the pixels: a number from 0 to 1 is wanted, 0.1 for 10%."
    median, network = duel(max(amount - 0.021, 0))
    if median < network:
        return f"The network is ahead well before {amount:g}: look further left."
    median, network = duel(min(amount + 0.021, 1))
    if median > network:
        return f"The median filter is still ahead well past {amount:g}: look further right."
    return None


# ---------------------------------------------------------------- 7 · The residual slider


@exercise("call faded(0.6), faded(0.7), faded(0.8), and compare with doing_nothing.",
          "The more noise, the more easily is doing nothing beaten.")
def breaks_even(strength, faded, doing_nothing):
    """Check the skip strength at which the network is as good as doing nothing, to within 0.02.

    Parameters
    ----------
    strength : float
        The reader's answer.
    faded : callable
        ``faded(strength)``: mean PSNR in dB, rising with the strength.
    doing_nothing : float
        Mean PSNR of the noisy images, in dB.
    """
    if not _is_number(strength):
        return f"One number is wanted, not {strength!r}."
    if not 0 <= strength <= 1:
        return f"{strength} is no strength: a number from 0 to 1 is wanted."
    below, above = max(strength - 0.021, 0), min(strength + 0.021, 1)
    if faded(below) > doing_nothing:
        return (f"You say {strength:g}; but already at {below:.2f} the network is better than doing nothing: "
                "look further left.")
    if faded(above) < doing_nothing:
        return (f"You say {strength:g}; but even at {above:.2f} the network is still worse than doing nothing: "
                "look further right.")
    return None


@exercise("with_strength takes four numbers, in the order of names; the first is the noisy image.",
          "Compare with the table: what is missed when it goes may bring nothing on its own.")
def brings_alone(gain, with_strength, mean_psnr, names):
    """Check what one skip brings on its own, beside the noisy image.

    Parameters
    ----------
    gain : callable
        ``gain(name)``: in dB, for one of ``names[1:]``.
    with_strength : callable
        ``with_strength(strengths)``: images, for one strength for each of `names`.
    mean_psnr : callable
        ``mean_psnr(images)``: in dB.
    names : tuple of str
        The skips; the first is the noisy image itself.
    """
    def score(*on):
        return mean_psnr(with_strength([name in on for name in names]))

    image, *maps = names
    nothing, full, brings = score(image), score(*names), []
    for name in maps:
        result = _run(gain, name)
        if np.size(result) != 1:
            return f"One number is wanted for {name}, not an array of shape {np.shape(result)}."
        result, right = np.asarray(result).item(), score(image, name) - nothing
        off = score(*(other for other in names if other != name))
        known = {
            "The noisy image itself has to stay on, at 1; without it there is no picture to correct.":
                score(name) - nothing,
            "The noisy image itself has to stay on, at 1, in both; you compare two dark pictures.":
                score(name) - score(),
            "That is the PSNR reached. Subtract what the noisy image alone has, all maps at 0.":
                right + nothing,
            "That is what is lost when it is switched off. Here it is on, and the two other maps are off.":
                full - off,
            "Here the others are on and this one is off; it has to be the other way round.": off - nothing,
            "The sign is the other way round: what it brings is positive.": -right,
        }
        if abs(result - right) > 0.05:  # the noisy image as it came differs a little from all maps at 0
            hints = [hint for hint, number in known.items() if abs(result - number) <= 0.05]
            return (hints or [f"For {name} it is {right:.2f} dB, and you say {result:.2f} dB."])[0]
        brings.append(f"{name} {round(right, 1) + 0:+.1f} dB")
    return Found(f"On their own: {', '.join(brings)}.")


@exercise("np.clip(images + level * offsets, 0, 1), with random offsets that neighbouring pixels share.",
          "Now see what the two networks make of it.")
def new_noise(add_noise, images):
    """Check a noise that makes neighbouring pixels err together, and is not the notebook's own stripes.

    Parameters
    ----------
    add_noise : callable
        ``add_noise(images, level, rng)``: images in [0, 1], of the same shape and type.
    images : ndarray of float32, shape (N, H, W, 3)
    """
    def add(clean, level, seed=0):
        return np.asarray(_run(add_noise, clean, level, np.random.default_rng(seed)))

    result = add(images, 0.2)
    if result.shape != images.shape:
        return f"The result has shape {result.shape}; wanted is that of images, {images.shape}."
    if result.dtype != np.float32:
        return f"The result is {result.dtype}; wanted is float32: .astype('float32')."
    if not np.isfinite(result).all() or result.min() < 0 or result.max() > 1:
        return "Values leave [0, 1]: np.clip(..., 0, 1) is missing."
    if np.abs(add(images, 0.0) - images).max() > 1e-6:
        return "At level 0 the images have to stay as they are: multiply the noise by level."
    if not np.array_equal(result, add(images, 0.2)):
        return "The same generator twice, and not the same noise: draw from rng alone, not from np.random."
    if np.abs(result - images).max() < 1e-6:
        return "At level 0.2 nothing has changed."
    if all(np.array_equal(result, add(images, 0.2, seed)) for seed in (1, 2, 3, 4)):
        return "Another generator, and the same result: nothing is left to chance. Noise is drawn, from rng."
    darker, brighter = (add(np.full_like(images, grey), 0.05) - np.float32(grey) for grey in (0.35, 0.65))
    if _is_white(darker) and _is_white(brighter) and abs(darker.std() / brighter.std() - 1) < 0.05:
        return "That is white Gaussian noise, which both have seen. Let neighbours err together, for a start."
    if _is_salt_and_pepper(images, result):
        return "That is salt and pepper, which both have seen."
    if all(max(_together(noise)[:2]) < 0.1 for noise in (darker, brighter)):
        return ("Every pixel errs on its own, as in training: the networks remove much of that. "
                "Let neighbours err together.")
    lines = all(np.ptp(noise, axis=(2, 3)).max() < 1e-6 for noise in (darker, brighter))
    if lines and max(_together(darker)[0], _together(brighter)[0]) < 0.1:
        return "Those are the notebook's own stripes. Turn them, widen them, or take another noise of your own."
    return None


def _together(noise):
    """How far a pixel errs with the next row, the next column and the next channel: 0 not at all, 1 alike."""
    x = noise - noise.mean()
    if x.std() < 1e-6:  # all pixels alike
        return [1.0, 1.0, 1.0]
    neighbours = ((x[:, 1:], x[:, :-1]), (x[:, :, 1:], x[:, :, :-1]), (x[..., 1:], x[..., :-1]))
    return [abs(np.mean(a * b)) / np.mean(x**2) for a, b in neighbours]


def _is_white(noise):
    """Whether noise on grey images is normal, and differs from pixel to pixel and from channel to channel."""
    if noise.std() == 0:
        return False
    x = (noise - noise.mean()) / noise.std()
    return abs(np.mean(x**4) - 3) < 0.3 and max(_together(noise)) < 0.05


def _is_salt_and_pepper(images, result):
    """Whether single pixels, each on its own, have become black or white, about as many of either."""
    hit = np.abs(result - images).max(axis=-1) > 0
    specks = result[hit]
    if not np.isin(specks, (0, 1)).all() or np.ptp(specks, axis=-1).any() or not 0.3 < specks.mean() < 0.7:
        return False
    chance = hit.mean() ** 2
    pairs = ((hit[:, 1:], hit[:, :-1]), (hit[:, :, 1:], hit[:, :, :-1]))
    return all(np.mean(a & b) < 1.3 * chance for a, b in pairs)


# ---------------------------------------------------------------- 8 · Losses and metrics


@exercise("how far can two values of such a picture be apart, at most?",
          "Errors and range are both twice as large as yours, and so the PSNR is the same.")
def thesis_range(data_range, clean, other):
    """Check the `data_range` of pictures from -1 to 1.

    Parameters
    ----------
    data_range : float
        The reader's answer.
    clean, other : ndarray of float, shape (N, H, W, C)
        The pictures of the thesis, from -1 to 1.
    """
    from skimage.metrics import peak_signal_noise_ratio

    if np.size(data_range) != 1:
        return "One number is wanted: not the two ends, but how far they are apart."
    if isinstance(data_range, str) or not np.isfinite(data_range) or data_range <= 0:
        return f"A number above 0 is wanted, not {data_range!r}."
    if np.isclose(data_range, 2, atol=0.01):
        return None
    known = {
        1: "That is what it did pass. The largest possible difference is not the largest value.",
        4: "The squared error grows fourfold; data_range itself is squared in the formula.",
        255: "That would be for bytes.",
    }
    scores = [peak_signal_noise_ratio(a, b, data_range=float(data_range)) for a, b in zip(clean, other)]
    return known.get(data_range, f"With that it would be {np.mean(scores):.2f} dB, which is not yours.")


@exercise("first one mean over everything, then one logarithm.",
          "Four black pictures of 200, and this mean looks mainly at them.")
def pooled_psnr(pooled, clean, other):
    """Check a function that gives one PSNR for a whole batch, from the mean of all squared errors.

    Parameters
    ----------
    pooled : callable
        ``pooled(clean, other)``: a number, in dB.
    clean, other : ndarray of float, shape (N, H, W, C)
        In [0, 1].
    """
    from skimage.metrics import peak_signal_noise_ratio

    result = np.asarray(_run(pooled, clean, other))
    if result.size != 1:
        return f"One number is wanted; yours has shape {result.shape}. Take the mean over all axes."
    right = peak_signal_noise_ratio(clean, other, data_range=1)
    mse = np.mean((clean - other) ** 2)
    each = 10 * np.log10(1 / np.maximum(np.mean((clean - other) ** 2, axis=(1, 2, 3)), 1e-12))
    known = {
        right: None,
        np.mean(each): "That is the mean of images: the logarithm comes last.",
        mse: "That is the MSE. Decibels are 10 times the logarithm of 1 / MSE.",
        -right: "The sign: it is 1 / MSE, not MSE.",
        2 * right: "Twice too much: 20 goes with the root of the MSE, 10 with the MSE.",
        right / 2: "Half of it: 10 goes with the MSE, 20 with its root.",
        right * np.log(10): "np.log is the natural logarithm; decibels take np.log10.",
        right + 20 * np.log10(255): "The values go from 0 to 1: no 255.",
        -20 * np.log10(np.mean(np.abs(clean - other))): "Square the differences: it is the mean of squares.",
    }
    for value, hint in known.items():
        if np.isclose(float(result.squeeze()), value, rtol=0, atol=0.01):
            if hint is None:  # for the negatives the answer is the same, unless it looks at other pictures
                negatives = np.mean(_run(pooled, 1 - clean, 1 - other))
                if not np.isclose(negatives, right, rtol=0, atol=0.01):
                    return ("Right for these pictures, wrong for others: it compares with the notebook's "
                            "`clean`, not with the one that it was given.")
            return hint
    return f"It gives {float(result.squeeze()):.2f} dB; right is {right:.2f} dB. First mean, then logarithm."


@exercise(".mean() and .var() of each, and the mean of (a - a.mean()) * (b - b.mean()).",
          "Move the window over a picture, take the mean, and you have SSIM (but for the bell).")
def ssim_window(similarity, image):
    """Check the SSIM of one window, all pixels weighted alike.

    Parameters
    ----------
    similarity : callable
        ``similarity(a, b)`` for two arrays (11, 11) in [0, 1]: a number.
    image : ndarray of float, at least 19 pixels high and wide, shape (H, W, C)
        In [0, 1]; a window is cut from it.
    """
    from skimage.metrics import structural_similarity

    a = image[8:19, 8:19, 0].astype(float)
    noisy = np.clip(a + 0.1 * np.random.default_rng(0).standard_normal(a.shape), 0, 1)
    flat = np.full((11, 11), 0.5)
    options = dict(win_size=11, gaussian_weights=False, use_sample_covariance=False, data_range=1)
    pairs = [(a, noisy), (a, a), (a, 0.7 * a), (a, 1 - a), (flat, flat)]
    right = [structural_similarity(x, y, **options) for x, y in pairs]
    with np.errstate(all="ignore"):
        mine = [np.asarray(_run(similarity, x, y)) for x, y in pairs]
    if any(value.size != 1 for value in mine):
        return f"One number is wanted; yours has shape {mine[0].shape}."
    mine = np.array([value.squeeze() for value in mine], dtype=float)
    if not np.isfinite(mine).all():
        return ("A flat window gives 0 / 0. What are c1 and c2 for? (np.corrcoef divides by zero there, "
                "whatever you add to it: use the covariance.)")
    uncentred = [(2 * np.mean(x * x) + 9e-4) / (2 * x.var() + 9e-4) for x in (a, flat)]
    if np.allclose(mine[[1, 4]], uncentred, rtol=1e-3):
        return "A covariance is about the means: subtract a.mean() and b.mean() before you multiply."
    if not np.isclose(mine[1], 1, atol=1e-4):
        return (f"Equal windows must give 1; yours give {mine[1]:.3f}. Is a 2 missing? Is it np.std where "
                "np.var is wanted? And np.cov divides by N - 1, np.var by N.")
    if np.allclose(mine, right, atol=2e-3):
        return None
    if np.isclose(mine[0], right[0], atol=0.02) and not np.isclose(mine[2], right[2], atol=2e-3):
        return "The noisy window is right, a dimmed one is not: is brightness in it?"
    brightness = [(2 * x.mean() * y.mean() + 1e-4) / (x.mean() ** 2 + y.mean() ** 2 + 1e-4) for x, y in pairs]
    if np.allclose(mine, brightness, atol=2e-3):
        return "That is brightness alone; contrast and structure are still missing."
    if mine[3] > 0 > right[3]:
        return "For a negative of the window yours is positive: the covariance has a sign."
    return f"A noisy window has {right[0]:.3f}, yours {mine[0]:.3f}. Is every square and every 2 in its place?"


# ---------------------------------------------------------------- 9 · Your own photo


@exercise("how many tiles are there down, and how many across? `starts` knows both.",
          "Most pixels are in four of them, and so there is about four times as much to compute.")
def tile_count(count):
    """Check the number of tiles of a photo of 2400x3600 pixels, 32x32 pixels each, with stride 16.

    Parameters
    ----------
    count : int
        The reader's answer.
    """

    def along(length, stride):
        return len(range(0, length - 32, stride)) + 1

    if np.size(count) != 1 or isinstance(count, str):
        return "One number is wanted: the tiles of the whole photo."
    down, across = along(2400, 16), along(3600, 16)
    if count == down * across:
        return None
    known = {
        along(2400, 32) * along(3600, 32): "That is with stride 32, side by side.",
        2400 * 3600 // 32**2: "Area by area, that would be without overlap.",
        2400 * 3600 / 32**2: "Area by area, that would be without overlap.",
        2400 * 3600 // 16**2: "Close. But a tile is 32 wide: 16 pixels before the end no other one has room.",
        (down - 1) * (across - 1): "Close: the last tile of each side counts too.",
        down + across: "Each of those down has all of those across.",
    }
    return known.get(count, "Not quite. Along a side: len(starts(length, stride)); then multiply.")


@exercise("at sigma 0.1 the network gains a lot. Try smaller values with gain_at.",
          "Below that the network takes more detail than noise: leave such a picture alone.")
def break_even(sigma, gain_at):
    """Check the noise level at which the network neither gains nor loses, to within half a decibel.

    Parameters
    ----------
    sigma : float
        The reader's answer, on the [0, 1] scale.
    gain_at : callable
        ``gain_at(sigma)``: denoised minus noisy PSNR, in dB.
    """
    if np.size(sigma) != 1 or isinstance(sigma, str):
        return "One number is wanted."
    if not 0 < sigma < 1:
        return "sigma is on the scale from 0 to 1 and above 0; a value in grey values has to be divided by 255."
    gain = gain_at(sigma)
    if gain > 0.5:
        return f"At {sigma:g} it still gains {gain:.2f} dB: go lower."
    if gain < -0.5:
        return f"At {sigma:g} it already loses {-gain:.2f} dB: go higher."
    return Found(f"A sigma of {sigma:.4f} is about {255 * sigma:.1f} grey values of 255.")


@exercise("np.arange(length) counts the pixels; how far is each from the nearer end?",
          "Many windows will do: the rim has to count less than the middle, and need not count for nothing.")
def blend_window(window, seams, with_bell):
    """Check a window for overlapping tiles: by the seams that it leaves.

    Parameters
    ----------
    window : callable
        ``window(length)``: one weight for each of `length` pixels in a row.
    seams : callable
        ``seams(weights)``: how strong the seams are when tiles of 32 pixels are blended with these weights.
    with_bell : float
        How strong they are with the notebook's bell.
    """
    weights = np.asarray(_run(window, 32), dtype=float)
    if weights.shape != (32,):
        return f"Wanted is one weight for each pixel of a row, shape (32,); yours has {weights.shape}."
    if weights.min() <= 0:
        return "A weight is zero or negative. At the edge of the photo no other tile helps out: 0 / 0 there."
    if np.outer(weights, weights).astype(np.float32).min() <= 0:
        return "So narrow a window becomes 0 at the rim, where float32 ends: 0 / 0 there. Widen it."
    if np.shape(window(16)) != (16,):
        return "It should work for any length, not for 32 alone."
    if np.abs(np.diff(weights)).max() > 0.4 * weights.max():
        return "Your window jumps. That only moves the seams to where the jump is: let it rise step by step."
    if (left := seams(weights)) <= 1.1 * with_bell:
        return None
    if not np.allclose(weights, weights[::-1], rtol=0.05):
        return f"Seams: {left:.2f}. Your window prefers one side of the tile. Is its middle between two pixels?"
    if weights[16] < weights[0]:
        return f"Seams: {left:.2f}. Your window trusts the rim more than the middle."
    return f"Seams: {left:.2f}, with the bell {with_bell:.2f}. The rim counts too much: let it fall further."
