"""From a demand, a result or a firm to ranked, explained candidates."""
