"""A receiver of Mintro's webhooks, with nothing but Python's standard library.

    MINTRO_WEBHOOK_SECRET=whsec_… python3 receiver.py    listens on http://localhost:4000/webhooks

verify() and take() are all that a framework needs too: see flask_receiver.py.
"""

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DATABASE = os.environ.get("EVENTS_DATABASE", "events.db")
TOLERANCE_SECONDS = 5 * 60
BODY_BYTES_MAX = 100_000


class InvalidWebhook(Exception):
    """Answer it with 400, and do nothing else."""


def verify(body, headers, secret):
    """The event in `body`, the bytes as they came. `headers.get` must not care about upper and lower case."""
    webhook_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "")
    try:
        age = time.time() - int(timestamp)
    except ValueError:
        raise InvalidWebhook("webhook-timestamp is missing or no number") from None
    if abs(age) > TOLERANCE_SECONDS:
        raise InvalidWebhook("webhook-timestamp is more than five minutes off")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(digest)
    # While a secret is rotated there are several signatures, and one match is enough.
    given = signatures.encode("latin-1", "replace").split(b" ")
    if not any([hmac.compare_digest(each, expected) for each in given]):
        raise InvalidWebhook("no signature matches")
    return json.loads(body)


def take(event):
    """Remembers the event and does its work in one transaction: both or neither, and once."""
    with closing(sqlite3.connect(DATABASE)) as db, db:
        db.execute("create table if not exists events (id text primary key, body text not null)")
        row = (event["id"], json.dumps(event))
        if db.execute("insert or ignore into events values (?, ?)", row).rowcount == 1:
            work(db, event)


def work(db, event):
    """Yours: mark the order as paid, in the same database. What takes long, such as mail, goes into a queue."""
    if event["event"] == "payment.succeeded":
        print("paid:", event["intent_id"], event["id"], flush=True)
    else:
        print(event["event"], event["id"], flush=True)


class Receiver(BaseHTTPRequestHandler):
    timeout = 10

    def do_POST(self):
        if self.path != "/webhooks":
            return self.answer(404)
        length = int(self.headers.get("content-length", 0))
        if length > BODY_BYTES_MAX:
            return self.answer(413)
        body = self.rfile.read(length)
        try:
            event = verify(body, self.headers, os.environ["MINTRO_WEBHOOK_SECRET"])
        except InvalidWebhook as reason:
            return self.answer(400, str(reason))
        try:
            take(event)
        except sqlite3.Error as error:
            print("not kept:", error, flush=True)
            return self.answer(500)  # Mintro sends it again
        self.answer(204)

    def answer(self, status, text=""):
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    os.environ["MINTRO_WEBHOOK_SECRET"]  # fails at once where it is missing
    port = int(os.environ.get("PORT", 4000))
    print(f"Waiting at http://localhost:{port}/webhooks", flush=True)
    ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
