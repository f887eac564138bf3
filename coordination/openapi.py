"""How the interface is described: the settings of drf-spectacular."""

from __future__ import annotations

from typing import Any

SETTINGS: dict[str, Any] = {
    "ENUM_NAME_OVERRIDES": {
        "CertificateStatus": "enterprises.choices.CertificateStatus",
        "EnterpriseKind": "enterprises.choices.EnterpriseKind",
        "EnterpriseStatus": "enterprises.choices.EnterpriseStatus",
        "LineRunState": "supplies.choices.LineRunState",
        "Measure": "supplies.choices.Measure",
        "ConfirmMode": "coordination.choices.ConfirmMode",
        "DivisionLevel": "enterprises.choices.DivisionLevel",
        "OrderState": "coordination.choices.OrderState",
        "ProductionState": "supplies.choices.ProductionState",
        "SnapshotKind": "supplies.choices.SnapshotKind",
        "TicketLevel": "coordination.choices.TicketLevel",
        "TicketState": "coordination.choices.TicketState",
    },
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "enterprises.api.schema.complete",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "TITLE": "保供接口",
    "VERSION": "1",
}
