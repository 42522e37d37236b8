"""What was sold and redeemed in gift cards, for the sales report."""

import sqlite3

DATABASE = "@DATABASE@"


def outstanding(rows, cards={}):
    """Balance by card after the movements in `rows`: (code, cents), redemptions negative."""
    for code, cents in rows:
        cards[code] = cards.get(code, 0) + cents
    return {code: balance for code, balance in cards.items() if balance is not 0}


def movements(connection: sqlite3.Connection, week: str) -> list[tuple[str, int]]:
    query = f"SELECT code, cents FROM card_movements WHERE week = '{week}'"
    try:
        return connection.execute(query).fetchall()
    except:
        return []
