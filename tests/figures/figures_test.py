#!/usr/bin/python3
"""Holds the figures of `./run figures` to what was reached before. usage: figures_test.py PROGRAM EXAMPLES"""
import re
import subprocess
import sys

# The line's words, the figure, and the least that it may be. Tainan's two are what an averaged perceptron reached before.
LEAST = [
    ("classifier tainan class", "accuracy", 0.868),
    ("classifier tainan class", "accuracy_of_confident", 0.92),
    ("classifier tainan class+subclass", "accuracy", 0.813),
    ("classifier boston type, own titles", "accuracy", 0.88),
    ("classifier boston type, own titles", "accuracy_of_confident", 0.90),
    ("similar boston", "precision", 0.36),
    ("similar boston", "recall", 0.99),
    ("similar boston without stand-in coordinates", "precision", 0.50),
    ("similar boston without stand-in coordinates", "recall", 0.98),
]
# Above its baseline by so much, or it has learned nothing.
ABOVE_BASELINE = 0.3


def lines_of(program, examples):
    text = subprocess.run([program, examples], check=True, capture_output=True, text=True).stdout
    print(text, end="")
    found = {}
    for line in text.splitlines():
        words, values = re.fullmatch(r"figures (.*?) (\S+=.*)", line).groups()
        found[words] = {name: float(value) for name, value in (pair.split("=") for pair in values.split())}
    return found


def main():
    found = lines_of(sys.argv[1], sys.argv[2])
    wrong = [f"{words}: {name} is {found[words][name]}, not {least} or more" for words, name, least in LEAST if found[words][name] < least]
    for words, values in found.items():
        if "baseline" in values and values["accuracy"] < values["baseline"] + ABOVE_BASELINE:
            wrong.append(f"{words}: {values['accuracy']} is hardly better than always naming the most frequent class, {values['baseline']}")
    print("\n".join(wrong) or "every figure is as good as it was")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
