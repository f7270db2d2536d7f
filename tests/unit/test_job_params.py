"""Parameters of jobs: what counts as an integer."""

import pytest
from pydantic import ValidationError

from api.jobs.params import AdaptParams


def test_a_whole_number_is_an_integer_however_json_writes_it() -> None:
    asked = AdaptParams.model_validate_json('{"steps": 12.0, "negatives": 2}')
    assert (asked.steps, asked.negatives) == (12, 2)
    assert isinstance(asked.steps, int)


@pytest.mark.parametrize("steps", ["2.5", '"2"', "true", "null"])
def test_nothing_else_is(steps: str) -> None:
    with pytest.raises(ValidationError):
        AdaptParams.model_validate_json(f'{{"steps": {steps}}}')
