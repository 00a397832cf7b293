package oslo

import (
	"slices"
	"strings"
)

// Priority says how urgent a notification is. Listeners get those of the priorities that they ask for.
type Priority string

// The priorities that there are.
const (
	PriorityAudit    Priority = "audit"
	PriorityDebug    Priority = "debug"
	PriorityInfo     Priority = "info"
	PriorityWarn     Priority = "warn"
	PriorityError    Priority = "error"
	PriorityCritical Priority = "critical"
	PrioritySample   Priority = "sample"
)

// Priorities returns all that there are.
func Priorities() []Priority {
	return []Priority{
		PriorityAudit, PriorityDebug, PriorityInfo, PriorityWarn, PriorityError, PriorityCritical,
		PrioritySample,
	}
}

// check refuses what is none of them.
func (p Priority) check() error {
	all := Priorities()
	if slices.Contains(all, p) {
		return nil
	}
	names := make([]string, 0, len(all))
	for _, priority := range all {
		names = append(names, string(priority))
	}
	return invalid("priority", "there is no priority %q; there are %s", string(p), strings.Join(names, ", "))
}
