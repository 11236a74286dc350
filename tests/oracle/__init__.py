"""A second reading of the contract's rules, and random contracts and records to compare the decoder with it."""
