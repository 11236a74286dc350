"""Transforms as users might write them: valid ones, and every kind of violation."""
import os
import signal
import time

from pyspark.sql import functions as F


def unchanged(rows, table):
    return rows


def margin(rows, table):
    """Adds a column to one table, changes a value, and leaves the other table alone."""
    if table != "orders":
        return rows
    return (rows.withColumn("items_in_order", F.expr("aggregate(items, 0, (sum, item) -> sum + item.quantity)"))
            .withColumn("coupon", F.upper("coupon")))


def margin_as_text(rows, table):
    """The same column with another type."""
    added = margin(rows, table)
    return added if added is rows else added.withColumn("items_in_order", F.col("items_in_order").cast("string"))


def margin_in_another_case(rows, table):
    added = margin(rows, table)
    return added if added is rows else added.withColumnRenamed("items_in_order", "Items_In_Order")


def adds_what_no_file_holds(rows, table):
    return rows.withColumn("term", F.make_ym_interval(F.lit(1)))


def drops_a_row(rows, table):
    return rows.where("_forebay IS NOT NULL OR _kafka_offset <> 5")


def drops_what_was_refused(rows, table):
    return rows.where("_forebay IS NULL")


def drops_everything(rows, table):
    return rows.where(F.lit(False))


def drops_what_is_of_eu(rows, table):
    return rows.where("_kafka_topic NOT LIKE '%.eu'") if table == "orders" else rows


def keeps_no_row(rows, table):
    return rows.limit(0)


def keeps_ten_rows(rows, table):
    return rows.limit(10)


def doubles(rows, table):
    return rows.union(rows)


def reorders(rows, table):
    return rows.sortWithinPartitions(F.desc("_kafka_offset"))


def moves_offsets(rows, table):
    return rows.withColumn("_kafka_offset", F.col("_kafka_offset") + 1)


def renames(rows, table):
    return rows.withColumnRenamed("country", "land")


def retypes(rows, table):
    return rows.withColumn("country", F.lit(1))


def forgets_values(rows, table):
    return rows.withColumn("country", F.lit(None).cast("string"))


def moves_to_another_directory(rows, table):
    return rows.withColumn("_partition", F.lit("date=1999-12-31"))


def fails(rows, table):
    return rows.withColumn("double", F.col("nowhere") * 2)


def gives_nothing(rows, table):
    return None


def coalesces(rows, table):
    return rows.coalesce(1)


# --- Failures of workers -----------------------------------------------------------------------------------------

def claim(marker):
    """True for one caller among all processes."""
    try:
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def on_first_batch(action):
    """Runs `action` after the first batch of one task; $MARKER records that it ran."""
    marker = f"{os.environ['MARKER']}-{action.__name__}"

    def step(batches):
        for number, batch in enumerate(batches):
            yield batch
            if number == 0 and claim(marker):
                action()
    return step


def kill_worker():
    os.kill(os.getpid(), signal.SIGKILL)


def raise_error():
    raise OSError(28, "No space left on device")


def sleep_long():
    time.sleep(600)


def worker_dies_once(rows, table):
    return rows.mapInArrow(on_first_batch(kill_worker), rows.schema)


def task_fails_once(rows, table):
    return rows.mapInArrow(on_first_batch(raise_error), rows.schema)


def always_raises(rows, table):
    def step(batches):
        for _ in batches:
            raise_error()
            yield None
    return rows.mapInArrow(step, rows.schema)


def kill_executor():
    """The parent of a worker is the daemon that forks workers; its parent is the executor."""
    with open(f"/proc/{os.getppid()}/stat") as stat:
        os.kill(int(stat.read().rpartition(")")[2].split()[1]), signal.SIGKILL)
    time.sleep(600)


def cluster_failures(rows, table):
    """A task of one table hangs, and an executor of the other dies."""
    action = {"clicks": kill_executor, "orders": sleep_long}[table]
    return rows.mapInArrow(on_first_batch(action), rows.schema)


def notes(rows, table):
    """Gives a column that only earlier contracts had values again."""
    return rows.withColumn("note", F.concat(F.lit("of "), F.col("id")))


def numbers_notes(rows, table):
    """The same, of another type."""
    return rows.withColumn("note", F.col("_kafka_offset"))
