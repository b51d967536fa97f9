#!/usr/bin/env python3
"""Checks exported records without the engine: the chain of hashes and both control sums.

    cargo till -- --receipts FILE.csv.gz --export RECORDS.jsonl
    python3 examples/till/control_sums.py RECORDS.jsonl

Needs nothing but Python 3.8. Everything is counted in whole smallest units; a JSON number with a
fraction is refused. Lots, holds and debts are added up here anew from the facts of the records, and
read at the instant of the last one; nothing is taken from the balances that the records answered.

Exit code: 0 if everything agrees, 1 if something does not, 2 if the file cannot be read.
"""

import hashlib
import json
import sys
from collections import defaultdict
from datetime import datetime

NO_HASH = "0" * 64
HEAD = '{"hash":"'
MIDDLE = '","record":'


class Mismatch(Exception):
    """Something in the file contradicts something else in it."""


def refuse_float(text):
    raise Mismatch(f"a record holds {text}, which is no whole number")


def units(amount):
    """The smallest units of an amount, which has all its decimals: 12.50 is 1250."""
    return int(amount.replace(".", ""))


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class Account:
    """One card in one kind of points: what is in its lots, what is held, what is owed."""

    def __init__(self):
        self.lots = {}
        self.holds = {}
        self.debt = 0
        self.posted = 0

    def move(self, lot, amount):
        left = self.lots[lot["id"]][0] if lot["id"] in self.lots else 0
        self.lots[lot["id"]] = (left + amount, lot.get("opens_at"), lot.get("expires_at"))
        if left + amount < 0:
            raise Mismatch(f"the lot {lot['id']} is below zero")

    def read(self, at):
        held_of = defaultdict(int)
        for parts, until in self.holds.values():
            if instant(until) > at:
                for part in parts:
                    held_of[part["lot"]] += units(part["amount"])
        reading = dict.fromkeys(("held", "expired", "pending", "spendable"), 0)
        for lot, (left, opens, expires) in self.lots.items():
            held = min(held_of[lot], left)
            reading["held"] += held
            if expires and instant(expires) <= at:
                reading["expired"] += left - held
            elif opens and instant(opens) > at:
                reading["pending"] += left - held
            else:
                reading["spendable"] += left - held
        # What can be spent pays a debt first.
        paid = min(self.debt, reading["spendable"])
        reading["spendable"] -= paid
        reading["debt"] = self.debt - paid
        return reading


class Book:
    """What the records add up to."""

    def __init__(self):
        self.records = 0
        self.head = NO_HASH
        self.last_at = None
        self.keys = set()
        self.accounts = defaultdict(Account)
        self.flows = defaultdict(lambda: defaultdict(int))
        self.reserved = {}
        self.money = defaultdict(int)

    def add_line(self, line):
        """Checks the link of one line to the one before, and adds its record."""
        line = line.rstrip("\n")
        hash_, record_text = line[len(HEAD) : len(HEAD) + 64], line[len(HEAD) + 64 + len(MIDDLE) : -1]
        if line != HEAD + hash_ + MIDDLE + record_text + "}":
            raise Mismatch("the line is not a hash and a record")
        if hashlib.sha256(record_text.encode()).hexdigest() != hash_:
            raise Mismatch(f"the record does not have the hash {hash_}")
        record = json.loads(record_text, parse_float=refuse_float, parse_constant=refuse_float)
        envelope = record["envelope"]
        if envelope["previous"] != self.head:
            raise Mismatch("the record does not name the one before it")
        if envelope["sequence"] != self.records + 1:
            raise Mismatch("the numbers of the records have a gap")
        if envelope["key"] in self.keys:
            raise Mismatch(f"the key {envelope['key']} was used twice")
        self.keys.add(envelope["key"])
        self.records += 1
        self.head = hash_
        self.last_at = envelope["logical_at"]
        for effect in record["effects"]:
            for kind, fact in effect.items():
                getattr(self, kind, self.pass_over)(fact)

    def pass_over(self, fact):
        """Facts that move neither points nor money."""

    def account(self, fact):
        return self.accounts[fact["card"], fact["points"]]

    def lot_opened(self, fact):
        self.account(fact).move(fact["lot"], units(fact["amount"]))

    lot_moved = lot_opened

    def debt_moved(self, fact):
        self.account(fact).debt += units(fact["amount"])

    def hold_placed(self, fact):
        self.account(fact).holds[fact["sale"]] = (fact["parts"], fact["until"])

    def hold_ended(self, fact):
        self.account(fact).holds.pop(fact["sale"], None)

    def posted(self, fact):
        flow, total = self.flows[fact["points"]], 0
        for posting in fact["postings"]:
            amount, account = units(posting["amount"]), posting["account"]
            total += amount
            if account.startswith("card:"):
                self.accounts[account[len("card:") :], fact["points"]].posted += amount
            elif account == "issued":
                flow["issued"] -= amount
            elif account == "spent" and amount < 0:
                flow["restored"] -= amount
            else:
                flow[account] += amount
        if total != 0:
            raise Mismatch("a posting does not add up to zero")

    def sale_opened(self, fact):
        self.reserved[fact["sale"]] = fact["quote"]

    def sale_confirmed(self, fact):
        opened = self.reserved.pop(fact["sale"])
        quote = fact.get("quote", opened)
        for line in quote["lines"]:
            self.money["lines"] += units(line["amount"])
            for discount in line["discounts"]:
                self.money[discount["stage"]] += units(discount["amount"])
        self.money["discounts"] += units(quote["totals"]["discount"])
        self.money["due"] += units(quote["totals"]["due"])

    def sale_cancelled(self, fact):
        self.reserved.pop(fact["sale"])

    def refund_made(self, fact):
        self.money["refunded"] += sum(units(line["money"]) for line in fact["lines"])

    def readings(self):
        """For each kind of points the sums over all cards at the last instant."""
        at = instant(self.last_at)
        sums = defaultdict(lambda: defaultdict(int))
        for (_, points), account in self.accounts.items():
            reading = account.read(at)
            reading["posted"] = account.posted
            reading["lots_less_debt"] = sum(lot[0] for lot in account.lots.values()) - account.debt
            for name, amount in reading.items():
                sums[points][name] += amount
        return sums


def report(book):
    """Prints the figures; tells whether they agree."""
    print(f"records {book.records}")
    print(f"head {book.head}")
    agree = True

    def check(what, *sides):
        nonlocal agree
        same = len(set(sides)) == 1
        agree = agree and same
        print(f"{what}: {' = '.join(map(str, sides))} {'agrees' if same else 'DOES NOT AGREE'}")

    for points, reading in sorted(book.readings().items()):
        flow = book.flows[points]
        for name in ("issued", "restored", "spent", "clawed_back", "expired"):
            print(f"{points} {name} {flow[name]}")
        for name in ("expired", "debt", "held", "spendable", "pending"):
            print(f"{points} read: {name} {reading[name]}")
        came = flow["issued"] + flow["restored"] + reading["debt"]
        gone = flow["spent"] + flow["clawed_back"] + flow["expired"] + reading["expired"]
        left = reading["held"] + reading["spendable"] + reading["pending"]
        check(f"{points} came = went", came, gone + left)
        check(f"{points} postings = lots less debts", reading["posted"], reading["lots_less_debt"])
    money = book.money
    for name in ("lines", "host", "card", "points", "due", "refunded"):
        print(f"money {name} {money[name]}")
    of_lines = money["host"] + money["card"] + money["points"]
    check("discounts of lines = discounts of receipts", of_lines, money["discounts"])
    check("lines less discounts = due", money["lines"] - money["discounts"], money["due"])
    return agree


def main(arguments):
    if len(arguments) != 2:
        print("usage: control_sums.py RECORDS.jsonl", file=sys.stderr)
        return 2
    book = Book()
    try:
        # Only "\n" ends a line: a record may hold other characters that end one.
        with open(arguments[1], encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    book.add_line(line)
                except (Mismatch, ValueError, KeyError) as error:
                    print(f"line {number}: {error}", file=sys.stderr)
                    return 1
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    if book.records == 0:
        print("the file holds no records", file=sys.stderr)
        return 2
    return 0 if report(book) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
