"""Labels and folders (API document 4.8)."""

from __future__ import annotations

from bridge_gui.model import LabelId, LabelKind
from bridge_gui.proton.mail_types import Label
from bridge_gui.proton.routes import Routes, path_id

DEFAULT_COLOR = "#f66"


class LabelRoutes(Routes):
    async def labels(self, kind: LabelKind) -> tuple[Label, ...]:
        fields = await self._get("/core/v4/labels", Type=int(kind))
        fields.demand("Labels")
        return fields.many("Labels", Label.read)

    async def create_label(
        self, kind: LabelKind, name: str, parent_id: LabelId | None = None, color: str = DEFAULT_COLOR
    ) -> Label:
        """Make a label or folder. Raise `Conflict` if the name is taken. Only folders have parents."""
        body: dict[str, object] = {"Name": name, "Color": color, "Type": int(kind)}
        if parent_id is not None:
            body["ParentID"] = parent_id
        return Label.read((await self._post("/core/v4/labels", body)).fields("Label"))

    async def update_label(self, id: LabelId, name: str, color: str, parent_id: LabelId | None = None) -> Label:
        """Rename or move; without a parent it goes to the root. Give the colour it has, or it changes."""
        body: dict[str, object] = {"Name": name, "Color": color or DEFAULT_COLOR}
        if parent_id is not None:
            body["ParentID"] = parent_id
        return Label.read((await self._put(f"/core/v4/labels/{path_id(id)}", body)).fields("Label"))

    async def delete_label(self, id: LabelId) -> None:
        """Delete it and what lies below. Its messages stay."""
        await self._delete(f"/core/v4/labels/{path_id(id)}")
