import type { Board, BoardPanel } from "./board";
import { llmPanels, vllmPanels } from "./llm-panels";

const proxy = 'namespace="$namespace",proxy="$proxy"';
// What comes: the backend counts what is done, and nothing of what waits.
const requests = `sum(rate(haproxy_frontend_http_requests_total{${proxy}}[$__rate_interval]))`;
const mean = (metric: string) => `sum(avg_over_time(${metric}{${proxy}}[$__rate_interval]))`;

/** Requests through a queueing proxy to the servers behind it, language models among them. */
export const servingBoard: Board = {
    name: "serving",
    title: "LLM serving and proxy",
    description: "Requests that come, wait and are served, by a queueing proxy and the servers behind it.",
    needs: ["proxy"],
    variables: [
        {
            name: "namespace",
            label: "Namespace",
            series: "haproxy_backend_current_sessions",
            of: "namespace",
        },
        {
            name: "proxy",
            label: "Proxy",
            series: 'haproxy_backend_current_sessions{namespace="$namespace"}',
            of: "proxy",
        },
    ],
    rows: [
        { title: "Requests", panels: ofRequests() },
        { title: "Queue", panels: ofQueue() },
        { title: "Servers", panels: ofServers() },
        { title: "Language model", panels: [...llmPanels, ...vllmPanels] },
    ],
    alerts: 'alertname=~"Proxy.+",namespace="$namespace"',
    runbook: "docs/runbooks/serving.md",
};

function ofRequests(): BoardPanel[] {
    return [
        {
            title: "Requests",
            unit: "reqps",
            description: "Requests that arrive in each second, whatever becomes of them.",
            queries: [{ legend: "requests", expr: requests }],
        },
        {
            title: "Answers by class",
            unit: "reqps",
            description: "5xx: refused because the queue is full, waited too long, or failed in a server.",
            stacked: true,
            queries: [
                {
                    legend: "{{code}}",
                    expr: `sum by (code) (rate(haproxy_frontend_http_responses_total{${proxy}}[$__rate_interval])) > 0`,
                },
            ],
        },
        {
            title: "Sessions of each proxy",
            unit: "short",
            description: "Connections that clients hold: requests that wait and requests that are served.",
            queries: [
                {
                    legend: "{{namespace}}/{{pod}}/{{proxy}}",
                    expr: `haproxy_frontend_current_sessions{${proxy}}`,
                },
            ],
        },
        {
            title: "Share refused",
            unit: "percentunit",
            max: 1,
            description: "Of all answers, those of class 5xx.",
            emptyBecause: "nothing is answered",
            queries: [
                {
                    legend: "5xx",
                    expr:
                        `sum(rate(haproxy_frontend_http_responses_total{${proxy},code="5xx"}[$__rate_interval]))` +
                        ` / (sum(rate(haproxy_frontend_http_responses_total{${proxy}}[$__rate_interval])) > 0)`,
                },
            ],
        },
    ];
}

function ofQueue(): BoardPanel[] {
    return [
        {
            title: "Requests in the queue",
            unit: "short",
            description: "Requests that wait for a slot of any server.",
            queries: [{ legend: "waiting", expr: `sum(haproxy_backend_current_queue{${proxy}})` }],
        },
        {
            title: "Mean wait and mean time",
            unit: "s",
            description:
                "Little's law: those that wait, or are there at all, over those that arrive in each second. True over times " +
                "that are long beside one request.",
            emptyBecause: "no requests",
            queries: [
                {
                    legend: "wait for a slot",
                    expr: `${mean("haproxy_backend_current_queue")} / (${requests} > 0)`,
                },
                {
                    legend: "wait and service",
                    expr: `${mean("haproxy_backend_current_sessions")} / (${requests} > 0)`,
                },
            ],
        },
    ];
}

function ofServers(): BoardPanel[] {
    return [
        {
            title: "Servers that take requests",
            unit: "short",
            description: "Those whose pods are Ready and answer the proxy. At zero, requests wait.",
            queries: [{ legend: "servers", expr: `max(haproxy_backend_active_servers{${proxy}})` }],
        },
        {
            title: "Requests at each server",
            unit: "short",
            description: "Never more than it has slots; even, for all draw from one queue.",
            emptyBecause: "there are no servers",
            queries: [
                {
                    legend: "{{server}}",
                    expr: `sum by (server) (haproxy_server_current_sessions{${proxy}})`,
                },
            ],
        },
    ];
}
