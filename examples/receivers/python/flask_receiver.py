"""The same in Flask.    MINTRO_WEBHOOK_SECRET=whsec_… flask --app flask_receiver run --port 4000"""

import os

from flask import Flask, request

from receiver import InvalidWebhook, take, verify

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
secret = os.environ["MINTRO_WEBHOOK_SECRET"]


@app.post("/webhooks")
def webhooks():
    try:
        event = verify(request.get_data(), request.headers, secret)  # the raw body, not request.json
    except InvalidWebhook as reason:
        return str(reason), 400
    take(event)  # where it throws, Flask answers 500, and Mintro sends the event again
    return "", 204
