import os

import pytest

from support.checkout import Checkout


@pytest.fixture
def checkout(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can lay a file system over the checkout")
    made = Checkout(tmp_path)
    yield made
    made.close()
