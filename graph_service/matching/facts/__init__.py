"""What is known of a candidate beside its likeness: one module a fact, each a pure function.

A fact compares what is asked with what is offered and gives a value in [-1, 1]; where either is not
told it is unknown (未知) and adds nothing. Size and fame are no facts: popularity is no signal.
"""
