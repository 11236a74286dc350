"""The assets that the DAGs give out. Their events carry what they are about: never "the latest"."""

from airflow.sdk import Asset, AssetAlias

# extra: lake_id, since, last_batch, rows by table, quarantined
VERIFIED_BATCHES = Asset(name="forebay_verified_batches", uri="forebay://lake/verified-batches")
# extra: a forebay.airflow.dates.DateEvent
COMPLETE_DATES = Asset(name="forebay_complete_dates", uri="forebay://lake/complete-dates")
# Several events of one asset that one task gives out at once: a DAG that is scheduled on the asset sees all of them.
DATES_TO_TELL = AssetAlias("forebay_dates_to_tell")
