"""Keys of two gateways are revoked while these exchange: their exports are sound, to both verifiers."""

import json
import tempfile
import time
import unittest
from pathlib import Path

from export_fixture import BINARY, REQUEST
from gateway import Gateway
from verify_export import verify

PURPOSES = ("packet", "evidence", "checkpoint", "cosign", "content", "tls")


def in_use(gateway: Gateway, purpose: str) -> str:
    keys = gateway.run("keys", "list")["keys"]
    return next(key["id"] for key in keys if key["purpose"] == purpose and key["state"] == "in_use")


class Revoked(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="rogatory-revoked-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.xa, self.xb = (Gateway(BINARY, name, self.folder) for name in ("XA", "XB"))
        offers = self.xa.offer(), self.xb.offer()
        self.xa.pair("XB", offers[1], self.xb.fingerprint)
        self.xb.pair("XA", offers[0], self.xa.fingerprint)

    def send(self, sender: Gateway, *more: str) -> None:
        path = self.folder / "request.toml"
        path.write_text(REQUEST.replace('"XB"', '"XB"' if sender is self.xa else '"XA"'))
        sender.run("send", str(path), *more)

    def quiet(self, *gateways: Gateway) -> None:
        end = time.monotonic() + 60
        while any(peer["waiting"] for gateway in gateways for peer in gateway.run("pair", "list")["peers"]):
            self.assertLess(time.monotonic(), end, "something waits")
            time.sleep(0.1)

    def test_exports_of_ledgers_whose_keys_were_revoked(self):
        for purpose in PURPOSES:
            for gateway in (self.xa, self.xb):
                self.send(gateway)
                told = gateway.run("keys", "revoke", in_use(gateway, purpose), "--reason", "compromised")
                self.assertEqual((told["untold"], told["purpose"]), ([], purpose))
            self.send(self.xa, "--wait", "60")
            self.send(self.xb, "--wait", "60")
        # A packet that waits under a key that is revoked meanwhile.
        self.quiet(self.xa, self.xb)
        self.xb.stop()
        config = self.xb.data / "rogatory.toml"
        config.write_text(config.read_text().replace("127.0.0.1:0", self.xb.address))
        self.send(self.xa)
        told = self.xa.run("keys", "revoke", in_use(self.xa, "packet"), "--reason", "lost", fails=True)
        self.assertEqual((told["untold"], [one["settled"] for one in told["uses"]].count(False)), (["XB"], 1))
        self.xb.start()
        self.quiet(self.xa)
        reports = {}
        for gateway, name in ((self.xa, "XA"), (self.xb, "XB")):
            gateway.stop()
            out = self.folder / "export" / name
            gateway.run("ledger", "export", str(gateway.data), "--out", str(out), config=False)
            reports[name] = verify(out, gateway.fingerprint, {})
            told = gateway.run("ledger", "verify", str(out), config=False)
            self.assertEqual((told["size"], told["root"]), (reports[name]["size"], reports[name]["root"]))
            self.assertEqual(told["kinds"], reports[name]["kinds"])
            self.assertEqual(reports[name]["unknown_kinds"], {})
        self.assertGreaterEqual(reports["XA"]["kinds"]["resigned"], 1)
        self.assertEqual(reports["XB"]["kinds"].get("alarm", 0) + reports["XA"]["kinds"].get("alarm", 0), 0)
        compared = self.xa.run("ledger", "compare", str(self.xa.data), str(self.xb.data), config=False)
        self.assertTrue(compared["sound"], json.dumps(compared))


if __name__ == "__main__":
    unittest.main()
