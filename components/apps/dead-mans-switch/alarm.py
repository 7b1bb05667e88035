"""The alarm as data: alerts as Alertmanager's API takes them."""

import json
import os

# A path from the top of the repository, unless it is told where that is read.
RUNBOOK = "/".join(filter(None, [os.environ.get("RUNBOOKS_URL"), "docs/runbooks/autoscaler.md"]))

# Where Grafana shows what an alert is about.
WORKLOAD_BOARD = "kube-observability-workload"
MONITORING_BOARD = "kube-observability-monitoring"


def alarm(chains, namespace, silence_seconds):
    """An alert on Prometheus itself, and one on every autoscaler, by (namespace, name)."""
    silent = alert(
        {"alertname": "PrometheusSilent", "severity": "critical", "namespace": namespace},
        "Prometheus is silent",
        f"Its alert Watchdog has not come for {silence_seconds:g} s: Prometheus is down, or its rules, or the way to "
        "Alertmanager and from there. No other alert can be trusted meanwhile.",
        f"{RUNBOOK}#prometheussilent",
        MONITORING_BOARD,
    )
    return [silent, *(blind(*names, chain) for names, chain in sorted(chains.items()))]


def blind(namespace, autoscaler, chain):
    who = f"{namespace}/{autoscaler}"
    # Of a chain that cannot be read the worse is taken to be so.
    reads = not chain or any(signal.get("via") in ("custom", "external") for signal in chain["signals"])
    effect = (
        "It has no metric, so its replicas stay as they are."
        if reads
        else "It scales without Prometheus, but nothing tells whether it does."
    )
    return alert(
        {
            "alertname": "AutoscalerBlind",
            "severity": "critical",
            "hop": "prometheus",
            "namespace": namespace,
            "autoscaler": autoscaler,
        },
        f"Autoscaler {who}: Prometheus is silent",
        f"{effect} See: doctor {who}.",
        f"{RUNBOOK}#autoscalerblind",
        WORKLOAD_BOARD,
    )


def alert(labels, summary, description, runbook, board):
    annotations = {
        "summary": summary,
        "description": description,
        "runbook_url": runbook,
        "__dashboardUid__": board,
    }
    return {"labels": labels, "annotations": annotations}


def chain_of(configmap):
    """The chain that a ConfigMap describes; an empty one where it does not: its name is enough to raise an alarm."""
    try:
        chain = json.loads(configmap["data"]["chain.json"])
        return chain if all(isinstance(signal, dict) for signal in chain["signals"]) else {}
    except (KeyError, TypeError, ValueError):
        return {}
