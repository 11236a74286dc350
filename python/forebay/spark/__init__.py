"""The Spark engine: Structured Streaming reads, decodes and stages; the driver decides and publishes.

    read (Kafka source) -> decode -> select -> stage -> driver: collect what was staged, decide, publish

`python -m forebay.spark --help` says how to run it, docs/spark.md everything else. The modules:

    options       what the command line says           job       plan, run, restart, stop
    kafka_config  librdkafka's settings, for Java      stream    one table's streaming query and its batches
    session       Java, the connector, the session     steps     decode and stage, run by Spark's workers
    transform     the user's own step                  shape     the columns that travel between the steps
    progress      log lines and the status file        offsets   ranges of offsets, in and out of Spark
    failures      one sentence out of a stack trace
"""
