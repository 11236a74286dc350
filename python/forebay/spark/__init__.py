"""The Spark engine: Structured Streaming reads, decodes and stages; the driver commits and publishes.

    read (Kafka source) -> decode -> transform -> stage -> driver: collect the manifests, commit, publish

See `python -m forebay.spark --help` and docs/spark.md. The modules:

    command       the command line                     job       plan, run, restart, stop
    options       the settings of one run              stream    one table's streaming query and its batches
    kafka_config  librdkafka's settings, for Java      steps     decode and stage, run by Spark's workers
    session       Java, the connector, the session     shape     the columns between the steps
    transform     the user's step                      offsets   ranges of offsets, in and out of Spark
    progress      log lines and the status file        failures  one sentence from a stack trace
"""
