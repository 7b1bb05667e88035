package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func written(s *store) string {
	var text bytes.Buffer
	s.write(&text)
	return text.String()
}

func expect(t *testing.T, text string, lines ...string) {
	t.Helper()
	all := strings.Split(text, "\n")
	for _, line := range lines {
		if !slices.Contains(all, line) {
			t.Errorf("no line %s in\n%s", line, text)
		}
	}
}

func TestAutoscaler(t *testing.T) {
	zero := int32(0)
	s := newStore(autoscalerFamilies)
	object := &autoscaling.HorizontalPodAutoscaler{
		ObjectMeta: meta.ObjectMeta{Namespace: "shop", Name: "web", UID: "1"},
		Spec:       autoscaling.HorizontalPodAutoscalerSpec{MinReplicas: &zero, MaxReplicas: 9},
		Status: autoscaling.HorizontalPodAutoscalerStatus{
			DesiredReplicas: 3,
			Conditions:      []autoscaling.HorizontalPodAutoscalerCondition{{Type: "ScalingActive", Status: core.ConditionFalse}},
			// The controller writes such an entry when it has no value.
			CurrentMetrics: []autoscaling.MetricStatus{{Type: ""}},
		},
	}
	if err := s.Replace([]any{object}, "1"); err != nil {
		t.Fatal(err)
	}
	of := `{namespace="shop",horizontalpodautoscaler="web"`
	expect(t, written(s),
		"# TYPE kube_horizontalpodautoscaler_spec_min_replicas gauge",
		"kube_horizontalpodautoscaler_spec_min_replicas"+of+"} 0",
		"kube_horizontalpodautoscaler_spec_max_replicas"+of+"} 9",
		"kube_horizontalpodautoscaler_status_desired_replicas"+of+"} 3",
		"kube_horizontalpodautoscaler_status_condition"+of+`,condition="ScalingActive",status="true"} 0`,
		"kube_horizontalpodautoscaler_status_condition"+of+`,condition="ScalingActive",status="false"} 1`,
		"kube_horizontalpodautoscaler_status_condition"+of+`,condition="ScalingActive",status="unknown"} 0`,
	)
	if err := s.Delete(object); err != nil {
		t.Fatal(err)
	}
	if text := written(s); strings.Contains(text, "shop") {
		t.Errorf("still told of after it is gone:\n%s", text)
	}
}

func TestPodThatWaits(t *testing.T) {
	s := newStore(podFamilies)
	waiting := core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: "ImagePullBackOff"}}
	object := &core.Pod{
		ObjectMeta: meta.ObjectMeta{Namespace: "shop", Name: "web-1", UID: "u"},
		Status: core.PodStatus{
			Phase:             core.PodPending,
			Conditions:        []core.PodCondition{{Type: core.PodScheduled, Status: core.ConditionFalse}},
			ContainerStatuses: []core.ContainerStatus{{Name: "web", State: waiting}},
		},
	}
	if err := s.Add(object); err != nil {
		t.Fatal(err)
	}
	of := `{namespace="shop",pod="web-1",uid="u"`
	expect(t, written(s),
		"kube_pod_status_phase"+of+`,phase="Pending"} 1`,
		"kube_pod_status_phase"+of+`,phase="Running"} 0`,
		"kube_pod_status_unschedulable"+of+"} 1",
		"kube_pod_container_status_waiting_reason"+of+`,container="web",reason="ImagePullBackOff"} 1`,
		"kube_pod_owner"+of+`,owner_kind="",owner_name="",owner_is_controller=""} 1`,
	)
}

func TestLabelsAreEscaped(t *testing.T) {
	if got := line("m", sample{labels{"l", "a\"b\\c\nd"}, 1.5}); got != `m{l="a\"b\\c\nd"} 1.5`+"\n" {
		t.Error(got)
	}
}

const customConfig = `{"kind":"CustomResourceStateMetrics","spec":{"resources":[{
"groupVersionKind":{"group":"keda.sh","version":"v1alpha1","kind":"ScaledObject"},"metricNamePrefix":"kube_scaledobject",
"labelsFromPath":{"namespace":["metadata","namespace"],"scaledobject":["metadata","name"]},
"metrics":[{"name":"status_condition","help":"h","each":{"type":"Gauge","gauge":{"path":["status","conditions"],
"labelsFromPath":{"condition":["type"],"status":["status"]},"valueFrom":["status"]}}}]}]}}`

func TestConditionsOfCustomResources(t *testing.T) {
	resources := readCustom(t, customConfig)
	s := newStore(resources[0].families())
	conditions := []any{
		map[string]any{"type": "Ready", "status": "True"},
		map[string]any{"type": "Fallback", "status": "Unknown"},
	}
	object := &unstructured.Unstructured{Object: map[string]any{
		"metadata": map[string]any{"namespace": "shop", "name": "web", "uid": "1"},
		"status":   map[string]any{"conditions": conditions},
	}}
	if err := s.Add(object); err != nil {
		t.Fatal(err)
	}
	of := `kube_scaledobject_status_condition{customresource_group="keda.sh",customresource_version="v1alpha1",` +
		`customresource_kind="ScaledObject",namespace="shop",scaledobject="web",`
	expect(t, written(s), of+`condition="Ready",status="True"} 1`, of+`condition="Fallback",status="Unknown"} 0`)
}

func readCustom(t *testing.T, text string) []customResource {
	t.Helper()
	resources, err := readCustomResources(writeFile(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRefusesConfigurationThatItDoesNotKnow(t *testing.T) {
	for _, other := range []string{
		strings.Replace(customConfig, `"valueFrom"`, `"nilIsZero":true,"valueFrom"`, 1),
		strings.Replace(customConfig, `"Gauge"`, `"StateSet"`, 1),
	} {
		if _, err := readCustomResources(writeFile(t, other)); err == nil {
			t.Errorf("taken: %s", other)
		}
	}
}
