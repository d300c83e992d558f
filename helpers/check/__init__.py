"""What the notebooks say to a prediction (`reveal`) and to an answer: one check for each exercise.

Each lesson has a module here, named lesson_ and its notebook. `REASONS` in it holds, for each prediction of
the lesson and each choice, what speaks for it or, of a wrong one, what it overlooks. Its public functions
are the checks of its exercises. A new lesson is a new module: this one finds it, and a notebook calls
``check.name_of_the_check(...)``.

A check is a function, decorated with `exercise`, that looks for the usual mistakes and returns a hint
for the first it finds, or None. It is called in the cell of the exercise, and prints. It has to accept
every right answer, so it compares what an answer *does* with a library, not with our solution.
tests/answers/ holds the answers, right and wrong, on which it is tested.
"""

import importlib
import inspect
import pkgutil


def _checks(lesson):
    functions = inspect.getmembers(lesson, inspect.isfunction)
    return {name: f for name, f in functions if f.__module__ == lesson.__name__ and not name.startswith("_")}


def _under_one_roof(lessons, contents):
    """What the modules of all lessons hold, by its name; a name that two of them have is an error."""
    found, owner = {}, {}
    for lesson in lessons:
        for name, content in contents(lesson).items():
            if name in found:
                raise ValueError(
                    f"{owner[name]} and {lesson.__name__} both define {name!r}. Each check and each prediction "
                    f"needs a name of its own: rename one of the two, here and in its notebook."
                )
            found[name], owner[name] = content, lesson.__name__
    return found


LESSONS = [
    importlib.import_module(f"{__name__}.{module.name}")
    for module in pkgutil.iter_modules(__path__) if module.name.startswith("lesson_")
]
REASONS = _under_one_roof(LESSONS, lambda lesson: lesson.REASONS)
globals().update(_under_one_roof(LESSONS, _checks))
shown = {}  # of each prediction that was answered: the choice that the run has shown to be right


def reveal(prediction, guess, right, **numbers):
    """Say whether a prediction was right, and why.

    Parameters
    ----------
    prediction : str
        Its name, as in `REASONS` of the lesson's module.
    guess : str or None
        The reader's choice. None: no prediction was made.
    right : str
        The choice that the run has shown to be right.
    **numbers
        Of the run, for the reasons that tell them.

    Raises
    ------
    ValueError
        If there is no such prediction, or `right` is not one of its choices.
    """
    if prediction not in REASONS:
        raise ValueError(
            f"There is no prediction {prediction!r}. Their names stand in REASONS of helpers/check/lesson_*.py."
        )
    because = {choice: reason.format(**numbers) for choice, reason in REASONS[prediction].items()}
    if right not in because:
        raise ValueError(f"right is {right!r}, which is none of the choices: {', '.join(because)}.")
    shown[prediction] = right
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
