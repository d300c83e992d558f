"""Which statements of a notebook the value of a name depends on, so that a test has to run only those.

Names are followed through the source; nothing is run. Where it cannot be seen whether a statement changes
what a name stands for, it is taken along: better one statement too many than a value that is not the lesson's.
Not seen is a change by another name (``last = network.layers[-1]``, then ``last.set_weights(...)``).
"""

import ast
import builtins
import symtable
from typing import NamedTuple

# Calls whose result nobody takes are there for what they change, but for those that print and draw ...
SPEAKING = {"ax", "axes", "check", "figure", "plt", "print", "show", "show_history", "show_images", "show_table"}
# ... and so are these, though they return something.
CHANGING = {"fit", "pop", "setdefault", "train", "train_on_batch"}


class Statement(NamedTuple):
    """A statement at the top level of a notebook's cell.

    `binds`: names that mean what it says from here on; `changes`: names whose objects it may change, or that
    it binds under a condition only; `uses`: names that it needs; `later`: those that its functions need when
    they are called; `effects`: what they change then.
    """

    cell: int
    node: ast.stmt
    binds: set
    changes: set
    uses: set
    later: set
    effects: set


def names_used(source):
    """The names that a piece of source takes from outside of its functions."""
    return _used_at_top(_table(source)) | _used_inside(_table(source))


def statements(cells, given=None):
    """The statements of the code cells, as a list of `Statement`.

    `given`: expressions that stand in for what the notebook computes at length, by name. Each is evaluated
    where the notebook first binds the name; what else the notebook does to that name is left out.
    """
    given = given or {}
    parsed = [
        (i, node) for i, cell in enumerate(cells) if cell.cell_type == "code" for node in ast.parse(cell.source).body
    ]
    imported = {
        (alias.asname or alias.name).split(".")[0]
        for _, node in parsed if isinstance(node, (ast.Import, ast.ImportFrom)) for alias in node.names
    }
    found, effects, open_names = [], {}, dict(given)
    for cell, node in parsed:
        statement = _read(cell, node, imported, effects)
        effects |= dict.fromkeys(statement.binds, statement.effects) if statement.effects else {}
        bound = statement.binds | statement.changes
        found.append(statement._replace(binds=statement.binds - set(given), changes=statement.changes - set(given)))
        for name in sorted(bound & set(open_names)):
            (stand_in,) = ast.parse(f"{name} = {open_names.pop(name)}").body
            found.append(_read(cell, stand_in, imported, effects))
    assert not open_names, f"GIVEN stands in for {', '.join(open_names)}, which the notebook does not have"
    return found


def needed(statements, names, before):
    """Positions of those statements on which the values of `names` depend when the cell `before` begins."""
    wanted = set(names)
    while True:
        chosen, missing = set(), set(wanted)
        for k, statement in reversed(list(enumerate(statements))):
            if statement.cell < before and missing & (statement.binds | statement.changes):
                chosen.add(k)
                missing = (missing - statement.binds) | statement.uses
        later = set().union(*(statements[k].later for k in chosen))
        if later <= wanted:
            return chosen
        wanted |= later


def _read(cell, node, imported, effects):
    table = _table(ast.unparse(node))
    assigned = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    inside = _used_inside(table)
    uses = _used_at_top(table) | inside
    is_definition = isinstance(node, (ast.FunctionDef, ast.ClassDef))
    changes = _changed(node, imported) | ({"rng"} & uses)  # who draws from a generator changes it
    changes = changes.union(*(effects.get(name, ()) for name in uses)) - imported
    under_condition = isinstance(node, (ast.If, ast.For, ast.While, ast.Try, ast.With, ast.AugAssign))
    return Statement(
        cell, node,
        binds=set() if under_condition else assigned,
        changes=set() if is_definition else changes | assigned,
        uses=uses,
        later=inside if is_definition or any(isinstance(n, ast.Lambda) for n in ast.walk(node)) else set(),
        effects=changes & inside if is_definition else set(),
    )


def _table(source):
    return symtable.symtable(source, "<cell>", "exec")


def _used_at_top(table):
    return {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}


def _used_inside(table):
    """Names that functions, classes and comprehensions take from the top level."""
    used = set()
    for child in table.get_children():
        used |= {s.get_name() for s in child.get_symbols() if s.is_global() and s.is_referenced()}
        used |= _used_inside(child)
    return used


def _changed(node, imported):
    """Names whose objects a statement may change in place, not counting what the functions it calls do."""
    changed = set()
    discarded = {id(n.value) for n in ast.walk(node) if isinstance(n, ast.Expr)}
    for part in ast.walk(node):
        if isinstance(part, (ast.Subscript, ast.Attribute)) and isinstance(part.ctx, (ast.Store, ast.Del)):
            changed |= _names(part.value)
        elif isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            changed.add(part.target.id)
        elif isinstance(part, ast.Call):
            called, first = _leftmost(part.func), part.args[0] if part.args else None
            verb = getattr(part.func, "attr", called)
            if called not in SPEAKING and (id(part) in discarded or verb in CHANGING):
                is_method = isinstance(part.func, ast.Attribute) and called not in imported
                changed |= {called} if is_method else {first.id} if isinstance(first, ast.Name) else set()
    for part in ast.walk(node):
        if isinstance(part, ast.For):  # x of `for x in xs` is part of xs
            for one, many in _parts(part):
                changed |= _names(many) if _names(one) & changed else set()
    return changed - set(dir(builtins)) - {None}


def _parts(loop):
    """Pairs of sources: what a loop calls a part, and what it is a part of."""
    columns = []
    if isinstance(loop.iter, ast.Call) and _leftmost(loop.iter.func) == "zip":
        columns = loop.iter.args
    elif isinstance(loop.iter, ast.Tuple) and all(isinstance(row, ast.Tuple) for row in loop.iter.elts):
        columns = [ast.Tuple(list(column), ast.Load()) for column in zip(*(row.elts for row in loop.iter.elts))]
    names = getattr(loop.target, "elts", [])
    return list(zip(names, columns)) if len(names) == len(columns) > 0 else [(loop.target, loop.iter)]


def _names(node):
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _leftmost(node):
    while not isinstance(node, ast.Name):
        node = getattr(node, "value", None) or getattr(node, "func", None)
        if node is None:
            return None
    return node.id
