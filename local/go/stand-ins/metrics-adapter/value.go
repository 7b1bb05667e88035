package main

import (
	"fmt"
	"math"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/metrics/pkg/apis/custom_metrics"
	api "sigs.k8s.io/custom-metrics-apiserver/pkg/provider"
	"sigs.k8s.io/custom-metrics-apiserver/pkg/provider/helpers"
)

// metricValue is a value as the API gives it: in thousandths.
func (p *provider) metricValue(value float64, name types.NamespacedName, info api.CustomMetricInfo, chosen labels.Selector) (*custom_metrics.MetricValue, error) {
	amount, err := quantity(value)
	if err != nil {
		return nil, unusable(info, name, err)
	}
	described, err := helpers.ReferenceFor(p.mapper, name, info)
	if err != nil {
		return nil, err
	}
	metric := custom_metrics.MetricIdentifier{Name: info.Metric}
	if !chosen.Empty() {
		if metric.Selector, err = metav1.ParseToLabelSelector(chosen.String()); err != nil {
			return nil, err
		}
	}
	return &custom_metrics.MetricValue{DescribedObject: described, Metric: metric, Timestamp: metav1.Now(), Value: amount}, nil
}

// quantity refuses what is no number, or too large for one: read as 0 it would scale a workload down.
func quantity(value float64) (resource.Quantity, error) {
	thousandths := value * 1000
	if math.IsNaN(value) || math.Abs(thousandths) >= math.MaxInt64 {
		return resource.Quantity{}, fmt.Errorf("Prometheus says %v", value)
	}
	return *resource.NewMilliQuantity(int64(thousandths), resource.DecimalSI), nil
}

func unusable(info api.CustomMetricInfo, name types.NamespacedName, cause error) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status:  metav1.StatusFailure,
		Code:    http.StatusNotFound,
		Reason:  metav1.StatusReasonNotFound,
		Message: fmt.Sprintf("the metric %s for %s %s has no usable value: %v", info.Metric, info.GroupResource, name.Name, cause),
	}}
}
