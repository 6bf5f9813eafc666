"""Which function carries out which command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge_gui.imap import commands as c
from bridge_gui.imap.conversation import Handler
from bridge_gui.imap.handlers import auth, change, fetch, idle, notify, search, select, tree

_TABLE: dict[type[c.Command], Any] = {
    c.Capability: auth.capability,
    c.Noop: auth.noop,
    c.Check: auth.noop,
    c.Logout: auth.logout,
    c.Id: auth.identify,
    c.StartTls: auth.start_tls,
    c.Login: auth.login,
    c.Authenticate: auth.authenticate,
    c.Enable: auth.enable,
    c.Compress: auth.compress,
    c.List: tree.list_,
    c.Namespace: tree.namespace,
    c.Status: tree.status,
    c.Create: tree.create,
    c.Delete: tree.delete,
    c.Rename: tree.rename,
    c.Subscribe: tree.subscribe,
    c.Append: tree.append,
    c.GetQuota: tree.get_quota,
    c.GetQuotaRoot: tree.get_quota_root,
    c.Select: select.select,
    c.Close: select.close,
    c.Idle: idle.idle,
    c.Notify: notify.notify,
    c.Fetch: fetch.fetch,
    c.Store: change.store,
    c.Copy: change.copy,
    c.Expunge: change.expunge,
    c.Search: search.search,
    c.Sort: search.sort,
    c.Thread: search.thread,
}

HANDLERS: Mapping[type[c.Command], Handler] = _TABLE
