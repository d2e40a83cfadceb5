"""The safety gate: finds emergencies, crises and same-day signs in what a person typed."""

from components.safety.gate import Finding, SafetyGate

__all__ = ["Finding", "SafetyGate"]
