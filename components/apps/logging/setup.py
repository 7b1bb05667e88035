"""Prepares Elasticsearch for logs, then tells the collectors whom to trust.

First it puts the documents of REQUESTS_FILE, a JSON list of {"path", "body"}, into Elasticsearch: the lifecycle
policy and the template that the first log makes use of. Then it writes the certificate authority of Elasticsearch
into a ConfigMap of the collectors' namespace; they start when it is there. Both may be done any number of times.

Environment: ELASTICSEARCH_URL, CA_FILE, PASSWORD_FILE (of the user elastic), REQUESTS_FILE;
KUBERNETES_URL, KUBERNETES_CA_FILE, TOKEN_FILE; TRUST_NAMESPACE and TRUST_NAME of the ConfigMap;
DEADLINE_SECONDS, how long Elasticsearch may take to start (default 900); PAUSE_SECONDS between attempts (default 5).

Exits with 0 when all is done, 1 when the deadline has passed, 2 when a document was refused.
"""

import base64
import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request

# What trying again does not change: the request itself is wrong.
REFUSED = (400, 404, 405, 422)


class Refused(Exception):
    pass


def send(method, url, body, headers, ca_file):
    """Sends a request; the answer of a server that takes it is of no interest."""
    # Plain http is for tests only: the addresses are the component's, both https.
    context = trusting(ca_file) if url.startswith("https:") else None
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30, context=context) as response:
            response.read()
    except urllib.error.HTTPError as error:
        reason = error.read(2000).decode(errors="replace")
        if error.code in REFUSED:
            raise Refused(f"{method} {url} was refused with {error.code}: {reason}") from None
        raise OSError(f"{error.code} {reason}") from None


def trusting(ca_file):
    context = ssl.create_default_context(cafile=ca_file)
    # Not strict in the form of certificates, as Python is since 3.13 and nobody else: those of many clusters lack an
    # extension that RFC 5280 wants. Whom to trust is checked as ever.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def put_document(path, body):
    credentials = f"elastic:{content(os.environ['PASSWORD_FILE'])}"
    headers = {
        "Authorization": "Basic " + base64.b64encode(credentials.encode()).decode(),
        "Content-Type": "application/json",
    }
    send("PUT", f"{os.environ['ELASTICSEARCH_URL']}/{path}", body, headers, os.environ["CA_FILE"])


def publish_authority(namespace, name):
    """Server-side apply: makes the ConfigMap or brings it up to date, in one request."""
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": {"ca.crt": content(os.environ["CA_FILE"])},
    }
    headers = {
        "Authorization": "Bearer " + content(os.environ["TOKEN_FILE"]),
        "Content-Type": "application/apply-patch+yaml",  # JSON is YAML.
    }
    path = f"api/v1/namespaces/{namespace}/configmaps/{name}?fieldManager=logging-setup&force=true"
    send("PATCH", f"{os.environ['KUBERNETES_URL']}/{path}", body, headers, os.environ["KUBERNETES_CA_FILE"])


def content(path):
    """Of a file, read anew each time: Secrets may be there later, and tokens change."""
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def until_done(what, action, deadline, pause):
    while True:
        try:
            action()
            log(f"done: {what}")
            return
        except OSError as error:
            if time.monotonic() >= deadline:
                log(f"gave up: {what}: {error}")
                sys.exit(1)
            log(f"not yet, next attempt in {pause:g} s: {what}: {error}")
            time.sleep(pause)


def log(text):
    print(text, flush=True)


def main():
    deadline = time.monotonic() + float(os.environ.get("DEADLINE_SECONDS", "900"))
    pause = float(os.environ.get("PAUSE_SECONDS", "5"))
    namespace, name = os.environ["TRUST_NAMESPACE"], os.environ["TRUST_NAME"]
    try:
        for request in json.loads(content(os.environ["REQUESTS_FILE"])):
            path, body = request["path"], request["body"]
            until_done(f"PUT {path}", lambda: put_document(path, body), deadline, pause)
        what = f"ConfigMap {namespace}/{name}"
        until_done(what, lambda: publish_authority(namespace, name), deadline, pause)
    except Refused as refused:
        log(str(refused))
        sys.exit(2)


if __name__ == "__main__":
    main()
