import pytest
import torch

from nital.core.errors import InputError
from nital.learn.training import checked_device, devices


@pytest.fixture
def two_cards(monkeypatch):
    monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda check_available: torch.device("cuda"))
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 2)


def test_the_cpu_is_always_there_and_first():
    assert devices()[0] == "cpu"
    assert checked_device("cpu") == torch.device("cpu")


def test_each_card_is_named_and_the_kind_alone_means_one_of_them(two_cards):
    assert devices() == ["cpu", "cuda:0", "cuda:1"]
    assert checked_device("cuda:1") == torch.device("cuda", 1)
    assert checked_device("cuda").type == "cuda"


@pytest.mark.parametrize("name", ["cuda:2", "cuda:", "meta", "gpu", "", "cpu:0"])
def test_a_device_that_is_not_there_is_refused_with_those_that_are(two_cards, name):
    with pytest.raises(InputError, match=f"no device '{name}'. Choose one of: cpu, cuda:0, cuda:1"):
        checked_device(name)
