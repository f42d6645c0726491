#!/usr/bin/python3
"""Installs everything into a temporary directory, looks whether the daemon's files are in their places, and has systemd check the units.

The units name the real prefix; in the copy that is checked every path of it is moved into the temporary directory, so that
the programs they start are there. usage: units.py CMAKE BUILD PREFIX UNIT_DIR; exit 1 with what is wrong.
"""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

UNITS = ["reeved.service", "reeved.socket", "reeve-worker@.service"]
# Relative to the prefix.
PLACES = ["sbin/reeved", "libexec/reeve/reeve-triage", "libexec/reeve/reeve-assign", "libexec/reeve/reeve-escalate",
          "lib/sysusers.d/reeve.conf", "lib/tmpfiles.d/reeve.conf", "share/reeve/reeved.yaml", "share/reeve/examples/boston/policy.yaml",
          "share/man/man8/reeved.8"]


def install(cmake, build, root):
    environment = dict(os.environ, DESTDIR=root)
    result = subprocess.run([cmake, "--install", build], env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"cmake --install failed: {result.stdout[-2000:]}{result.stderr[-2000:]}")


def under(root, path):
    return os.path.join(root, path.lstrip("/"))


def move_units(root, prefix, unit_dir):
    """Copies of the units whose programs are those in root; a template gets an instance."""
    folder = os.path.join(root, "units")
    os.mkdir(folder)
    paths = []
    for unit in UNITS:
        source = under(root, os.path.join(prefix, unit_dir, unit))
        with open(source, encoding="utf-8") as file:
            text = file.read().replace(f"={prefix}/", f"={under(root, prefix)}/")
        paths.append(os.path.join(folder, unit.replace("@.", "@triage.")))
        with open(paths[-1], "w", encoding="utf-8") as file:
            file.write(text)
    return paths


def check(cmake, build, prefix, unit_dir):
    root = tempfile.mkdtemp(prefix="reeve-units-")
    try:
        install(cmake, build, root)
        for place in PLACES:
            if not os.path.exists(under(root, os.path.join(prefix, place))):
                yield f"not installed: {prefix}/{place}"
        # Manual pages are looked up on the machine, where they are not installed yet: another test reads them.
        verify = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *move_units(root, prefix, unit_dir)]
        result = subprocess.run(verify, capture_output=True, text=True, check=False)
        yield from (line for line in result.stderr.splitlines() if "reeve" in line)
        if result.returncode:
            yield f"systemd-analyze verify ended with {result.returncode}: {result.stderr}"
        daemon = under(root, os.path.join(prefix, "sbin/reeved"))
        example = under(root, os.path.join(prefix, "share/reeve/reeved.yaml"))
        result = subprocess.run([daemon, "--check-config", example], capture_output=True, text=True, check=False)
        if result.returncode:
            yield f"the installed example configuration is refused: {result.stderr}"
        for kind, tool in (("sysusers", "systemd-sysusers"), ("tmpfiles", "systemd-tmpfiles")):
            if kind == "sysusers" and shutil.which(tool):
                conf = glob.glob(under(root, f"{prefix}/lib/{kind}.d/reeve.conf"))
                result = subprocess.run([tool, "--dry-run", *conf], capture_output=True, text=True, check=False)
                if result.returncode:
                    yield f"{tool}: {result.stderr}"
    finally:
        shutil.rmtree(root)


def main():
    wrong = list(check(*sys.argv[1:5]))
    print("\n".join(wrong) if wrong else "units: everything in its place, systemd-analyze verify is clean")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
