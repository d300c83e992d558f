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
    elif guess not in because:
        print(f"Your prediction was {guess!r}; wanted is one of: {', '.join(map(repr, because))}. "
              f"It is {right}: {because[right]}")
    elif guess == right:
        print(f"✓ You predicted it: {right}. {because[right]}")
    else:
        print(f"✗ Your prediction was {guess}: {because[guess]} It is {right}: {because[right]}")


class NotYet(Exception):
    """The answer is still the stub."""


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
        For a function ``find_mistake(answer, ...)`` that returns a hint, or None if there is no mistake.
    """

    def decorate(find_mistake):
        @functools.wraps(find_mistake)
        def check(answer, *others, **context):
            try:
                if answer is None:
                    raise NotYet
                hint = find_mistake(answer, *others, **context)
            except NotYet:
                hint = f"Not yet. Hint: {first_hint}"
            except Exception as error:  # the reader's code, or an answer of a kind nobody thought of
                lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if _is_a_cell(f.filename)]
                where = f" (line {lines[-1]} of the cell)" if lines and callable(answer) else ""
                hint = f"Your answer stops with {type(error).__name__}{where}: {error}"
            print(f"✗ {hint}" if hint else f"✓ Correct. {praise}".strip())

        return check

    return decorate


def _is_a_cell(filename):
    return "ipykernel_" in filename or filename.startswith("<")


def _run(function, *arguments):
    """The result of a reader's function; what it was given is compared afterwards."""
    before = [np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments]
    result = function(*arguments)
    if result is None:
        raise NotYet
    for given, kept in zip(arguments, before):
        if isinstance(given, np.ndarray) and not np.array_equal(given, kept):
            raise ValueError("the array that it was given has changed. Work on a copy: array.copy()")
    return result


def _recognise(result, known, otherwise, tolerance=1e-3):
    """The hint of the first known result, clipped to [0, 1], that this one equals; None is the right one's."""
    for hint, numbers in known.items():
        if np.shape(numbers) == np.shape(result):
            if np.allclose(result, np.clip(numbers, 0, 1), atol=tolerance):
                return hint
    return otherwise


# ---------------------------------------------------------------- 0 · Start here

# ---------------------------------------------------------------- 1 · Splitting the data

# ---------------------------------------------------------------- 2 · Noise models

# ---------------------------------------------------------------- 3 · The autoencoder


@exercise("count the weights of one Dense layer from m to n numbers: m times n, and n biases.",
          "Weights that a picture of any other size could not use.")
def dense_weights(latent_dim):
    """Check the largest `latent_dim` whose two Dense layers have at most 200,000 weights.

    Parameters
    ----------
    latent_dim : int
        The reader's answer.
    """
    if not isinstance(latent_dim, (int, np.integer)):
        return f"A whole number is wanted, not {latent_dim!r}."
    size = 4 * 4 * 64
    weights = (size + 1) * latent_dim + (latent_dim + 1) * size
    if weights > 200_000 and (size + 1) * latent_dim <= 200_000:
        return f"One of the two layers fits, but both together have {weights:,} weights."
    if weights > 200_000:
        return f"With {latent_dim} the two layers have {weights:,} weights."
    if weights + 2 * size + 1 <= 200_000:
        return f"With {latent_dim} the two layers have only {weights:,} weights: there is room for more."
    return None



@exercise("two of the functions above do it, one after the other.", "Three such levels are the decoder.")
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
    shape = tuple(result.shape)[1:]
    if shape == (8, 8, 32):
        return "The channels are right, the size is not: the map has to be doubled."
    if shape == (16, 16, 64):
        return "The map is doubled, but keeps the channels of the input; wanted are `filters` channels."
    if shape != (16, 16, 32):
        return f"From (8, 8, 64) with filters=32 the result has shape {shape}; wanted is (16, 16, 32)."
    network = keras.Model(maps, result)
    kinds = [type(layer).__name__ for layer in network.layers]
    missing = [k for k in ("UpSampling2D", "Conv2DTranspose", "BatchNormalization") if k not in kinds]
    if missing == ["UpSampling2D"]:
        return "Strides double the map, too, but leave a checkerboard; here UpSampling2D is wanted."
    if missing:
        return f"The shape is right. Still missing: {', '.join(missing)}."
    if network.predict(np.random.default_rng(0).normal(size=(2, 8, 8, 64)), verbose=0).min() < 0:
        return "The shape is right, but values are negative: no ReLU at the end?"
    return None


@exercise("subtract the mean, multiply by the first k components, and then the same way back.",
          "Two matrix products: that is all a linear autoencoder is.")
def linear_code(code, images, mean, components):
    """Check a function that squeezes images into k numbers each by PCA, and rebuilds them.

    Parameters
    ----------
    code : callable
        ``code(images, k, mean, components)``: images as rebuilt, clipped to [0, 1] or not.
    images : ndarray of float32, shape (N, 32, 32, 3)
    mean : ndarray of float32, shape (3072,)
    components : ndarray of float32, shape (3072, 3072)
        One component a column, the most important first.
    """
    images = images[:50]
    flat = images.reshape(len(images), -1)
    for k in (1, 20):
        result = np.asarray(_run(code, images, k, mean, components))
        if result.shape == (len(images), k):
            return f"Those are the codes, {k} numbers an image. Now the way back: multiply by the transpose."
        if result.shape != images.shape:
            return f"The result has shape {result.shape}; wanted is that of images, {images.shape}."
        first, last, rows = components[:, :k], components[:, -k:], components[:k].T
        rebuilt = (flat - mean) @ first @ first.T
        hint = _recognise(
            np.clip(result, 0, 1).reshape(flat.shape),
            {
                None: rebuilt + mean,
                "The mean was taken off and not put back.": rebuilt,
                "Take the mean off before you multiply.": flat @ first @ first.T + mean,
                "Those are the last k components, the least important ones.":
                    (flat - mean) @ last @ last.T + mean,
                "Those are the first k rows; a component is a column: components[:, :k].":
                    (flat - mean) @ rows @ rows.T + mean,
            },
            f"Not the best code of {k} numbers. Mean off, first k columns, back again, mean on.",
        )
        if hint:
            return hint
    return None


# ---------------------------------------------------------------- 4 · Skip connections

# ---------------------------------------------------------------- 5 · Training

# ---------------------------------------------------------------- 6 · Evaluation

# ---------------------------------------------------------------- 7 · The residual slider

# ---------------------------------------------------------------- 8 · Losses and metrics

# ---------------------------------------------------------------- 9 · Your own photo
