"""The store of files: a folder outside the web root, each file under a random key, written whole or not at all.

The file comes first, its row follows in the transaction of the step: after a crash there may be a file without a row
(tidied away after a day), never a row without its file. A file whose step was refused waits under a token of its
sender, so that nobody has to choose it again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from coordination.models import TicketFile, VisitPhoto
from coordination.rules import file_kinds
from coordination.rules.bad_file import BadFile
from coordination.ticket_files import pictures
from enterprises.errors import FieldError, Invalid, Refused
from enterprises.models import Account

MEGABYTE = 1024 * 1024
LARGEST, MOST_AT_ONCE = 10 * MEGABYTE, 10
ORPHANS_LIVE, TOKENS_LIVE = 24 * 3600, 20 * 3600
"""Seconds; a token ends well before its file may be tidied away."""
LEFT_FREE = 100 * MEGABYTE
"""What stays free on the disk for everything else, the database of a small city among it."""
_SALT = "ticket-file"


class StoreFull(Refused):
    """The disk has no room, or cannot be written; nothing was stored."""

    status = 507
    code = "store_full"
    message = "服务器的存储已满，附件没有存上。您写的内容都在，可以先不带附件办这一步，附件稍后再补。"


@dataclass(frozen=True)
class Stored:
    """A file in the store that no row names yet."""

    key: str
    name: str
    kind: str
    size: int
    sha256: str
    original_size: int
    original_sha256: str

    def token(self, account: Account) -> str:
        """What lets this account, and nobody else, use the file in its next try."""
        return signing.dumps([account.pk, asdict(self)], salt=_SALT, compress=True)


@dataclass(frozen=True)
class Received:
    """The files of one form: those in the store, and why others are not."""

    files: tuple[Stored, ...] = ()
    refused: Refused | None = None


def receive(account: Account, uploads: Sequence[UploadedFile[Any]], tokens: Iterable[str] = ()) -> Received:
    """Store the files of a form, and take up again those that a token names.

    Nothing is raised, so that the good files are kept whatever ails the others. `refused` is of: too_many_files,
    too_large, store_full, empty_file, and every code of rules.file_kinds, each with the file's name.
    """
    files = [kept for token in list(tokens)[:MOST_AT_ONCE] if (kept := _kept(account, token)) is not None]
    faults: list[FieldError] = []
    for number, upload in enumerate(uploads):
        shown = file_kinds.cleaned(str(upload.name))[: file_kinds.LONGEST_NAME]
        if len(files) >= MOST_AT_ONCE or number >= MOST_AT_ONCE:
            faults.append(FieldError("files", "too_many_files", f"一次最多 {MOST_AT_ONCE} 个附件，其余请下一次再传。"))
            break
        try:
            files.append(_store(upload))
        except BadFile as fault:
            faults.append(FieldError("files", fault.code, f"“{shown}”{fault.reason}。"))
        except StoreFull as full:
            return Received(tuple(files), StoreFull(field="files", extra=full.extra))
    return Received(tuple(files), Invalid.of(faults) if faults else None)


def path(key: str) -> Path:
    """Where a file lies."""
    return Path(settings.ATTACHMENTS) / key[:2] / key


def discard(files: Iterable[Stored]) -> None:
    """Take files out of the store that nothing will name."""
    for one in files:
        path(one.key).unlink(missing_ok=True)


def hold(one: Stored) -> bool:
    """Begin the file's day anew, so that it is not tidied away while its row is written; False if it is gone."""
    try:
        os.utime(path(one.key))
    except OSError:
        return False
    return True


def tidy() -> int:
    """Delete files older than a day that no row names, one part of the store after the other; how many went."""
    gone, before = 0, time.time() - ORPHANS_LIVE
    for folder in Path(settings.ATTACHMENTS).iterdir():
        if not folder.is_dir():
            continue
        old = {entry.name for entry in os.scandir(folder) if entry.is_file() and entry.stat().st_mtime < before}
        known = _named(folder.name) if old else set()
        for name in old.difference(known):
            (folder / name).unlink(missing_ok=True)
            gone += 1
    return gone


def _named(start: str) -> set[str]:
    """Keys with this beginning that a row names: of tickets and of visits."""
    keys: set[str] = set()
    for model in (TicketFile, VisitPhoto):
        keys |= set(model._default_manager.filter(key__startswith=start).values_list("key", flat=True))
    return keys


def check() -> tuple[int, list[str]]:
    """How many rows were compared with their files, and what is wrong with which."""
    faults, number = [], 0
    for row in TicketFile.objects.select_related("ticket").order_by("id").iterator(chunk_size=500):
        number += 1
        try:
            found = hashlib.sha256(path(row.key).read_bytes()).hexdigest()
        except OSError:
            faults.append(f"{row.ticket} {row.name}（{row.key}）：文件不在")
            continue
        if found != row.sha256:
            faults.append(f"{row.ticket} {row.name}（{row.key}）：内容变了")
    return number, faults


def _kept(account: Account, token: str) -> Stored | None:
    try:
        whose, said = signing.loads(token, salt=_SALT, max_age=TOKENS_LIVE)
        one = Stored(**said)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    if whose != account.pk or _named(one.key) or not hold(one):
        return None
    return one


def _store(upload: UploadedFile[Any]) -> Stored:
    if upload.size is not None and upload.size > LARGEST:
        raise BadFile("too_large", f"超过 {LARGEST // MEGABYTE} 兆，请压缩或分开传")
    if getattr(upload, "is_cut", False):  # the disk was full while it came in
        raise StoreFull
    content = upload.read()
    kind = file_kinds.identify(content, str(upload.name))
    original_size, original = len(content), hashlib.sha256(content).hexdigest()
    if kind.is_picture:
        content, kind = pictures.remade(content, kind)
    key = secrets.token_hex(16)
    _write(key, content)
    return Stored(
        key, file_kinds.named(str(upload.name), kind), kind.code, len(content), hashlib.sha256(content).hexdigest(),
        original_size, original,
    )  # fmt: skip


def _write(key: str, content: bytes) -> None:
    """The whole file on the disk under its name, or nothing."""
    final = path(key)
    draft = Path(settings.FILE_UPLOAD_TEMP_DIR) / key
    try:
        if shutil.disk_usage(settings.ATTACHMENTS).free < LEFT_FREE + len(content):
            raise OSError("no room")
        final.parent.mkdir(mode=0o750, exist_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(final)
        _settle(final.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise StoreFull(extra={"reason": error.strerror or str(error)}) from None


def _settle(folder: Path) -> None:
    """Have the disk know the new name too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
