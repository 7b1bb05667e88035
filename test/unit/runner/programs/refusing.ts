import * as pulumi from "@pulumi/pulumi";

// As stacks/config.ts does: every problem of the configuration at once, before anything is made.
throw new pulumi.RunError('queue.maxReplicas: given "many", allowed 1 to 1000');
