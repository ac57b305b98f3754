"""The calls about questions and their versions (contract 4.7, product 4)."""

from typing import Any

import msgspec

from autohub.access.model import ANY_RIGHT, Right
from autohub.access.routes import ReadCall, Routes, WriteCall
from autohub.assessments import service
from autohub.assessments.defaults import CHANGE_REQUEST
from autohub.assessments.model import NewVersion, SetLive, Version, VersionChange, VersionFacts
from autohub.kit.query import Param

routes = Routes("Assessments")
CUSTOMIZE = (Right.CUSTOMIZE_ASSESSMENTS,)

_DEFINITION = msgspec.to_builtins(CHANGE_REQUEST)
_VERSION = {"version_id": 8, "version_name": "With urgency", "state": "draft", "definition": _DEFINITION}
_FACTS = {
    "version_id": 8,
    "assessment_key": "CR",
    "version_name": "With urgency",
    "state": "live",
    "created_epoch": 1767225600000,
    "live_epoch": 1767225700000,
    "category_ids": [3],
}


@routes(
    "GET",
    "/questionnaire",
    rights=ANY_RIGHT,
    answer=list[dict[str, Any]],
    params=(Param("category", "number", "As asked in this category; 0, the whole installation, unless given."),),
    example=[{"assessment_key": "HLA", "assessment_title": "High-Level Assessment", "sections": [], "scores": []}],
)
def questionnaire(call: ReadCall) -> Any:
    """Lists every question with its answers, whether it is required, and its weight"""
    return service.questionnaire(call.db, call.query.get("category") or 0)


@routes(
    "GET",
    "/assessments",
    rights=CUSTOMIZE,
    answer=list[VersionFacts],
    params=(Param("assessment", "text", "Only the versions of this one, such as HLA."),),
    example=[_FACTS],
)
def versions(call: ReadCall) -> Any:
    """Lists the versions of the assessments, and where each is live"""
    return service.versions(call.db, call.query.get("assessment"))


@routes("GET", "/assessments/{version_id}", rights=CUSTOMIZE, answer=Version, example=_VERSION)
def one(call: ReadCall) -> Version:
    """Shows one version whole, as it can be imported"""
    return service.one(call.db, call.id)


@routes(
    "POST",
    "/assessments",
    rights=CUSTOMIZE,
    body=NewVersion,
    body_example={"version_name": "With urgency", "definition": _DEFINITION},
    status=201,
    message="Resource Created",
    answer=Version,
    example=_VERSION,
    errors=(404, 409),
)
def add(call: WriteCall) -> Version:
    """Makes or imports a version, or copies one; it is a draft until it is set live"""
    return service.add(call.db, call.caller, call.body, now=call.now)


@routes(
    "PATCH",
    "/assessments/{version_id}",
    rights=CUSTOMIZE,
    body=VersionChange,
    body_example={"version_name": "With urgency"},
    answer=Version,
    example=_VERSION,
    errors=(409,),
)
def change(call: WriteCall) -> Version:
    """Changes a draft"""
    return service.change(call.db, call.caller, call.id, call.body, now=call.now)


@routes("DELETE", "/assessments/{version_id}", rights=CUSTOMIZE, answer=None, example=None, errors=(409,))
def remove(call: WriteCall) -> None:
    """Deletes a draft"""
    service.remove(call.db, call.caller, call.id, now=call.now)


@routes(
    "PUT",
    "/assessments/{version_id}/live",
    rights=CUSTOMIZE,
    body=SetLive,
    body_example={"category_id": 3},
    answer=VersionFacts,
    example=_FACTS,
)
def set_live(call: WriteCall) -> VersionFacts:
    """Sets a version live in a category and below it; 0 is the whole installation

    Ideas keep the version that they were scored with, until a mass update brings them to this one.
    """
    return service.set_live(call.db, call.caller, call.id, call.body, now=call.now)


@routes("DELETE", "/assessments/{version_id}/live", rights=CUSTOMIZE, answer=VersionFacts, example=_FACTS, errors=(409,))
def take_offline(call: WriteCall) -> VersionFacts:
    """Takes a version offline; its categories fall back to what holds above them"""
    return service.take_offline(call.db, call.caller, call.id, now=call.now)
