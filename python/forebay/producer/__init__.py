"""`python -m forebay.producer`: the shop scenario, or your own JSON Lines, to Kafka through confluent-kafka.

It sends what `forebay produce` sends, record by record and byte by byte, and leaves the same receipt. What to make, how
to read the options and what to expect of each record is the core's business; this program makes the client, keeps the
pace, and waits.
"""

from forebay.producer.program import main

__all__ = ["main"]
