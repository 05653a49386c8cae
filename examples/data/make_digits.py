"""Writes digits.csv: the 1797 images of handwritten digits that scikit-learn ships.

Run with scikit-learn installed:  python examples/data/make_digits.py
"""

import csv
import pathlib

from sklearn.datasets import load_digits

digits = load_digits()
with pathlib.Path(__file__).with_name("digits.csv").open("w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["digit"] + [f"pixel_{index}" for index in range(64)])
    for image, digit in zip(digits.data, digits.target):
        writer.writerow([digit] + [int(value) for value in image])
