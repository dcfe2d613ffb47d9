"""What was verified as JUnit XML, which CI systems show: a suite per grant, storage and principal, a case per try."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as xml

from drawbridge.problems import visible
from drawbridge.verify.lights import Colour, Lit
from drawbridge.verify.verify import Verified, titles


def report(stack: str, found: Iterable[Verified], problems: Iterable[str]) -> str:
    """The document; red is a failure, grey is skipped, amber passes and is told."""
    root = xml.Element("testsuites", name=f"drawbridge verify {stack}")
    suites = list(found)
    for verified, title in zip(suites, titles(suites), strict=True):
        cases = [(one, _case(verified, one)) for one in verified.lit]
        colours = [one.colour for one, _ in cases]
        suite = xml.SubElement(
            root,
            "testsuite",
            name=title,
            tests=str(len(cases)),
            failures=str(colours.count(Colour.RED)),
            skipped=str(colours.count(Colour.GREY)),
            errors="0",
        )
        suite.extend(case for _, case in cases)
    told = list(problems)
    if told:
        suite = xml.SubElement(root, "testsuite", name="storages", tests=str(len(told)), errors=str(len(told)))
        for problem in told:
            case = xml.SubElement(suite, "testcase", classname="storages", name=visible(problem))
            xml.SubElement(case, "error", message=visible(problem))
    xml.indent(root)
    return xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(verified: Verified, one: Lit) -> xml.Element:
    tried = one.one
    who = f" as {tried.who}" if tried.who else ""
    # Without the run's own name, so that a case can be followed from run to run.
    words = tried.words.replace(f"/{tried.probes.split('/')[-2]}/", "/") if tried.probes else tried.words
    name = visible(f"{tried.light}: {words} in {tried.target.bucket}{who}")
    case = xml.Element("testcase", classname=verified.grant.name, name=name)
    if one.colour is Colour.RED:
        failure = xml.SubElement(case, "failure", message=visible(one.reason))
        failure.text = visible(verified.advice.get(one.cause, ""))
    elif one.colour is Colour.GREY:
        xml.SubElement(case, "skipped", message=visible(one.reason))
    elif one.colour is Colour.AMBER:
        xml.SubElement(case, "system-out").text = visible(one.reason)
    return case
