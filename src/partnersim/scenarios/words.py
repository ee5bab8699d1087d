"""In which words a district is told: those of schools, in which everything is written, or those of a plant."""

from __future__ import annotations

import re

WORDS = ("school", "plant")
PLANT = {
    "superintendents": "plant managers",
    "superintendent": "plant manager",
    "school board": "company board",
    "building representatives": "stewards",
    "building representative": "steward",
    "building reps": "stewards",
    "building rep": "steward",
    "representatives": "stewards",
    "principals": "supervisors",
    "principal": "supervisor",
    "teaching and learning": "quality and work",
    "teachers": "workers",
    "teacher": "worker",
    "schools": "departments",
    "school": "department",
    "districts": "plants",
    "district": "plant",
    "reps": "stewards",
    "rep": "steward",
    "cabinet": "management team",
    "students": "customers",
}
_PLANT = re.compile(r"\b(" + "|".join(sorted(PLANT, key=len, reverse=True)) + r")\b", re.IGNORECASE)


def in_plant_words(text: str) -> str:
    """Say a text for a plant."""

    def one(found: re.Match[str]) -> str:
        word = PLANT[found[0].lower()]
        return word[0].upper() + word[1:] if found[0][0].isupper() else word

    return _PLANT.sub(one, text)
