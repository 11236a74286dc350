"""`python -m forebay.producer`: produces the shop scenario, or your own JSON, through confluent-kafka.

It sends the same bytes as `forebay produce` and writes the same receipt. The core generates records, parses options and
accounts for deliveries; this package runs the Kafka client.
"""

from forebay.producer.program import main

__all__ = ["main"]
