"""A running gateway: the binary under test."""

import atexit
import json
import signal
import subprocess
import sys
from pathlib import Path

# Ended from outside, the tests end what they started.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


class Gateway:
    """Founded in a folder, served in a process of its own, stopped by its process id."""

    def __init__(self, binary: str, authority: str, folder: Path, listen: str = "127.0.0.1:0", suites: str = "1"):
        self.binary, self.folder, self.data, self.process = binary, folder, folder / authority.lower(), None
        named = ("--authority", authority, "--dir", str(self.data), "--listen", listen, "--suites", suites)
        made = self.run("init", *named, config=False)
        self.fingerprint = bytes.fromhex(made["fingerprint"])
        atexit.register(self.stop)
        self.start()

    def start(self) -> None:
        with open(self.data / "gateway.log", "ab") as log:
            command = [self.binary, "serve", "--json", "--config", str(self.data / "rogatory.toml")]
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError((self.data / "gateway.log").read_text())
        self.address = json.loads(line)["listening"]

    def run(self, *arguments: str, config: bool = True, fails: bool = False):
        """Runs a command; gives what it printed as JSON."""
        code, said, errors = self.outcome(*arguments, config=config)
        if (code != 0) != fails:
            raise RuntimeError(f"{' '.join(arguments)}: {said}{errors}")
        return said

    def outcome(self, *arguments: str, config: bool = True) -> tuple:
        """The exit code of a command, what it printed as JSON, and its errors."""
        command = [self.binary, *arguments, "--json"]
        if config:
            command += ["--config", str(self.data / "rogatory.toml")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        return done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr

    def offer(self) -> str:
        return self.run("pair", "offer")["offer"]

    def pair(self, name: str, offer: str, fingerprint: bytes) -> None:
        path = self.folder / f"{name}.offer"
        path.write_text(offer)
        self.run("pair", "confirm", str(path), "--fingerprint", fingerprint.hex())

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process and self.process.stdout:
            self.process.stdout.close()

    def verify(self) -> dict:
        return self.run("ledger", "verify", str(self.data), config=False)
