package main

import core "k8s.io/api/core/v1"

var quotaFamilies = []family{
	of("kube_resourcequota", "Information about resource quota.", func(quota *core.ResourceQuota) []sample {
		var samples []sample
		for kind, amounts := range map[string]core.ResourceList{"hard": quota.Status.Hard, "used": quota.Status.Used} {
			for name, quantity := range amounts {
				of := labelsOf(quota, "resourcequota", "resource", string(name), "type", kind)
				samples = append(samples, sample{of, amount(quantity)})
			}
		}
		return samples
	}),
}

var nodeFamilies = []family{
	of("kube_node_status_allocatable", "The allocatable for different resources of a node that are available for scheduling.", func(node *core.Node) []sample {
		var samples []sample
		for name, quantity := range node.Status.Allocatable {
			if unit := unitOf(name); unit != "" {
				of := labelsOf(node, "node", "resource", resourceLabel(name), "unit", unit)
				samples = append(samples, sample{of, amount(quantity)})
			}
		}
		return samples
	}),
	of("kube_node_status_condition", "The condition of a cluster node.", func(node *core.Node) []sample {
		var samples []sample
		for _, condition := range node.Status.Conditions {
			samples = append(samples, conditionSamples(node, "node", string(condition.Type), string(condition.Status))...)
		}
		return samples
	}),
}
