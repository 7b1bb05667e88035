"""A simulator of Ollama: its API, without a model. What an answer costs is known, and its text says that it is simulated.

    POST /api/generate, /api/chat   an answer, as a stream of lines or with "stream": false as one object
    GET  /api/tags, /api/ps         the one model that it pretends to have; /api/ps once it is loaded
    POST /api/show                  the same; 404 for any other
    GET  /api/version, /            say that this is a simulator
    GET  /ready                     200 once the model is loaded; /healthz, /load and /metrics as the web server

Environment, as Ollama's: OLLAMA_NUM_PARALLEL, answers at a time (default 4); OLLAMA_MAX_QUEUE, requests that may wait for
one, others are refused with 503 (512). The simulation's: MODEL, its name (qwen2:1.5b); TOKENS_PER_SECOND of each answer (50)
and PROMPT_TOKENS_PER_SECOND before it (1000); MEAN_TOKENS of an answer (100), DISTRIBUTION of that length (constant,
exponential or lognormal); LOAD_SECONDS from the start until the model is there (0); DRAIN_SECONDS (5); PORT (11434).

A request has a length of its own with options.num_predict, the most tokens, and with options.simulated_seconds: the time in
its slot, exactly. Ollama takes no notice of the latter, so one trace goes to both.
"""

import os
import socket
import time

import work
from answers import CHUNK_SECONDS, SERVER, VERSION, Refused, Stream, compact, durations, field, listed, now, options_of
from answers import parse, part, prompt_of, shown
from counts import Counts
from generation import Busy, Model, Queue, pause, text
from request import response
from server import Server, fail, number, run

JSON = "application/json; charset=utf-8"
BUSY = "server busy, please try again.  maximum pending requests exceeded"


class Simulator(Server):
    def __init__(self, model, slots, most_waiting, name):
        super().__init__(None, slots, name)
        self.model = model
        self.slots = Queue(slots, most_waiting)
        self.metrics = Counts(self.slots, model.tokens_per_second)

    def respond(self, connection, asked):
        if asked.path in ("/healthz", "/metrics", "/load"):
            return super().respond(connection, asked)
        try:
            route = self.route(asked)
            if route in ("generate", "chat"):
                return self.generate(connection, asked, route == "chat")
            status, answer = 200, getattr(self, route)(asked)
        except Refused as error:
            status, answer = error.status, {"error": str(error)}
        return self.send(connection, asked, status, answer)

    def route(self, asked):
        method, name = routes.get(asked.path, (None, None))
        if name is None:
            raise Refused(404, "404 page not found")
        if asked.method != method and (asked.method, method) != ("HEAD", "GET"):
            raise Refused(405, "405 method not allowed")
        return name

    def send(self, connection, asked, status, answer):
        close = asked.close or self.draining
        is_text = isinstance(answer, str)
        kind = "text/plain; charset=utf-8" if is_text else JSON
        data = response(status, answer if is_text else compact(answer), close, SERVER, kind)
        if asked.method == "HEAD":
            data = data[: data.index(b"\r\n\r\n") + 4]
        connection.sendall(data)
        return close

    def generate(self, connection, request, chat):
        asked = parse(request.body)
        self.check_model(field(asked, "model", str, ""))
        prompt, options = prompt_of(asked, chat), options_of(asked)
        streamed = field(asked, "stream", bool, True)
        began = time.monotonic()
        if prompt == "":
            # How clients have a model loaded: no work, and no slot.
            pause(connection, self.model.loaded_at)
            return self.send(connection, request, 200, {**part(asked["model"], "", chat, True), "done_reason": "load"})
        self.metrics.arrived()
        plan = self.model.plan(prompt, options)
        stream = Stream(connection, request.close or self.draining) if streamed else None
        try:
            pause(connection, self.model.loaded_at)
            loaded = time.monotonic()
            self.slots.enter(connection)
            try:
                begun = time.monotonic()
                self.work(connection, asked["model"], plan, begun, stream, chat)
                ended = time.monotonic()
            finally:
                self.slots.leave()
        except Busy:
            self.metrics.answered(503)
            raise Refused(503, BUSY) from None
        except OSError:
            self.metrics.left()
            raise
        self.metrics.generated(plan.tokens)
        self.metrics.answered(200)
        last = part(asked["model"], "" if streamed else text(0, plan.tokens), chat, True)
        last.update(durations(plan, began, loaded, begun, ended))
        if not streamed:
            return self.send(connection, request, 200, last)
        stream.send(last)
        return stream.end()

    def work(self, connection, model, plan, begun, stream, chat):
        """The time in the slot, during which a stream has its tokens when they are due."""
        end = begun + plan.prompt_seconds + plan.seconds
        if stream is not None:
            each = plan.seconds / plan.tokens
            step = min(plan.tokens, max(1, round(CHUNK_SECONDS / each))) if each > 0 else plan.tokens
            for sent in range(0, plan.tokens, step):
                till = min(sent + step, plan.tokens)
                pause(connection, begun + plan.prompt_seconds + till * each)
                stream.send(part(model, text(sent, till), chat))
        pause(connection, end)

    def check_model(self, name):
        if name == "":
            raise Refused(400, "model is required")
        if not self.model.is_called(name):
            raise Refused(404, f"model '{name}' not found")

    def root(self, _):
        return "Ollama is simulated here"

    def ready(self, _):
        if not self.model.loaded():
            raise Refused(503, "the model is not loaded yet")
        return "ready\n"

    def version(self, _):
        return {"version": VERSION}

    def tags(self, _):
        return {"models": [{**listed(self.model.name), "modified_at": now()}]}

    def loaded(self, _):
        return {"models": [{**listed(self.model.name), "size_vram": 0}] if self.model.loaded() else []}

    def show(self, request):
        asked = parse(request.body)
        # Older clients call it by its name.
        self.check_model(field(asked, "model", str, "") or field(asked, "name", str, ""))
        return shown(self.model.name)


routes = {
    "/": ("GET", "root"),
    "/ready": ("GET", "ready"),
    "/api/version": ("GET", "version"),
    "/api/tags": ("GET", "tags"),
    "/api/ps": ("GET", "loaded"),
    "/api/show": ("POST", "show"),
    "/api/generate": ("POST", "generate"),
    "/api/chat": ("POST", "chat"),
}


def main():
    distribution = os.environ.get("DISTRIBUTION", "constant")
    if distribution not in work.distributions:
        fail("DISTRIBUTION", distribution, ", ".join(work.distributions))
    name = os.environ.get("MODEL", "qwen2:1.5b")
    if name == "":
        fail("MODEL", name, "the name of a model, such as qwen2:1.5b")
    model = Model(
        name,
        number("TOKENS_PER_SECOND", "50", 0.1, 100000),
        number("PROMPT_TOKENS_PER_SECOND", "1000", 1, 1000000),
        number("MEAN_TOKENS", "100", 1, 100000),
        distribution,
        number("LOAD_SECONDS", "0", 0, 3600),
    )
    slots = number("OLLAMA_NUM_PARALLEL", "4", 1, 1000, whole=True)
    most_waiting = number("OLLAMA_MAX_QUEUE", "512", 0, 10000, whole=True)
    run(Simulator(model, slots, most_waiting, socket.gethostname()), "11434")


if __name__ == "__main__":
    main()
