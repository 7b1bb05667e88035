package main

import (
	"regexp"
	"strconv"
	"strings"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type pod = *core.Pod

var podFamilies = []family{
	of("kube_pod_info", "Information about pod.", func(p pod) []sample {
		kind, name := "", ""
		if owner := meta.GetControllerOf(p); owner != nil {
			kind, name = owner.Kind, owner.Name
		}
		return []sample{{ofPod(p,
			"host_ip", p.Status.HostIP, "pod_ip", p.Status.PodIP, "node", p.Spec.NodeName,
			"created_by_kind", kind, "created_by_name", name,
			"priority_class", p.Spec.PriorityClassName, "host_network", strconv.FormatBool(p.Spec.HostNetwork),
		), 1}}
	}),
	of("kube_pod_owner", "Information about the Pod's owner.", func(p pod) []sample {
		if len(p.OwnerReferences) == 0 {
			return []sample{{ofPod(p, "owner_kind", "", "owner_name", "", "owner_is_controller", ""), 1}}
		}
		samples := make([]sample, 0, len(p.OwnerReferences))
		for _, owner := range p.OwnerReferences {
			controls := strconv.FormatBool(owner.Controller != nil && *owner.Controller)
			samples = append(samples, sample{ofPod(p, "owner_kind", owner.Kind, "owner_name", owner.Name, "owner_is_controller", controls), 1})
		}
		return samples
	}),
	of("kube_pod_status_phase", "The pods current phase.", func(p pod) []sample {
		if p.Status.Phase == "" {
			return nil
		}
		samples := make([]sample, 0, 5)
		for _, phase := range []core.PodPhase{core.PodPending, core.PodSucceeded, core.PodFailed, core.PodUnknown, core.PodRunning} {
			samples = append(samples, sample{ofPod(p, "phase", string(phase)), truth(p.Status.Phase == phase)})
		}
		return samples
	}),
	of("kube_pod_status_ready", "Describes whether the pod is ready to serve requests.", func(p pod) []sample {
		return podCondition(p, core.PodReady)
	}),
	of("kube_pod_status_scheduled", "Describes the status of the scheduling process for the pod.", func(p pod) []sample {
		return podCondition(p, core.PodScheduled)
	}),
	of("kube_pod_status_unschedulable", "Describes the unschedulable status for the pod.", func(p pod) []sample {
		for _, condition := range p.Status.Conditions {
			if condition.Type == core.PodScheduled && condition.Status == core.ConditionFalse {
				return []sample{{ofPod(p), 1}}
			}
		}
		return nil
	}),
	of("kube_pod_container_status_waiting_reason", "Describes the reason the container is currently in waiting state.", func(p pod) []sample {
		var samples []sample
		for _, container := range p.Status.ContainerStatuses {
			if waiting := container.State.Waiting; waiting != nil {
				samples = append(samples, sample{ofPod(p, "container", container.Name, "reason", waiting.Reason), 1})
			}
		}
		return samples
	}),
	of("kube_pod_container_status_restarts_total", "The number of container restarts per container.", func(p pod) []sample {
		var samples []sample
		for _, container := range p.Status.ContainerStatuses {
			samples = append(samples, sample{ofPod(p, "container", container.Name), float64(container.RestartCount)})
		}
		return samples
	}),
	of("kube_pod_container_resource_requests", "The number of requested request resource by a container.", func(p pod) []sample {
		return containerAmounts(p, func(container core.Container) core.ResourceList { return container.Resources.Requests })
	}),
	of("kube_pod_container_resource_limits", "The number of requested limit resource by a container.", func(p pod) []sample {
		return containerAmounts(p, func(container core.Container) core.ResourceList { return container.Resources.Limits })
	}),
}

func ofPod(p pod, further ...string) labels {
	return append(labels{"namespace", p.Namespace, "pod", p.Name, "uid", string(p.UID)}, further...)
}

// podCondition has, unlike other conditions, no label with the name of the condition: the series has it.
func podCondition(p pod, wanted core.PodConditionType) []sample {
	var samples []sample
	for _, condition := range p.Status.Conditions {
		if condition.Type != wanted {
			continue
		}
		for _, status := range []core.ConditionStatus{core.ConditionTrue, core.ConditionFalse, core.ConditionUnknown} {
			samples = append(samples, sample{ofPod(p, "condition", strings.ToLower(string(status))), truth(condition.Status == status)})
		}
	}
	return samples
}

func containerAmounts(p pod, list func(core.Container) core.ResourceList) []sample {
	var samples []sample
	for _, container := range p.Spec.Containers {
		for name, quantity := range list(container) {
			if unit := unitOf(name); unit != "" {
				of := ofPod(p, "container", container.Name, "node", p.Spec.NodeName, "resource", resourceLabel(name), "unit", unit)
				samples = append(samples, sample{of, amount(quantity)})
			}
		}
	}
	return samples
}

// unitOf is what a resource is counted in; empty for one that is not told of.
func unitOf(name core.ResourceName) string {
	switch {
	case name == core.ResourceCPU:
		return "core"
	case name == core.ResourceMemory, name == core.ResourceStorage, name == core.ResourceEphemeralStorage,
		strings.HasPrefix(string(name), core.ResourceHugePagesPrefix):
		return "byte"
	case name == core.ResourcePods, strings.Contains(string(name), "/"):
		return "integer"
	}
	return ""
}

var noLabel = regexp.MustCompile(`[^a-zA-Z0-9_]`)

func resourceLabel(name core.ResourceName) string { return noLabel.ReplaceAllString(string(name), "_") }
