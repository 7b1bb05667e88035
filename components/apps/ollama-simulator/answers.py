"""What Ollama's API answers, as JSON: one object, or one for each line of a stream. Durations in nanoseconds."""

import hashlib
import json
import time

VERSION = "0.0.0-simulator"
SERVER = "Server: ollama-simulator\r\n"
# Of a stream: chunks come no faster than that, and have more tokens instead.
CHUNK_SECONDS = 0.02


class Refused(Exception):
    """No answer but an error."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def parse(body):
    """The object that a client has sent."""
    if not body:
        raise Refused(400, "missing request body")
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the body is no JSON: {error}") from None
    if not isinstance(asked, dict):
        raise Refused(400, "the body is no object of JSON")
    return asked


def field(asked, name, kind, default):
    """A field of that kind; what is null is not there."""
    value = asked.get(name)
    if value is None:
        return default
    # A boolean is a number, for Python alone.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise Refused(400, f"{name}: was given {json.dumps(value)[:40]}; allowed: {words[kind]}; do: correct it")
    return value


words = {str: "a text", bool: "true or false", dict: "an object", list: "a list", int: "a whole number"}


def options_of(asked):
    """The options that have a meaning here; others are as welcome as they are at Ollama."""
    options = field(asked, "options", dict, {})
    known = {"num_predict": field(options, "num_predict", int, 0)}
    exact = options.get("simulated_seconds")
    if exact is not None:
        number = isinstance(exact, (int, float)) and not isinstance(exact, bool)
        if not number or not 0 <= exact <= 3600:
            given = json.dumps(exact)[:40]
            allowed = "a number from 0 to 3600"
            raise Refused(400, f"options.simulated_seconds: was given {given}; allowed: {allowed}; do: correct it")
        known["simulated_seconds"] = exact
    return known


def prompt_of(asked, chat):
    """What is to be answered, as one text."""
    if not chat:
        return field(asked, "prompt", str, "")
    messages = field(asked, "messages", list, [])
    return "\n".join(str(message.get("content", "")) for message in messages if isinstance(message, dict))


def part(model, content, chat, done=False):
    """One object of an answer; the last one, which is done, also says how it went."""
    said = {"message": {"role": "assistant", "content": content}} if chat else {"response": content}
    return {"model": model, "created_at": now(), **said, "done": done}


def durations(plan, began, loaded, begun, ended):
    """How it went. What is left of the whole after the three other durations is the wait for a slot."""
    return {
        "done_reason": plan.reason,
        "total_duration": nanoseconds(ended - began),
        "load_duration": nanoseconds(loaded - began),
        "prompt_eval_count": plan.prompt_tokens,
        "prompt_eval_duration": nanoseconds(plan.prompt_seconds),
        "eval_count": plan.tokens,
        "eval_duration": nanoseconds(ended - begun - plan.prompt_seconds),
    }


def compact(answer):
    """JSON as Ollama writes it: clients that look for a piece of it find it."""
    return json.dumps(answer, separators=(",", ":"))


def nanoseconds(seconds):
    return max(0, round(seconds * 1e9))


def now():
    seconds = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1e6):06d}Z"


details = {
    "parent_model": "",
    "format": "simulator",
    "family": "simulator",
    "families": ["simulator"],
    "parameter_size": "0",
    "quantization_level": "simulator",
}


def listed(name):
    """A model in a list. Its digest is that of its name: there is nothing else."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return {"name": name, "model": name, "size": 0, "digest": digest, "details": details}


def shown(name):
    return {
        "modelfile": f"# Of a simulator: there is no model.\nFROM {name}\n",
        "parameters": "",
        "template": "{{ .Prompt }}",
        "details": details,
        "model_info": {"general.architecture": "simulator", "general.parameter_count": 0},
        "capabilities": ["completion"],
        "modified_at": now(),
    }


class Stream:
    """An answer in lines, each of which is sent when it is there."""

    def __init__(self, connection, close):
        self.connection = connection
        self.close = close
        last = "close" if close else "keep-alive"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n{SERVER}"
        # Goes with the first line, since until then there may be an error to send instead.
        self.head = f"{head}Transfer-Encoding: chunked\r\nConnection: {last}\r\n\r\n".encode()

    def send(self, answer):
        line = (compact(answer) + "\n").encode()
        self.connection.sendall(self.head + b"%x\r\n%b\r\n" % (len(line), line))
        self.head = b""

    def end(self):
        self.connection.sendall(b"0\r\n\r\n")
        return self.close
