"""What the soak's programs share: a log of whole lines that outlives a kill, and SIGTERM as a wish to end."""
import os
import signal
import sys

TREE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, os.path.join(TREE, "clients", "python"))


class Log:
    """Appends lines, each with one write. What follows the last whole line, after a kill in the middle of one, is cut off at opening."""

    def __init__(self, path):
        self.path = path
        self.before = read_lines(path, cut=True)
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def add(self, *lines):
        content = "".join(line + "\n" for line in lines).encode()
        if os.write(self.fd, content) != len(content):
            raise OSError(f"{self.path}: written in part")


def read_lines(path, cut=False):
    """The whole lines of a file; with cut the file ends behind them."""
    try:
        with open(path, "rb+" if cut else "rb") as file:
            content = file.read()
            whole = content[:content.rfind(b"\n") + 1]
            if cut and len(whole) < len(content):
                file.truncate(len(whole))
    except FileNotFoundError:
        return []
    return whole.decode().splitlines()


class Tail:
    """The lines that came to a log since the last look."""

    def __init__(self, path):
        self.path, self.at = path, 0

    def lines(self):
        try:
            with open(self.path, "rb") as file:
                file.seek(self.at)
                content = file.read()
        except FileNotFoundError:
            return []
        whole = content[:content.rfind(b"\n") + 1]
        self.at += len(whole)
        return whole.decode().splitlines()


class Wish:
    """SIGTERM was sent."""

    def __init__(self):
        self.stop = False
        signal.signal(signal.SIGTERM, self.note)

    def note(self, *_):
        self.stop = True
