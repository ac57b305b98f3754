"""The calls about questions and their versions (contract 4.7, product 4)."""

from typing import Any

import msgspec

from autohub.access.model import ANY_RIGHT, Right
from autohub.assessments import service
from autohub.assessments.defaults import CHANGE_REQUEST
from autohub.assessments.model import NewVersion, SetLive, Version, VersionChange, VersionFacts
from autohub.kit.query import Param
from autohub.web.routes import ReadApiRequest, Routes, WriteApiRequest

routes = Routes("Assessments")
CUSTOMIZE = (Right.CUSTOMIZE_ASSESSMENTS,)

_DEFINITION = msgspec.to_builtins(CHANGE_REQUEST)
_VERSION = {
    "version_id": 8,
    "version_name": "With urgency",
    "state": "draft",
    "definition": _DEFINITION,
}
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
    params=(
        Param(
            "category",
            "number",
            "As asked in this category; 0, the whole installation, unless given.",
        ),
    ),
    example=[
        {
            "assessment_key": "HLA",
            "assessment_title": "High-Level Assessment",
            "sections": [],
            "scores": [],
        }
    ],
)
def get_questionnaire(request: ReadApiRequest) -> Any:
    """Lists every question with its answers, whether it is required, and its weight"""
    return service.build_questionnaire(request.db, request.query.get("category") or 0)


@routes(
    "GET",
    "/assessments",
    rights=CUSTOMIZE,
    answer=list[VersionFacts],
    params=(Param("assessment", "text", "Only the versions of this one, such as HLA."),),
    example=[_FACTS],
)
def list_versions(request: ReadApiRequest) -> Any:
    """Lists the versions of the assessments, and where each is live"""
    return service.list_versions(request.db, request.query.get("assessment"))


@routes("GET", "/assessments/{version_id}", rights=CUSTOMIZE, answer=Version, example=_VERSION)
def get_version(request: ReadApiRequest) -> Version:
    """Shows one version whole, as it can be imported"""
    return service.get_version(request.db, request.id)


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
def create_version(request: WriteApiRequest) -> Version:
    """Makes or imports a version, or copies one; it is a draft until it is set live"""
    return service.create_version(request.db, request.caller, request.body, now=request.now)


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
def update_version(request: WriteApiRequest) -> Version:
    """Changes a draft"""
    return service.update_version(
        request.db, request.caller, request.id, request.body, now=request.now
    )


@routes(
    "DELETE",
    "/assessments/{version_id}",
    rights=CUSTOMIZE,
    answer=None,
    example=None,
    errors=(409,),
)
def delete_version(request: WriteApiRequest) -> None:
    """Deletes a draft"""
    service.delete_version(request.db, request.caller, request.id, now=request.now)


@routes(
    "PUT",
    "/assessments/{version_id}/live",
    rights=CUSTOMIZE,
    body=SetLive,
    body_example={"category_id": 3},
    answer=VersionFacts,
    example=_FACTS,
)
def put_live(request: WriteApiRequest) -> VersionFacts:
    """Sets a version live in a category and below it; 0 is the whole installation

    Ideas keep the version that they were scored with, until a mass update brings them to this one.
    """
    return service.put_live(request.db, request.caller, request.id, request.body, now=request.now)


@routes(
    "DELETE",
    "/assessments/{version_id}/live",
    rights=CUSTOMIZE,
    answer=VersionFacts,
    example=_FACTS,
    errors=(409,),
)
def take_offline(request: WriteApiRequest) -> VersionFacts:
    """Takes a version offline; its categories fall back to what holds above them"""
    return service.take_offline(request.db, request.caller, request.id, now=request.now)
