"""The types of services as people write them: one that fits, or none."""

import pytest

from kpsslib.intake.returns.type_names import nearest_types, service_type


@pytest.mark.parametrize(("text", "code"), [
    ("PeS", "PeS"), ("pes", "PeS"), ("§ 40", "PeS"), ("§40", "PeS"), ("par. 40", "PeS"), ("paragraf 40", "PeS"),
    ("pečovatelská služba", "PeS"), ("PEČOVATELSKÁ  SLUŽBA", "PeS"), ("pecovatelska sluzba", "PeS"),
    ("pečovatelská sl.", "PeS"), ("peč. služba", "PeS"), ("pečov.sl.", "PeS"), ("pečovatelské služby", "PeS"),
    ("pečovatelská služba (§ 40)", "PeS"), ("§ 40 - pečovatelská služba", "PeS"), ("PeS (pečovatelská služba)", "PeS"),
    ("§ 40 zákona č. 108/2006 Sb.", "PeS"), ("home care service", "PeS"),
    ("domov pro seniory", "DS"), ("domov pro osoby se zdrav. postižením", "DOZP"), ("odlehčovací služba", "OS"),
    ("denní stacionář", "DSt"), ("kontaktní centrum", "KC"), ("soc. rehabilitace", "SR"), ("noclehárna", "N"),
    ("§ 60", "KP"), ("§ 60a", "IC"), ("§ 60 a", "IC"), ("§ 70a", "CDZ"), ("sociálně-terapeutické dílny", "STD"),
    ("PS", ""), ("PS.", ""), ("P. S.", ""), ("služba", ""), ("sl.", ""), ("", ""), ("§", ""), ("§ 4", ""), ("40", ""),
    ("§ 40 domovy pro seniory", ""), ("DS (pečovatelská služba)", ""), ("SOCREHAB", ""), ("domov", ""), ("()", ""),
    ("pečovatelská služba a osobní asistence", ""), ("§ 40, § 39", ""),
])
def test_one_type_or_none(methodology, text, code):
    assert service_type(text, methodology) == code


def test_every_type_is_known_by_its_code_names_and_paragraph(methodology):
    for code, kind in methodology.service_types.items():
        for text in (code, kind.name.cs, kind.name.cs.upper(), kind.name.en, kind.paragraph,
                     f"{kind.name.cs} ({kind.paragraph})"):
            assert service_type(text, methodology) == code


def test_words_cut_at_any_letter_name_the_same_type_or_none(methodology):
    for code, kind in methodology.service_types.items():
        words = kind.name.cs.split()
        for at, word in enumerate(words):
            for length in range(1, len(word)):
                text = " ".join([*words[:at], word[:length] + ".", *words[at + 1:]])
                assert service_type(text, methodology) in (code, "")


def test_the_nearest_types_are_named(methodology):
    assert "PeS (pečovatelská služba)" in nearest_types("pečovatelská služby domů", methodology)
    assert nearest_types("PS", methodology).count("(") <= 3
    assert nearest_types("@@@", methodology).startswith("OSP, OA, PeS")
