"""Exposure (曝光): who is shown to those who post demands, against who could have been."""
