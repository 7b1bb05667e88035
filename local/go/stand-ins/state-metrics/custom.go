package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/yaml"
)

// customConfiguration is the file of kube-state-metrics, with the keys that this program knows; any other is refused.
type customConfiguration struct {
	Kind string `json:"kind"`
	Spec struct {
		Resources []customResource `json:"resources"`
	} `json:"spec"`
}

type customResource struct {
	GroupVersionKind struct {
		Group   string `json:"group"`
		Version string `json:"version"`
		Kind    string `json:"kind"`
	} `json:"groupVersionKind"`
	MetricNamePrefix string              `json:"metricNamePrefix"`
	LabelsFromPath   map[string][]string `json:"labelsFromPath"`
	Metrics          []customMetric      `json:"metrics"`
}

type customMetric struct {
	Name string `json:"name"`
	Help string `json:"help"`
	Each struct {
		Type  string `json:"type"`
		Gauge struct {
			// Where in the object a list stands; each of its elements is a series.
			Path           []string            `json:"path"`
			LabelsFromPath map[string][]string `json:"labelsFromPath"`
			ValueFrom      []string            `json:"valueFrom"`
		} `json:"gauge"`
	} `json:"each"`
}

func readCustomResources(path string) ([]customResource, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--custom-resource-state-config-file: %w", err)
	}
	var config customConfiguration
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		return nil, fmt.Errorf("%s has keys that this stand-in for kube-state-metrics does not know: %w", path, err)
	}
	for _, resource := range config.Spec.Resources {
		for _, metric := range resource.Metrics {
			if metric.Each.Type != "Gauge" {
				return nil, fmt.Errorf("%s: %s is a %s: this stand-in for kube-state-metrics knows Gauge", path, metric.Name, metric.Each.Type)
			}
		}
	}
	return config.Spec.Resources, nil
}

func (c customResource) families() []family {
	families := make([]family, 0, len(c.Metrics))
	for _, metric := range c.Metrics {
		families = append(families, of(c.MetricNamePrefix+"_"+metric.Name, metric.Help, func(object *unstructured.Unstructured) []sample {
			return c.samples(metric, object.Object)
		}))
	}
	return families
}

func (c customResource) samples(metric customMetric, object map[string]any) []sample {
	elements, _, _ := unstructured.NestedSlice(object, metric.Each.Gauge.Path...)
	var samples []sample
	for _, element := range elements {
		fields, _ := element.(map[string]any)
		value, known := numberOf(fields, metric.Each.Gauge.ValueFrom)
		if !known {
			continue
		}
		of := labels{
			"customresource_group", c.GroupVersionKind.Group,
			"customresource_version", c.GroupVersionKind.Version,
			"customresource_kind", c.GroupVersionKind.Kind,
		}
		of = append(of, labelsAt(object, c.LabelsFromPath)...)
		of = append(of, labelsAt(fields, metric.Each.Gauge.LabelsFromPath)...)
		samples = append(samples, sample{of, value})
	}
	return samples
}

func labelsAt(object map[string]any, paths map[string][]string) labels {
	var found labels
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		if text, _, _ := unstructured.NestedString(object, paths[name]...); text != "" {
			found = append(found, name, text)
		}
	}
	return found
}

// numberOf reads a number, or the status of a condition as kube-state-metrics does: True is 1, False and Unknown are 0.
func numberOf(object map[string]any, path []string) (float64, bool) {
	found, _, _ := unstructured.NestedFieldNoCopy(object, path...)
	switch value := found.(type) {
	case int64:
		return float64(value), true
	case float64:
		return value, true
	case bool:
		return truth(value), true
	case string:
		word := strings.ToLower(value)
		return truth(word == "true"), word == "true" || word == "false" || word == "unknown"
	}
	return 0, false
}

// watch follows the objects as soon as they are defined.
func (c customResource) watch(ctx context.Context, known discovery.DiscoveryInterface, objects dynamic.Interface, into *store) {
	version := schema.GroupVersion{Group: c.GroupVersionKind.Group, Version: c.GroupVersionKind.Version}
	plural := ""
	// Ends without an error unless the program itself is ended.
	_ = wait.PollUntilContextCancel(ctx, 5*time.Second, true, func(context.Context) (bool, error) {
		resources, err := known.ServerResourcesForGroupVersion(version.String())
		if err != nil {
			return false, nil
		}
		for _, resource := range resources.APIResources {
			if resource.Kind == c.GroupVersionKind.Kind && !strings.Contains(resource.Name, "/") {
				plural = resource.Name
			}
		}
		return plural != "", nil
	})
	if ctx.Err() != nil {
		return
	}
	all := objects.Resource(version.WithResource(plural))
	source := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options meta.ListOptions) (runtime.Object, error) {
			return all.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options meta.ListOptions) (watch.Interface, error) {
			return all.Watch(ctx, options)
		},
	}
	cache.NewNamedReflector(plural, source, &unstructured.Unstructured{}, into, 0).RunWithContext(ctx)
}
