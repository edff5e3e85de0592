"""What every entry of the methodology's files is made of: strict reading, codes, words in two languages."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kpsslib.language import speaking

Form = Literal["residential", "outpatient_field"]
Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]


class Model(BaseModel):
    """Strict reading: no unknown key, no silent conversion, nothing changed later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False,
                              ignored_types=(cached_property,))


class Name(Model):
    """A word of the field in Czech and English; `str(name)` is it in the language spoken."""

    cs: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def __str__(self) -> str:
        return getattr(self, speaking())
