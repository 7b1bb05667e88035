"""As much of a client of the Kubernetes API as an exporter in a pod needs, on the standard library."""

import http.client
import json
import os
import ssl

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


class ApiError(Exception):
    """The API server answered, and said no."""


class Kube:
    """The API server, as the pod's environment and account describe it; or at `url`, without TLS, for tests."""

    def __init__(self, url=os.environ.get("KUBERNETES_URL")):
        self.url = url
        self.connection = None

    def get(self, path):
        return self.request("GET", path)

    def merge(self, path, patch):
        return self.request("PATCH", path, json.dumps(patch), "application/merge-patch+json")

    def request(self, method, path, body=None, kind="application/json"):
        try:
            if self.connection is None:
                self.connection = self.connect()
            headers = {"Accept": "application/json", "Content-Type": kind, **self.authorization()}
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if answer.status >= 300:
            raise ApiError(f"{method} {path}: {answer.status} {text[:300].decode(errors='replace')}")
        return json.loads(text)

    def connect(self):
        if self.url:
            return http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=5)
        context = ssl.create_default_context(cafile=f"{ACCOUNT}/ca.crt")
        host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ.get("KUBERNETES_SERVICE_PORT", "443")
        return http.client.HTTPSConnection(host, int(port), context=context, timeout=5)

    def authorization(self):
        if self.url:
            return {}
        # Read each time: the kubelet replaces the token long before it ends.
        with open(f"{ACCOUNT}/token", encoding="ascii") as file:
            return {"Authorization": f"Bearer {file.read().strip()}"}

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None
