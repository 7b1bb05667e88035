# Two commands do everything: `make up` and `make test`. `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
LOCAL := node --require ts-node/register local/cli.ts
# Older ones cannot require() ECMAScript modules, which some packages are.
NODE_CHECK := const [a, b] = process.versions.node.split(".").map(Number); if (!(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19))) { console.error(`Node.js is $${process.versions.node}; needs 20.19 or later, or 22.12 or later; install it from nodejs.org`); process.exit(1) }
PORTS := $(foreach pair,$(PORT),--port $(pair))

.PHONY: help up down cluster env status logs outputs kubeconfig preview destroy demo bench test \
	kind kind-down heal verify-charts verify-kill train verify-doctor verify-faults verify-dashboards bench-charts bench-scale bench-balance campaign doctor \
	own-node_modules

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

up: node_modules ## cluster, program, and a look at the loop (PORT="prometheus=9090 …" asks for host ports)
	@$(LOCAL) up $(PORTS)

down: node_modules ## end the cluster and remove all it made
	@$(LOCAL) down

cluster: node_modules ## the embedded cluster alone
	@$(LOCAL) cluster $(PORTS)

status: node_modules ## what runs
	@$(LOCAL) status

logs: node_modules ## search the logs of a namespace's pods (NS=queue, POD=consumer, SINCE=10m, MATCH="text")
	@$(LOCAL) logs --namespace "$(NS)" $(if $(POD),--pod "$(POD)") $(if $(SINCE),--since "$(SINCE)") $(if $(MATCH),--match "$$MATCH")

outputs: node_modules ## stack outputs as JSON (SHOW_SECRETS=1: secrets in clear)
	@$(LOCAL) outputs $(if $(SHOW_SECRETS),--show-secrets)

env: node_modules ## shell lines for kubectl and the Pulumi CLI: eval "$(make -s env)"
	@$(LOCAL) env

kubeconfig: node_modules ## path of the cluster's kubeconfig
	@$(LOCAL) kubeconfig

preview: node_modules ## what up would change
	@$(LOCAL) preview

destroy: node_modules ## delete what the program declares; the cluster stays
	@$(LOCAL) destroy

demo: node_modules ## list the scenarios and run one: load, a live chart, a report (S=queue, S=all, SHORT=1, MESSAGES=200, WRITE=1)
	@$(LOCAL) demo $(if $(S),--scenario "$(S)") $(if $(MESSAGES),--messages $(MESSAGES)) $(if $(SHORT),--short) $(if $(WRITE),--write)

bench: node_modules ## measure the stack; timing ends and restarts it (PART="idle queue timing", RUNS=10)
	@$(LOCAL) bench $(if $(PART),--part $(PART)) $(if $(RUNS),--runs $(RUNS))

kind: node_modules ## the kind stack: cluster, upstream charts, outputs (needs Docker, kind and the Pulumi CLI)
	@$(LOCAL) kind

kind-down: node_modules ## remove the kind cluster
	@$(LOCAL) kind-down

heal: node_modules ## after a killed run on any cluster: remove the Helm records that it left pending (KUBECONFIG, CONTEXT)
	@$(LOCAL) heal $(if $(CONTEXT),--context $(CONTEXT))

# AS is make's own name for an assembler, too: it counts only where it stands in the command.
doctor: node_modules ## why does it not scale? (NAME=namespace/name, JSON=1, WATCH=1, CONTEXT, AS, PROMETHEUS_URL; KUBECONFIG, else the embedded cluster, else ~/.kube/config)
	@if [ -z "$$KUBECONFIG" ]; then \
		if [ -e .cluster/dev/kubeconfig ]; then KUBECONFIG=.cluster/dev/kubeconfig; export KUBECONFIG; \
		elif [ ! -e "$$HOME/.kube/config" ]; then echo "No embedded cluster runs, and there is no ~/.kube/config: \`make up\`, or set KUBECONFIG." >&2; exit 2; fi; \
	fi; node --require ts-node/register doctor/cli.ts doctor $(NAME) $(if $(JSON),--json) $(if $(WATCH),--watch) $(if $(CONTEXT),--context "$(CONTEXT)") $(if $(filter command,$(origin AS)),--as "$(AS)") $(if $(PROMETHEUS_URL),--prometheus-url "$(PROMETHEUS_URL)")

verify-doctor: node_modules ## make a dev stack of its own ill in every way of a table: does the doctor name the hop? (ONLY="…", WRITE=1)
	@$(LOCAL) --instance doctor verify-doctor $(if $(ONLY),--only $(ONLY)) $(if $(WRITE),--write)

verify-faults: node_modules ## every fault of a table on autoscalers under load: do replicas hold, which alert fires? (ONLY="…", WRITE=1)
	@$(LOCAL) --instance faults verify-faults $(if $(ONLY),--only $(ONLY)) $(if $(WRITE),--write)

verify-dashboards: node_modules ## every panel of every dashboard on a dev stack of its own under load: does each show something? (WRITE=1)
	@$(LOCAL) --instance boards verify-dashboards $(if $(WRITE),--write)

verify-charts: node_modules ## install every chart stack from CHARTS=<directory> on simulated nodes (ONLY="…", WRITE=1)
	@$(LOCAL) --instance charts verify-charts --charts "$(CHARTS)" $(if $(ONLY),--only $(ONLY)) $(if $(WRITE),--write)

verify-kill: node_modules ## kill installs, upgrades and destroys of a chart stack, and see the next run finish (CHARTS, STACK=kind, POINTS=5, WRITE=1)
	@$(LOCAL) --instance charts verify-kill --charts "$(CHARTS)" $(if $(STACK),--stack $(STACK)) $(if $(POINTS),--points $(POINTS)) $(if $(WRITE),--write)

bench-scale: node_modules ## how soon each signal on each back end becomes replicas, beside chart defaults: 80 minutes (STEPS=30, PERIOD="15 1", ONLY="…", WRITE=1)
	@$(LOCAL) --instance bench bench-scale $(if $(STEPS),--steps $(STEPS)) $(if $(PERIOD),--period $(PERIOD)) $(if $(ONLY),--only $(ONLY)) $(if $(WRITE),--write)

bench-balance: node_modules ## one trace of requests behind five ways to balance, beside queueing theory: 25 minutes (REQUESTS=15000, WRITE=1)
	@$(LOCAL) --instance balance bench-balance $(if $(REQUESTS),--requests $(REQUESTS)) $(if $(WRITE),--write)

campaign: node_modules ## 4, 8 and 16 clients on a simulated language model of the dev stack, or on an endpoint: 13 minutes (SECONDS=120, URL, PROMETHEUS, MODEL, PROXY, WRITE=1)
	@$(LOCAL) campaign $(if $(SECONDS),--seconds $(SECONDS)) $(if $(URL),--url "$(URL)") $(if $(PROMETHEUS),--prometheus "$(PROMETHEUS)") $(if $(MODEL),--model "$(MODEL)") $(if $(PROXY),--proxy "$(PROXY)") $(if $(WRITE),--write)

bench-charts: node_modules ## a chart stack against `helm upgrade --install --wait` of the same charts (CHARTS, STACK=kind, RUNS=3)
	@$(LOCAL) --instance charts bench-charts --charts "$(CHARTS)" $(if $(STACK),--stack $(STACK)) $(if $(RUNS),--runs $(RUNS))

train: node_modules ## PyTorch's training of TrainingJob on this machine: two workers, one is killed on the way (WRITE=1; 270 MB to download)
	@$(LOCAL) train $(if $(WRITE),--write)

test: node_modules ## everything: types, lint, unit tests, then the suite on a cluster of its own
	@node --require ts-node/register test/run.ts

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
