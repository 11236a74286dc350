"""The landing as a PySpark job that people write every day: from_json with an explicit schema, Spark's own file sink.

It refuses nothing (what is not as the schema says becomes null), and its files count for readers of Spark's
_spark_metadata only. It is here to be measured against, with the same topic and the same number of rows in the end.
"""
import argparse

from pyspark.sql import SparkSession, functions as F

CLICK = """event_id STRING, event_time TIMESTAMP, event_type STRING, user_id STRING, session_id STRING,
           product_id STRING, category STRING, search_query STRING, price DECIMAL(12,2), currency STRING, quantity INT,
           country STRING, device STRING, page STRING"""


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--brokers", "--topic", "--lake", "--checkpoint", "--jars", "--master", "--memory"):
        parser.add_argument(name, required=True)
    options = parser.parse_args()

    spark = (SparkSession.builder.master(options.master).appName("plain")
             .config("spark.jars", options.jars).config("spark.driver.memory", options.memory)
             .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
             .config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC")
             .config("spark.sql.parquet.compression.codec", "zstd")
             .getOrCreate())
    records = (spark.readStream.format("kafka")
               .option("kafka.bootstrap.servers", options.brokers)
               .option("subscribe", options.topic)
               .option("startingOffsets", "earliest")
               .load())
    clicks = (records
              .select(F.from_json(F.col("value").cast("string"), CLICK).alias("click"),
                      F.col("partition").alias("_kafka_partition"), F.col("offset").alias("_kafka_offset"),
                      F.col("timestamp").alias("_kafka_timestamp"))
              .select("click.*", "_kafka_partition", "_kafka_offset", "_kafka_timestamp")
              .withColumn("date", F.to_date("event_time")))
    query = (clicks.writeStream.format("parquet")
             .partitionBy("date")
             .option("path", options.lake)
             .option("checkpointLocation", options.checkpoint)
             .trigger(availableNow=True)
             .start())
    query.awaitTermination()
    spark.stop()


if __name__ == "__main__":
    main()
