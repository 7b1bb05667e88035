package main

import (
	autoscaling "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/resource"
)

const autoscaler = "horizontalpodautoscaler"

type hpa = *autoscaling.HorizontalPodAutoscaler

func ofAutoscaler(name, help string, value func(hpa) float64) family {
	return one("kube_horizontalpodautoscaler_"+name, help, autoscaler, value)
}

var autoscalerFamilies = []family{
	of("kube_horizontalpodautoscaler_info", "Information about this autoscaler.", func(h hpa) []sample {
		target := h.Spec.ScaleTargetRef
		further := []string{"scaletargetref_kind", target.Kind, "scaletargetref_name", target.Name}
		if target.APIVersion != "" {
			further = append([]string{"scaletargetref_api_version", target.APIVersion}, further...)
		}
		return []sample{{labelsOf(h, autoscaler, further...), 1}}
	}),
	ofAutoscaler("spec_min_replicas", "Lower limit for the number of pods that can be set by the autoscaler.", func(h hpa) float64 { return replicas(h.Spec.MinReplicas) }),
	ofAutoscaler("spec_max_replicas", "Upper limit for the number of pods that can be set by the autoscaler.", func(h hpa) float64 { return float64(h.Spec.MaxReplicas) }),
	ofAutoscaler("status_current_replicas", "Current number of replicas of pods managed by this autoscaler.", func(h hpa) float64 { return float64(h.Status.CurrentReplicas) }),
	ofAutoscaler("status_desired_replicas", "Desired number of replicas of pods managed by this autoscaler.", func(h hpa) float64 { return float64(h.Status.DesiredReplicas) }),
	of("kube_horizontalpodautoscaler_status_condition", "The condition of this autoscaler.", func(h hpa) []sample {
		var samples []sample
		for _, condition := range h.Status.Conditions {
			samples = append(samples, conditionSamples(h, autoscaler, string(condition.Type), string(condition.Status))...)
		}
		return samples
	}),
	of("kube_horizontalpodautoscaler_spec_target_metric", "The metric specifications used by this autoscaler when calculating the desired replica count.", func(h hpa) []sample {
		var samples []sample
		for _, metric := range h.Spec.Metrics {
			name, container, target := targetOf(metric)
			samples = append(samples, valueSamples(h, name, container, target.Value, target.AverageValue, target.AverageUtilization)...)
		}
		return samples
	}),
	of("kube_horizontalpodautoscaler_status_target_metric", "The current metric status used by this autoscaler when calculating the desired replica count.", func(h hpa) []sample {
		var samples []sample
		for _, metric := range h.Status.CurrentMetrics {
			name, container, current := currentOf(metric)
			samples = append(samples, valueSamples(h, name, container, current.Value, current.AverageValue, current.AverageUtilization)...)
		}
		return samples
	}),
}

func targetOf(metric autoscaling.MetricSpec) (name, container string, target autoscaling.MetricTarget) {
	switch {
	case metric.Object != nil:
		return metric.Object.Metric.Name, "", metric.Object.Target
	case metric.Pods != nil:
		return metric.Pods.Metric.Name, "", metric.Pods.Target
	case metric.External != nil:
		return metric.External.Metric.Name, "", metric.External.Target
	case metric.Resource != nil:
		return string(metric.Resource.Name), "", metric.Resource.Target
	case metric.ContainerResource != nil:
		return string(metric.ContainerResource.Name), metric.ContainerResource.Container, metric.ContainerResource.Target
	}
	return "", "", autoscaling.MetricTarget{}
}

func currentOf(metric autoscaling.MetricStatus) (name, container string, current autoscaling.MetricValueStatus) {
	switch {
	case metric.Object != nil:
		return metric.Object.Metric.Name, "", metric.Object.Current
	case metric.Pods != nil:
		return metric.Pods.Metric.Name, "", metric.Pods.Current
	case metric.External != nil:
		return metric.External.Metric.Name, "", metric.External.Current
	case metric.Resource != nil:
		return string(metric.Resource.Name), "", metric.Resource.Current
	case metric.ContainerResource != nil:
		return string(metric.ContainerResource.Name), metric.ContainerResource.Container, metric.ContainerResource.Current
	}
	// Before its first reading the controller reports a metric of no source.
	return "", "", autoscaling.MetricValueStatus{}
}

func valueSamples(h hpa, metric, container string, value, average *resource.Quantity, utilization *int32) []sample {
	var samples []sample
	add := func(kind string, of float64) {
		further := []string{"metric_name", metric, "metric_target_type", kind, "container", container}
		samples = append(samples, sample{labelsOf(h, autoscaler, further...), of})
	}
	if value != nil {
		add("value", amount(*value))
	}
	if average != nil {
		add("average", amount(*average))
	}
	if utilization != nil {
		add("utilization", float64(*utilization))
	}
	return samples
}
