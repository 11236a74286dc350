"""The assets of the DAGs. An event identifies its batches or date; consumers never use "the latest"."""

from airflow.sdk import Asset, AssetAlias

# extra: lake_id, since, last_batch, rows by table, quarantined
VERIFIED_BATCHES = Asset(name="forebay_verified_batches", uri="forebay://lake/verified-batches")
# extra: a forebay.airflow.dates.DateEvent
COMPLETE_DATES = Asset(name="forebay_complete_dates", uri="forebay://lake/complete-dates")
# Lets one task emit several events of COMPLETE_DATES, each of which a DAG scheduled on that asset can read.
DATE_EVENTS = AssetAlias("forebay_date_events")
