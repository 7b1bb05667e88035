package main

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
)

// family is all series of one name.
type family struct {
	name, help string
	// What it says of one object.
	tell func(object any) []sample
}

// sample is one series of one object.
type sample struct {
	labels labels
	value  float64
}

// labels are names and values by turns.
type labels []string

// store keeps of each object its lines, not the object: they are written when it changes, and only copied when
// Prometheus asks.
type store struct {
	families []family
	mutex    sync.RWMutex
	lines    map[types.UID][][]byte
	synced   bool
}

func newStore(families []family) *store {
	return &store{families: families, lines: map[types.UID][][]byte{}}
}

// Add is called by a reflector with an object that is new.
func (s *store) Add(object any) error {
	identity, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	lines := s.linesOf(object)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.lines[identity.GetUID()] = lines
	return nil
}

// Update is called by a reflector with an object that has changed.
func (s *store) Update(object any) error { return s.Add(object) }

// Delete is called by a reflector with an object that is gone.
func (s *store) Delete(object any) error {
	identity, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.lines, identity.GetUID())
	return nil
}

// Replace is called by a reflector with all objects that there are.
func (s *store) Replace(objects []any, _ string) error {
	all := make(map[types.UID][][]byte, len(objects))
	for _, object := range objects {
		identity, err := meta.Accessor(object)
		if err != nil {
			return err
		}
		all[identity.GetUID()] = s.linesOf(object)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.lines, s.synced = all, true
	return nil
}

// Resync has nothing to do: the lines follow from the objects alone.
func (s *store) Resync() error { return nil }

func (s *store) isSynced() bool {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.synced
}

func (s *store) linesOf(object any) [][]byte {
	lines := make([][]byte, len(s.families))
	for i, family := range s.families {
		var text bytes.Buffer
		for _, sample := range family.tell(object) {
			text.WriteString(line(family.name, sample))
		}
		lines[i] = text.Bytes()
	}
	return lines
}

func (s *store) write(to io.Writer) {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	for i, family := range s.families {
		fmt.Fprintf(to, "# HELP %s %s\n# TYPE %s gauge\n", family.name, family.help, family.name)
		for _, lines := range s.lines {
			to.Write(lines[i])
		}
	}
}

var escaped = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// line is a series in the text format of Prometheus.
func line(name string, sample sample) string {
	pairs := make([]string, 0, len(sample.labels)/2)
	for i := 0; i+1 < len(sample.labels); i += 2 {
		pairs = append(pairs, fmt.Sprintf(`%s="%s"`, sample.labels[i], escaped.Replace(sample.labels[i+1])))
	}
	return fmt.Sprintf("%s{%s} %s\n", name, strings.Join(pairs, ","), strconv.FormatFloat(sample.value, 'g', -1, 64))
}
