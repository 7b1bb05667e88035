package main

import (
	"context"
	"strings"

	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	policy "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// kind is one kind of objects: how they are listed, and what is told of them.
type kind struct {
	// As in the flag --resources.
	name     string
	example  runtime.Object
	families []family
	source   func(kubernetes.Interface) *cache.ListWatch
}

type kindList []kind

func (all kindList) names() []string {
	names := make([]string, 0, len(all))
	for _, kind := range all {
		names = append(names, kind.name)
	}
	return names
}

var kinds = kindList{
	{"deployments", &apps.Deployment{}, deploymentFamilies, func(client kubernetes.Interface) *cache.ListWatch {
		return source(client.AppsV1().Deployments("").List, client.AppsV1().Deployments("").Watch)
	}},
	{"horizontalpodautoscalers", &autoscaling.HorizontalPodAutoscaler{}, autoscalerFamilies, func(client kubernetes.Interface) *cache.ListWatch {
		all := client.AutoscalingV2().HorizontalPodAutoscalers("")
		return source(all.List, all.Watch)
	}},
	{"nodes", &core.Node{}, nodeFamilies, func(client kubernetes.Interface) *cache.ListWatch {
		return source(client.CoreV1().Nodes().List, client.CoreV1().Nodes().Watch)
	}},
	{"poddisruptionbudgets", &policy.PodDisruptionBudget{}, disruptionFamilies, func(client kubernetes.Interface) *cache.ListWatch {
		all := client.PolicyV1().PodDisruptionBudgets("")
		return source(all.List, all.Watch)
	}},
	{"pods", &core.Pod{}, podFamilies, func(client kubernetes.Interface) *cache.ListWatch {
		return source(client.CoreV1().Pods("").List, client.CoreV1().Pods("").Watch)
	}},
	{"resourcequotas", &core.ResourceQuota{}, quotaFamilies, func(client kubernetes.Interface) *cache.ListWatch {
		return source(client.CoreV1().ResourceQuotas("").List, client.CoreV1().ResourceQuotas("").Watch)
	}},
	{"statefulsets", &apps.StatefulSet{}, statefulSetFamilies, func(client kubernetes.Interface) *cache.ListWatch {
		return source(client.AppsV1().StatefulSets("").List, client.AppsV1().StatefulSets("").Watch)
	}},
}

func source[List runtime.Object](
	list func(context.Context, meta.ListOptions) (List, error),
	follow func(context.Context, meta.ListOptions) (watch.Interface, error),
) *cache.ListWatch {
	return &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options meta.ListOptions) (runtime.Object, error) {
			return list(ctx, options)
		},
		WatchFuncWithContext: follow,
	}
}

// of makes a family of a typed object.
func of[Object any](name, help string, tell func(Object) []sample) family {
	return family{name, help, func(object any) []sample { return tell(object.(Object)) }}
}

// one is a family with one series of each object.
func one[Object meta.Object](name, help, kind string, value func(Object) float64) family {
	return of(name, help, func(object Object) []sample {
		return []sample{{labelsOf(object, kind), value(object)}}
	})
}

// labelsOf is how an object is named, and further labels of the series.
func labelsOf(object meta.Object, kind string, further ...string) labels {
	if object.GetNamespace() == "" {
		return append(labels{kind, object.GetName()}, further...)
	}
	return append(labels{"namespace", object.GetNamespace(), kind, object.GetName()}, further...)
}

// conditionSamples are three series of a condition, of which the one that holds is 1.
func conditionSamples(object meta.Object, kind, condition, status string) []sample {
	samples := make([]sample, 0, 3)
	for _, possible := range []string{"True", "False", "Unknown"} {
		of := labelsOf(object, kind, "condition", condition, "status", strings.ToLower(possible))
		samples = append(samples, sample{of, truth(status == possible)})
	}
	return samples
}

func truth(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// replicas is a number that the API server fills in where it is not given.
func replicas(given *int32) float64 {
	if given == nil {
		return 1
	}
	return float64(*given)
}

func amount(quantity resource.Quantity) float64 { return quantity.AsApproximateFloat64() }
