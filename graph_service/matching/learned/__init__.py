"""What matching learned from judgements: weights, what all demands have in common, how sure."""
