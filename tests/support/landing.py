"""One lake, one contract, one broker: the commands that tests run over and over."""
from support import readers, receipts


class Landing:
    def __init__(self, forebay, broker, contract, directory):
        self.forebay = forebay
        self.contract = contract
        self.lake = directory / "lake"
        self.receipts = directory / "receipts"
        self.receipts.mkdir()
        self.brokers = ("--brokers", broker.address)
        self.common = ("--contract", contract, *self.brokers)
        forebay("topics", "apply", *self.common)

    def new_receipt(self):
        return self.receipts / f"{len(list(self.receipts.iterdir())) + 1}.json"

    def produce_arguments(self, *arguments):
        return ("produce", *self.common, "--receipt", self.new_receipt(), *arguments)

    def produce(self, *arguments):
        return self.forebay(*self.produce_arguments(*arguments))

    def land_arguments(self, *arguments):
        return ("land", *self.common, "--lake", self.lake, *arguments)

    def land(self, *arguments, **options):
        return self.forebay(*self.land_arguments("--once", "--json", *arguments), **options)

    def follow(self, *arguments):
        return self.forebay.start(*self.land_arguments("--follow", *arguments))

    def receipt_flags(self):
        return [word for path in sorted(self.receipts.glob("*.json")) for word in ("--receipt", path)]

    def verify(self, *arguments, status=0):
        return self.forebay("verify", "--lake", self.lake, *self.brokers, *self.receipt_flags(), "--json", *arguments,
                            status=status)

    def expected(self):
        return receipts.add_up(*self.receipts.glob("*.json"))

    def assert_readers_agree(self):
        """DuckDB and Polars read exactly the rows of the receipts, each in its directory."""
        for table, expected in self.expected().items():
            rows = +expected.rows
            assert readers.duckdb_rows(self.lake, table) == rows
            assert readers.polars_rows(self.lake, table) == rows
            topic = self.contract.topic(table)
            assert readers.quarantined(self.lake, topic) == +expected.quarantined
            assert readers.positions_that_occur_twice(self.lake, topic, table) == 0
            assert rows.total() + expected.quarantined.total() == expected.acknowledged
