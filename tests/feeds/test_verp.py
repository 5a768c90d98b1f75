from __future__ import annotations

import pytest

from store.feeds.verp import verp_recipient


@pytest.mark.parametrize(
    ("sender", "recipient"),
    [
        ("bounces+ann=shop.example@news.example", "ann@shop.example"),
        ("<bounces+ann+tag=shop.example@news.example>", "ann+tag@shop.example"),
        ("bounces+a=b=shop.example@news.example", "a=b@shop.example"),
        ("prvs=12ab34=bounces+ann=shop.example@news.example", "ann@shop.example"),
        ("SRS0=Ab1=XY=news.example=bounces+ann=shop.example@fwd.example", "ann@shop.example"),
        ("btv1==0a1==bounces+ann=shop.example@news.example", "ann@shop.example"),
        ("bounces@news.example", None),
        ("ann+tag@shop.example", None),
        ("user=x@shop.example", None),
        ("bounces+=shop.example@news.example", None),
        ("bounces+ann=@news.example", None),
        ("", None),
        ("no address", None),
    ],
)
def test_the_sender_names_the_recipient(sender: str, recipient: str | None) -> None:
    assert verp_recipient(sender) == recipient
