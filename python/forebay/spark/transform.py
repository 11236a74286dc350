"""The user's own step between decode and stage: loading it, and holding it to its promise."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from pyspark import cloudpickle
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from forebay.spark.failures import named, usage_error
from forebay.spark.shape import COORDINATES, PARTITION, SIDE_CHANNEL

# The table's rows and its name in; the same rows out, one for one and in the same order, columns changed or added.
Transform = Callable[[DataFrame, str], DataFrame]

KEPT = (*COORDINATES, PARTITION, SIDE_CHANNEL)


def load(name: str) -> Transform:
    """`module:function`, looked for where Python looks and in the current directory."""
    module_name, _, function_name = name.partition(":")
    if not module_name or not function_name:
        raise usage_error(f"--transform '{name}' is not MODULE:FUNCTION, such as my_transforms:add_margin")
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    try:
        module = importlib.import_module(module_name)
    except Exception as failure:
        raise usage_error(f"--transform: {module_name} cannot be imported: {named(failure)}") from failure
    function = getattr(module, function_name, None)
    if not callable(function):
        raise usage_error(f"--transform {name}: {module_name} has no function {function_name}")
    # Workers need not have the module: functions in it travel as they are.
    cloudpickle.register_pickle_by_value(module)  # type: ignore[no-untyped-call]
    return function  # type: ignore[no-any-return]


def apply(transform: Transform, name: str, rows: DataFrame, table: str) -> DataFrame:
    """What the transform makes of the rows. Refuses a result that lacks a column that has to stay, or retypes one."""
    try:
        result = transform(rows, table)
        after = result.schema if isinstance(result, DataFrame) else None
    except Exception as failure:
        raise usage_error(f"the transform {name} failed on table {table}: {named(failure)}") from failure
    if after is None:
        raise usage_error(f"the transform {name} gave {type(result).__name__} for table {table}, not a DataFrame")
    check(rows.schema, after, f"the transform {name}, table {table}:")
    return result


def check(before: StructType, after: StructType, who: str) -> None:
    """Every column that came in goes out, with its type; more may have been added."""
    types = {field.name: field.dataType for field in after}
    doubled = sorted({name for name in after.names if after.names.count(name) > 1})
    if doubled:
        raise usage_error(f"{who} two columns are called {doubled[0]}")
    for field in before:
        if field.name not in types:
            raise usage_error(
                f"{who} the column {field.name} is missing; a transform may add columns and change "
                "values, but not drop or rename what the contract has"
            )
        if types[field.name].simpleString() != field.dataType.simpleString():  # nullability aside
            raise usage_error(
                f"{who} the column {field.name} is {types[field.name].simpleString()} now, and was "
                f"{field.dataType.simpleString()}"
            )
