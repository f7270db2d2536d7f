"""Feedback 反馈: what became of a candidate for a demand, kept as records beside the graph."""
