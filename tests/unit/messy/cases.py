"""All messy files, and the kinds of mess that they must cover."""

from tests.unit.messy import (
    cases_attacks,
    cases_links,
    cases_lists,
    cases_needs,
    cases_needs_text,
    cases_tiers,
    cases_upright,
    cases_values,
)
from tests.unit.messy.expected import Case

CASES: list[Case] = [
    *cases_needs.CASES,
    *cases_needs_text.CASES,
    *cases_upright.CASES,
    *cases_lists.CASES,
    *cases_links.CASES,
    *cases_tiers.CASES,
    *cases_values.CASES,
    *cases_attacks.CASES,
]

_KINDS = """
xlsx xls ods csv tsv semicolon pipe gb18030 utf16 zip zip_gbk
needs challenges result supply equipment tiers upright
title_rows two_lines spaced_header merged_down ticks notes_below hidden_rows no_cached_value
ref_error blank_rows several_sheets unknown_header sections
fullwidth thousands yi range w_amount capitals negotiable
month short_date serial han_year open_end
attack zip_slip bomb broken entities formula_text markup nul long_cell surrogate disguise
"""
#: Each kind of mess that offices send; at least two files have each.
KINDS = frozenset(_KINDS.split())
