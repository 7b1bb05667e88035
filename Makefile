# Two commands do everything: `make up` and `make test`. `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
LOCAL := node --require ts-node/register local/cli.ts
# Older ones cannot require() ECMAScript modules, which some packages are.
NODE_CHECK := const [a, b] = process.versions.node.split(".").map(Number); if (!(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19))) { console.error(`Node.js is $${process.versions.node}; needs 20.19 or later, or 22.12 or later; install it from nodejs.org`); process.exit(1) }

# A variable counts only where it stands in the command: PORT and NAME may be in anybody's environment, and AS is make's
# own name for an assembler.
given = $(if $(filter command,$(origin $1)),$($1))
# Its option: as it is, as several words, or without a value.
option = $(if $(call given,$1),$2 "$(call given,$1)")
list = $(if $(call given,$1),$2 $(call given,$1))
flag = $(if $(call given,$1),$2)
PORTS = $(foreach pair,$(call given,PORT),--port $(pair))

.PHONY: up demo logs doctor status outputs preview down test help cluster env kubeconfig destroy kind kind-down heal \
	verify-doctor verify-faults verify-dashboards verify-charts verify-kill train bench bench-scale bench-balance bench-charts campaign \
	own-node_modules

##@ Every day

up: node_modules ## cluster, program, and a look at the loop (PORT="prometheus=9090 …" asks for host ports; RUNNER=1 leaves an installed Pulumi CLI alone)
	@$(LOCAL) up $(PORTS) $(call flag,RUNNER,--runner)

demo: node_modules ## list the scenarios and run one: load, a live chart, a report (S=queue; S=list, S=all; SHORT=1, MESSAGES=200, WRITE=1)
	@$(LOCAL) demo $(call option,S,--scenario) $(call option,MESSAGES,--messages) $(call flag,SHORT,--short) $(call flag,WRITE,--write)

logs: node_modules ## search the logs of a namespace's pods (NS=queue, POD=consumer, SINCE=10m, MATCH="text")
	@$(LOCAL) logs --namespace "$(call given,NS)" $(call option,POD,--pod) $(call option,SINCE,--since) $(if $(call given,MATCH),--match "$$MATCH")

doctor: node_modules ## why does it not scale? (NAME=namespace/name, JSON=1, WATCH=1, CONTEXT, AS, PROMETHEUS_URL; KUBECONFIG, else the embedded cluster, else ~/.kube/config)
	@if [ -z "$$KUBECONFIG" ]; then \
		if [ -e .cluster/dev/kubeconfig ]; then KUBECONFIG=.cluster/dev/kubeconfig; export KUBECONFIG; \
		elif [ ! -e "$$HOME/.kube/config" ]; then echo "No embedded cluster runs, and there is no ~/.kube/config: \`make up\`, or set KUBECONFIG." >&2; exit 2; fi; \
	fi; node --require ts-node/register doctor/cli.ts doctor $(call given,NAME) $(call flag,JSON,--json) $(call flag,WATCH,--watch) $(call option,CONTEXT,--context) $(call option,AS,--as) $(call option,PROMETHEUS_URL,--prometheus-url)

status: node_modules ## what runs
	@$(LOCAL) status

outputs: node_modules ## stack outputs as JSON (SHOW_SECRETS=1: secrets in clear)
	@$(LOCAL) outputs $(call flag,SHOW_SECRETS,--show-secrets)

preview: node_modules ## what up would change (RUNNER=1)
	@$(LOCAL) preview $(call flag,RUNNER,--runner)

down: node_modules ## end the cluster and remove all it made
	@$(LOCAL) down

test: node_modules ## everything: types, lint, unit tests, then the suite on a cluster of its own
	@node --require ts-node/register test/run.ts

help: ## this list
	@grep -hE '^([a-z-]+:.*## |##@ )' $(MAKEFILE_LIST) | sed 's/^##@ \(.*\)/\n\1/; s/:.*## /\t/' | expand -t 20

##@ Parts of it

cluster: node_modules ## the embedded cluster alone
	@$(LOCAL) cluster $(PORTS)

env: node_modules ## shell lines for kubectl and the Pulumi CLI: eval "$(make -s env)"
	@$(LOCAL) env

kubeconfig: node_modules ## path of the cluster's kubeconfig
	@$(LOCAL) kubeconfig

destroy: node_modules ## delete what the program declares; the cluster stays (RUNNER=1)
	@$(LOCAL) destroy $(call flag,RUNNER,--runner)

##@ The kind stack, and any cluster

kind: node_modules ## the kind stack: cluster, upstream charts, outputs (needs Docker, kind and the Pulumi CLI)
	@$(LOCAL) kind

kind-down: node_modules ## remove the kind cluster
	@$(LOCAL) kind-down

heal: node_modules ## after a killed run on any cluster: remove the Helm records that it left pending (KUBECONFIG, CONTEXT)
	@$(LOCAL) heal $(call option,CONTEXT,--context)

##@ Verify

verify-doctor: node_modules ## make a dev stack of its own ill in every way of a table: does the doctor name the hop? (ONLY="…", WRITE=1)
	@$(LOCAL) --instance doctor verify-doctor $(call list,ONLY,--only) $(call flag,WRITE,--write)

verify-faults: node_modules ## every fault of a table on autoscalers under load: do replicas hold, which alert fires? (ONLY="…", WRITE=1)
	@$(LOCAL) --instance faults verify-faults $(call list,ONLY,--only) $(call flag,WRITE,--write)

verify-dashboards: node_modules ## every panel of every dashboard on a dev stack of its own under load: does each show something? (WRITE=1)
	@$(LOCAL) --instance boards verify-dashboards $(call flag,WRITE,--write)

verify-charts: node_modules ## install every chart stack from CHARTS=<directory> on simulated nodes (ONLY="…", WRITE=1)
	@$(LOCAL) --instance charts verify-charts --charts "$(call given,CHARTS)" $(call list,ONLY,--only) $(call flag,WRITE,--write)

verify-kill: node_modules ## kill installs, upgrades and destroys of a chart stack, and see the next run finish (CHARTS, STACK=kind, POINTS=5, WRITE=1)
	@$(LOCAL) --instance charts verify-kill --charts "$(call given,CHARTS)" $(call option,STACK,--stack) $(call option,POINTS,--points) $(call flag,WRITE,--write)

train: node_modules ## PyTorch's training of TrainingJob on this machine: two workers, one is killed on the way (WRITE=1; as root, 270 MB to download, 1.1 GB of disk)
	@$(LOCAL) train $(call flag,WRITE,--write)

##@ Measure

bench: node_modules ## measure the stack; timing ends and restarts it (PART="idle queue timing", RUNS=10)
	@$(LOCAL) bench $(call list,PART,--part) $(call option,RUNS,--runs)

bench-scale: node_modules ## how soon each signal on each back end becomes replicas, beside chart defaults: 80 minutes (STEPS=30, PERIOD="15 1", ONLY="…", WRITE=1)
	@$(LOCAL) --instance bench bench-scale $(call option,STEPS,--steps) $(call list,PERIOD,--period) $(call list,ONLY,--only) $(call flag,WRITE,--write)

bench-balance: node_modules ## one trace of requests behind five ways to balance, beside queueing theory: 25 minutes (REQUESTS=15000, WRITE=1)
	@$(LOCAL) --instance balance bench-balance $(call option,REQUESTS,--requests) $(call flag,WRITE,--write)

bench-charts: node_modules ## a chart stack against `helm upgrade --install --wait` of the same charts (CHARTS, STACK=kind, RUNS=3)
	@$(LOCAL) --instance charts bench-charts --charts "$(call given,CHARTS)" $(call option,STACK,--stack) $(call option,RUNS,--runs)

campaign: node_modules ## 4, 8 and 16 clients on a simulated language model beside the dev stack, which has to be up, or on an endpoint: 13 minutes (SECONDS=120, URL, PROMETHEUS, MODEL, PROXY, WRITE=1)
	@$(LOCAL) campaign $(call option,SECONDS,--seconds) $(call option,URL,--url) $(call option,PROMETHEUS,--prometheus) $(call option,MODEL,--model) $(call option,PROXY,--proxy) $(call flag,WRITE,--write)

# npm's own record of what it installed is the target, so an interrupted install is done again.
node_modules: node_modules/.package-lock.json
node_modules/.package-lock.json: package.json package-lock.json | own-node_modules
	@command -v node >/dev/null || { echo "Node.js is not installed; needs 20.19 or later, or 22.12 or later; install it from nodejs.org" >&2; exit 1; }
	@node -e '$(NODE_CHECK)'
	@echo "Installing Node.js packages" >&2
	@npm ci --no-progress --loglevel=error >&2

# `npm ci` empties what is there, of a link the folder that somebody else works with.
own-node_modules:
	@[ ! -L node_modules ] || { echo "node_modules is a symbolic link, and installing would empty what it leads to: remove the link first (rm node_modules)" >&2; exit 2; }
