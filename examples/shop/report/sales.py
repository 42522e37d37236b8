"""The weekly sales report, from the exported orders."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from typing import Iterable


@dataclass(frozen=True)
class Sale:
    sku: str
    quantity: int
    cents: int


def read_sales(lines: Iterable[str]) -> list[Sale]:
    """Reads `sku,quantity,cents` rows below a header."""
    return [
        Sale(row["sku"], int(row["quantity"]), int(row["cents"]))
        for row in csv.DictReader(lines)
    ]


def revenue_by_article(sales: Iterable[Sale]) -> dict[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for sale in sales:
        totals[sale.sku] += sale.quantity * sale.cents
    return dict(totals)


def best_sellers(sales: Iterable[Sale], count: int = 3) -> list[str]:
    """The articles with the most revenue, best first; ties by name."""
    totals = revenue_by_article(sales)
    return sorted(totals, key=lambda sku: (-totals[sku], sku))[:count]
