# Two commands do everything: `make up` and `make test`. `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
LOCAL := node --require ts-node/register local/cli.ts
# Older ones cannot require() ECMAScript modules, which some packages are.
NODE_CHECK := const [a, b] = process.versions.node.split(".").map(Number); if (!(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19))) { console.error(`Node.js is $${process.versions.node}; needs 20.19 or later, or 22.12 or later; install it from nodejs.org`); process.exit(1) }
PORTS := $(foreach pair,$(PORT),--port $(pair))

.PHONY: help up down cluster env status outputs kubeconfig preview destroy demo bench test

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

up: node_modules ## cluster, program, and a look at the loop (PORT="prometheus=9090 …" asks for host ports)
	@$(LOCAL) up $(PORTS)

down: node_modules ## end the cluster and remove all it made
	@$(LOCAL) down

cluster: node_modules ## the embedded cluster alone
	@$(LOCAL) cluster $(PORTS)

status: node_modules ## what runs
	@$(LOCAL) status

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

demo: node_modules ## publish a burst and watch the workload scale (MESSAGES=200)
	@$(LOCAL) demo $(if $(MESSAGES),--messages $(MESSAGES))

bench: node_modules ## measure the stack; timing ends and restarts it (PART="idle queue timing", RUNS=10)
	@$(LOCAL) bench $(if $(PART),--part $(PART)) $(if $(RUNS),--runs $(RUNS))

test: node_modules ## everything: types, lint, unit tests, then the suite on a cluster of its own
	@node --require ts-node/register test/run.ts

# npm's own record of what it installed is the target, so an interrupted install is done again.
node_modules: node_modules/.package-lock.json
node_modules/.package-lock.json: package.json package-lock.json
	@command -v node >/dev/null || { echo "Node.js is not installed; needs 20.19 or later, or 22.12 or later; install it from nodejs.org" >&2; exit 1; }
	@node -e '$(NODE_CHECK)'
	@echo "Installing Node.js packages" >&2
	@npm ci --no-progress --loglevel=error >&2
