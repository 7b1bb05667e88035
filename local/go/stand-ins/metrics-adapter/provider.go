package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/klog/v2"
	"k8s.io/metrics/pkg/apis/custom_metrics"
	api "sigs.k8s.io/custom-metrics-apiserver/pkg/provider"
	"sigs.k8s.io/custom-metrics-apiserver/pkg/provider/helpers"
)

// provider answers for the custom metrics API.
type provider struct {
	mapper     meta.RESTMapper
	objects    dynamic.Interface
	prometheus prometheus
	rules      []rule
	maxAge     time.Duration
	// What was listed last; kept while Prometheus does not answer.
	listed atomic.Pointer[map[api.CustomMetricInfo]source]
}

// source is where the values of a metric come from.
type source struct {
	rule   *rule
	series string
}

// Resources whose objects are in no namespace.
var clusterWide = []schema.GroupResource{{Resource: "namespaces"}, {Resource: "nodes"}, {Resource: "persistentvolumes"}}

func (p *provider) relistForever(ctx context.Context, interval time.Duration) {
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		if err := p.relist(ctx); err != nil {
			klog.ErrorS(err, "The list of metrics stays as it was")
		}
	}, interval)
}

func (p *provider) relist(ctx context.Context) error {
	found := map[api.CustomMetricInfo]source{}
	for i := range p.rules {
		rule := &p.rules[i]
		all, err := p.prometheus.series(ctx, rule.selector, time.Now().Add(-p.maxAge))
		if err != nil {
			return err
		}
		for _, series := range all {
			name := rule.metric(series["__name__"])
			if name == "" {
				continue
			}
			for resource, label := range rule.labels {
				if _, labelled := series[label]; !labelled {
					continue
				}
				info := api.CustomMetricInfo{GroupResource: resource, Metric: name, Namespaced: !slices.Contains(clusterWide, resource)}
				found[info] = source{rule: rule, series: series["__name__"]}
			}
		}
	}
	p.listed.Store(&found)
	return nil
}

// ListAllMetrics is what discovery shows.
func (p *provider) ListAllMetrics() []api.CustomMetricInfo {
	listed := p.listed.Load()
	if listed == nil {
		return nil
	}
	return slices.Collect(maps.Keys(*listed))
}

// GetMetricByName is the value of one object, such as a namespace.
func (p *provider) GetMetricByName(ctx context.Context, name types.NamespacedName, info api.CustomMetricInfo, chosen labels.Selector) (*custom_metrics.MetricValue, error) {
	values, err := p.values(ctx, name.Namespace, []string{name.Name}, info, chosen)
	if err != nil {
		return nil, err
	}
	value, found := values[name.Name]
	if !found {
		return nil, api.NewMetricNotFoundForError(info.GroupResource, info.Metric, name.Name)
	}
	return p.metricValue(value, name, info, chosen)
}

// GetMetricBySelector is the values of the objects with some labels, such as the pods of a Deployment.
func (p *provider) GetMetricBySelector(ctx context.Context, namespace string, selector labels.Selector, info api.CustomMetricInfo, chosen labels.Selector) (*custom_metrics.MetricValueList, error) {
	names, err := helpers.ListObjectNames(p.mapper, p.objects, namespace, selector, info)
	if err != nil {
		klog.ErrorS(err, "Objects cannot be listed", "resource", info.GroupResource, "namespace", namespace)
		return nil, apierrors.NewInternalError(fmt.Errorf("unable to list matching resources"))
	}
	values, err := p.values(ctx, namespace, names, info, chosen)
	if err != nil {
		return nil, err
	}
	list := &custom_metrics.MetricValueList{Items: []custom_metrics.MetricValue{}}
	for _, name := range names {
		value, found := values[name]
		if !found {
			continue
		}
		item, err := p.metricValue(value, types.NamespacedName{Namespace: namespace, Name: name}, info, chosen)
		if err != nil {
			return nil, err
		}
		list.Items = append(list.Items, *item)
	}
	return list, nil
}

// values asks Prometheus for the metric of some objects, by their names.
func (p *provider) values(ctx context.Context, namespace string, names []string, info api.CustomMetricInfo, chosen labels.Selector) (map[string]float64, error) {
	notFound := api.NewMetricNotFoundError(info.GroupResource, info.Metric)
	info, _, err := info.Normalized(p.mapper)
	if err != nil {
		return nil, notFound
	}
	listed := p.listed.Load()
	if listed == nil || len(names) == 0 {
		return nil, notFound
	}
	from, known := (*listed)[info]
	if !known {
		return nil, notFound
	}
	expression, err := from.rule.expression(from.series, info.GroupResource, namespace, names, chosen)
	if err != nil {
		klog.ErrorS(err, "No query can be made", "metric", info.Metric)
		return nil, notFound
	}
	samples, err := p.prometheus.query(ctx, expression)
	if err != nil {
		klog.ErrorS(err, "Prometheus cannot be asked", "query", expression)
		return nil, apierrors.NewInternalError(fmt.Errorf("unable to fetch metrics"))
	}
	values := make(map[string]float64, len(samples))
	for _, sample := range samples {
		values[sample.labels[from.rule.labels[info.GroupResource]]] = sample.value
	}
	return values, nil
}
