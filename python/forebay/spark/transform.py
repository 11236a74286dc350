"""The user's step between decode and stage: loads it, and checks its result."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from pyspark import cloudpickle
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from forebay.spark import shape
from forebay.spark.failures import named, usage_error

# Maps the table's rows, given with its name, to the same rows in the same order, with columns changed or added.
Transform = Callable[[DataFrame, str], DataFrame]


def load(name: str) -> Transform:
    """Loads `module:function` from Python's path or the current directory."""
    module_name, _, function_name = name.partition(":")
    if not module_name or not function_name:
        raise usage_error(f"--transform '{name}' is not MODULE:FUNCTION, such as my_transforms:add_margin")
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    try:
        module = importlib.import_module(module_name)
    except Exception as failure:
        raise usage_error(f"--transform {name}: cannot import {module_name}: {named(failure)}") from failure
    function = getattr(module, function_name, None)
    if not callable(function):
        raise usage_error(f"--transform {name}: {module_name} has no function {function_name}")
    # Pickles the module's functions by value, so that workers need not have the module.
    cloudpickle.register_pickle_by_value(module)  # type: ignore[no-untyped-call]
    return function  # type: ignore[no-any-return]


def apply(transform: Transform, name: str, rows: DataFrame, table: str) -> DataFrame:
    """Applies the transform; an error if its result lacks a column of the rows, or changes a column's type."""
    try:
        result = transform(rows, table)
        after = result.schema if isinstance(result, DataFrame) else None
    except Exception as failure:
        raise usage_error(f"the transform {name} failed on table {table}: {named(failure)}") from failure
    if after is None:
        raise usage_error(f"the transform {name} returned {type(result).__name__} for table {table}, not a DataFrame")
    check(rows.schema, after, f"the transform {name}, table {table}:")
    return result


def columns(name: str, rows: DataFrame) -> pa.Schema:
    """The columns of the files that the rows of a transform's result become."""
    fields = [field for field in rows.schema if field.name != shape.SIDE_CHANNEL]
    try:
        return to_arrow_schema(StructType(fields), timezone="UTC")
    except PySparkException as failure:
        raise usage_error(f"the transform {name} adds a column that files cannot hold: {named(failure)}") from failure


def check(before: StructType, after: StructType, who: str) -> None:
    """Checks that every column is kept, with its type; columns may have been added."""
    types = {field.name: field.dataType for field in after}
    duplicates = sorted({name for name in after.names if after.names.count(name) > 1})
    if duplicates:
        raise usage_error(f"{who} duplicate column {duplicates[0]}")
    for field in before:
        if field.name not in types:
            raise usage_error(
                f"{who} column {field.name} is missing; a transform may add columns and change values, but not drop or "
                "rename columns of the contract"
            )
        if types[field.name].simpleString() != field.dataType.simpleString():  # nullability aside
            raise usage_error(
                f"{who} column {field.name} has type {types[field.name].simpleString()} instead of "
                f"{field.dataType.simpleString()}"
            )
