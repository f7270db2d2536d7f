"""Who is who: which organisations may be one, with reasons, for a person to decide."""
