"""Contacts (API document 4.9)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bridge_gui.proton.routes import PAGE_SIZE, Routes, path_id
from bridge_gui.proton.types import Contact, ContactEmail


class ContactRoutes(Routes):
    async def contact_emails(self, email: str) -> tuple[ContactEmail, ...]:
        """Return the contacts' entries for one address."""
        fields = await self._get("/contacts/v4/emails", Email=email, Page=0, PageSize=PAGE_SIZE)
        return fields.many("ContactEmails", ContactEmail.read)

    async def all_contact_emails(self) -> AsyncIterator[ContactEmail]:
        """Yield the entries of all contacts, page by page."""
        page = seen = 0
        while True:
            fields = await self._get("/contacts/v4/emails", Page=page, PageSize=PAGE_SIZE)
            found = fields.many("ContactEmails", ContactEmail.read)
            for each in found:
                yield each
            seen += len(found)
            page += 1
            if not found or seen >= fields.number("Total"):
                return

    async def contact(self, id: str) -> Contact:
        """Return a contact with its cards, still encrypted and their signatures unchecked."""
        return Contact.read((await self._get(f"/contacts/v4/{path_id(id)}")).fields("Contact"))
