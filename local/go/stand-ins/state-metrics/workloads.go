package main

import (
	apps "k8s.io/api/apps/v1"
	policy "k8s.io/api/policy/v1"
)

func ofDeployment(name, help string, value func(*apps.Deployment) float64) family {
	return one("kube_deployment_"+name, help, "deployment", value)
}

var deploymentFamilies = []family{
	ofDeployment("spec_replicas", "Number of desired pods for a deployment.", func(d *apps.Deployment) float64 { return replicas(d.Spec.Replicas) }),
	ofDeployment("status_replicas", "The number of replicas per deployment.", func(d *apps.Deployment) float64 { return float64(d.Status.Replicas) }),
	ofDeployment("status_replicas_ready", "The number of ready replicas per deployment.", func(d *apps.Deployment) float64 { return float64(d.Status.ReadyReplicas) }),
	ofDeployment("status_replicas_available", "The number of available replicas per deployment.", func(d *apps.Deployment) float64 { return float64(d.Status.AvailableReplicas) }),
	ofDeployment("status_replicas_unavailable", "The number of unavailable replicas per deployment.", func(d *apps.Deployment) float64 { return float64(d.Status.UnavailableReplicas) }),
	ofDeployment("status_replicas_updated", "The number of updated replicas per deployment.", func(d *apps.Deployment) float64 { return float64(d.Status.UpdatedReplicas) }),
}

func ofStatefulSet(name, help string, value func(*apps.StatefulSet) float64) family {
	return one("kube_statefulset_"+name, help, "statefulset", value)
}

var statefulSetFamilies = []family{
	// Not spec_replicas, as that of a Deployment is called.
	ofStatefulSet("replicas", "Number of desired pods for a StatefulSet.", func(s *apps.StatefulSet) float64 { return replicas(s.Spec.Replicas) }),
	ofStatefulSet("status_replicas", "The number of replicas per StatefulSet.", func(s *apps.StatefulSet) float64 { return float64(s.Status.Replicas) }),
	ofStatefulSet("status_replicas_ready", "The number of ready replicas per StatefulSet.", func(s *apps.StatefulSet) float64 { return float64(s.Status.ReadyReplicas) }),
	ofStatefulSet("status_replicas_available", "The number of available replicas per StatefulSet.", func(s *apps.StatefulSet) float64 { return float64(s.Status.AvailableReplicas) }),
	ofStatefulSet("status_replicas_updated", "The number of updated replicas per StatefulSet.", func(s *apps.StatefulSet) float64 { return float64(s.Status.UpdatedReplicas) }),
}

func ofBudget(name, help string, value func(*policy.PodDisruptionBudget) int32) family {
	return one("kube_poddisruptionbudget_status_"+name, help, "poddisruptionbudget", func(budget *policy.PodDisruptionBudget) float64 { return float64(value(budget)) })
}

var disruptionFamilies = []family{
	ofBudget("current_healthy", "Current number of healthy pods.", func(b *policy.PodDisruptionBudget) int32 { return b.Status.CurrentHealthy }),
	ofBudget("desired_healthy", "Minimum desired number of healthy pods.", func(b *policy.PodDisruptionBudget) int32 { return b.Status.DesiredHealthy }),
	ofBudget("pod_disruptions_allowed", "Number of pod disruptions that are currently allowed.", func(b *policy.PodDisruptionBudget) int32 { return b.Status.DisruptionsAllowed }),
	ofBudget("expected_pods", "Total number of pods counted by this disruption budget.", func(b *policy.PodDisruptionBudget) int32 { return b.Status.ExpectedPods }),
}
