"""What the machines of ./run read their options with: a mistake is one line that says what is wrong and what is allowed, exit status 2."""
import argparse
import math


class Parser(argparse.ArgumentParser):
    """One line instead of the usage; options have to be written out."""

    def __init__(self, name, **more):
        super().__init__(prog=name, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **more)

    def error(self, message):
        options = " ".join(action.option_strings[-1] for action in self._actions if action.option_strings)
        self.exit(2, f"{self.prog}: {message}; it takes: {options}\n")

    def names(self, what, allowed):
        """Words that may be left out, each of them one of `allowed`."""
        def one_of(text):
            if text not in allowed:
                raise argparse.ArgumentTypeError(f"nothing is called {text}: {' '.join(allowed)}")
            return text
        self.add_argument("names", nargs="*", type=one_of, metavar=what, help=", ".join(allowed))


def whole(least, most=10 ** 9):
    """The type of a whole number in this range."""
    def read(text):
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text} is no whole number from {least} to {most}")
        return number
    return read


def above_zero(text):
    """The type of a number that need not be whole."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not math.isfinite(number) or number <= 0:
        raise argparse.ArgumentTypeError(f"{text} is no number above 0")
    return number


def from_zero(text):
    """The same, where 0 means none."""
    return 0.0 if text == "0" else above_zero(text)
