"""Join per-arch container images under one tag, directly in the registry.

    async with regtool.Stores() as stores:
        request = regtool.CreateRequest.parse("localhost:5000/app:1.0", ["localhost:5000/app:1.0-x86_64", ...])
        creation = await regtool.create(request, stores)

The names in `__all__` are the public interface. Each is loaded on first use, so that `import regtool` costs nothing.
"""

# What type checkers take for true, without the 3 ms of `import typing`: `regtool --version` loads this file alone.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing

    from regtool.documents.descriptor import Descriptor as Descriptor
    from regtool.documents.image import ImageConfig as ImageConfig
    from regtool.documents.image import ImageManifest as ImageManifest
    from regtool.documents.index import Index as Index
    from regtool.documents.manifest import Manifest as Manifest
    from regtool.errors import ConflictError as ConflictError
    from regtool.errors import ContentError as ContentError
    from regtool.errors import DeniedError as DeniedError
    from regtool.errors import FindingsError as FindingsError
    from regtool.errors import IncompleteError as IncompleteError
    from regtool.errors import NotFoundError as NotFoundError
    from regtool.errors import NotVisibleError as NotVisibleError
    from regtool.errors import PartialError as PartialError
    from regtool.errors import ProgramError as ProgramError
    from regtool.errors import RateLimitedError as RateLimitedError
    from regtool.errors import RegtoolError as RegtoolError
    from regtool.errors import StorageError as StorageError
    from regtool.errors import TimedOutError as TimedOutError
    from regtool.errors import UnreachableError as UnreachableError
    from regtool.errors import UsageError as UsageError
    from regtool.model.digest import Digest as Digest
    from regtool.model.platform import Platform as Platform
    from regtool.model.reference import Archive as Archive
    from regtool.model.reference import ArchiveForm as ArchiveForm
    from regtool.model.reference import Layout as Layout
    from regtool.model.reference import Reference as Reference
    from regtool.model.reference import Repository as Repository
    from regtool.model.reference import Tag as Tag
    from regtool.operations.apply.apply import Application as Application
    from regtool.operations.apply.apply import apply as apply
    from regtool.operations.apply.apply import plan_apply as plan_apply
    from regtool.operations.apply.file import ApplyFile as ApplyFile
    from regtool.operations.apply.file import read_apply_file as read_apply_file
    from regtool.operations.attach import AttachRequest as AttachRequest
    from regtool.operations.attach import attach as attach
    from regtool.operations.attach import plan_attach as plan_attach
    from regtool.operations.audit.fleet import AuditRequest as AuditRequest
    from regtool.operations.audit.fleet import audit as audit
    from regtool.operations.audit.gather import Sources as Sources
    from regtool.operations.audit.gather import gather as gather
    from regtool.operations.audit.policy import Policy as Policy
    from regtool.operations.audit.record import Audited as Audited
    from regtool.operations.audit.record import Offer as Offer
    from regtool.operations.audit.record import Problem as Problem
    from regtool.operations.build import Choice as Choice
    from regtool.operations.build import Recipe as Recipe
    from regtool.operations.build import build_all as build_all
    from regtool.operations.copy import CopyAllRequest as CopyAllRequest
    from regtool.operations.copy import Copying as Copying
    from regtool.operations.copy import CopyOptions as CopyOptions
    from regtool.operations.copy import CopyRequest as CopyRequest
    from regtool.operations.copy import copy as copy
    from regtool.operations.copy import copy_all as copy_all
    from regtool.operations.copy import plan_copy as plan_copy
    from regtool.operations.create import create as create
    from regtool.operations.create import plan_create as plan_create
    from regtool.operations.create_request import CreateRequest as CreateRequest
    from regtool.operations.create_request import Target as Target
    from regtool.operations.delete import delete as delete
    from regtool.operations.diff import Comparison as Comparison
    from regtool.operations.diff import diff as diff
    from regtool.operations.edit import Edition as Edition
    from regtool.operations.edit import EditRequest as EditRequest
    from regtool.operations.edit import edit as edit
    from regtool.operations.edit import plan_edit as plan_edit
    from regtool.operations.inspect import ImageInspection as ImageInspection
    from regtool.operations.inspect import Inspection as Inspection
    from regtool.operations.inspect import inspect as inspect
    from regtool.operations.inspect import inspect_platform as inspect_platform
    from regtool.operations.inspect import read as read
    from regtool.operations.inspect import resolve as resolve
    from regtool.operations.journal import Journal as Journal
    from regtool.operations.journal import Record as Record
    from regtool.operations.keep_old import keep_old as keep_old
    from regtool.operations.listing import TagEntry as TagEntry
    from regtool.operations.listing import list_platforms as list_platforms
    from regtool.operations.listing import list_tags as list_tags
    from regtool.operations.merging import Creation as Creation
    from regtool.operations.prune import PruneRequest as PruneRequest
    from regtool.operations.prune import Pruning as Pruning
    from regtool.operations.prune import plan_prune as plan_prune
    from regtool.operations.publish import publish as publish
    from regtool.operations.raw import plan_put as plan_put
    from regtool.operations.raw import put_blob as put_blob
    from regtool.operations.referrers import Referred as Referred
    from regtool.operations.referrers import read_referrers as read_referrers
    from regtool.operations.remove import RemoveRequest as RemoveRequest
    from regtool.operations.remove import Removing as Removing
    from regtool.operations.remove import plan_remove as plan_remove
    from regtool.operations.repair import Repair as Repair
    from regtool.operations.repair import RepairRequest as RepairRequest
    from regtool.operations.repair import plan_repair as plan_repair
    from regtool.operations.repair import repair as repair
    from regtool.operations.split import SplitRequest as SplitRequest
    from regtool.operations.split import plan_split as plan_split
    from regtool.operations.split import split as split
    from regtool.operations.tag import TagRequest as TagRequest
    from regtool.operations.tag import plan_tag as plan_tag
    from regtool.operations.tag import tag as tag
    from regtool.operations.undo import Undoing as Undoing
    from regtool.operations.undo import history as history
    from regtool.operations.undo import plan_undo as plan_undo
    from regtool.operations.undo import undo_all as undo_all
    from regtool.planning.guards import Guards as Guards
    from regtool.planning.guards import Seen as Seen
    from regtool.planning.member import Member as Member
    from regtool.planning.plan import BlobMove as BlobMove
    from regtool.planning.plan import Plan as Plan
    from regtool.planning.plan import TagMove as TagMove
    from regtool.planning.removal import ManifestDrop as ManifestDrop
    from regtool.planning.removal import Removal as Removal
    from regtool.planning.removal import TagDrop as TagDrop
    from regtool.planning.retention import Retention as Retention
    from regtool.planning.rules.finding import Finding as Finding
    from regtool.planning.rules.finding import Severity as Severity
    from regtool.planning.shape import Attestations as Attestations
    from regtool.planning.shape import ListType as ListType
    from regtool.planning.shape import Shape as Shape
    from regtool.planning.tag_names import Spelling as Spelling
    from regtool.stores.cache import ContentCache as ContentCache
    from regtool.stores.places import Stores as Stores
    from regtool.transport.settings import Settings as Settings

__version__ = "0.1.0"

__all__ = [
    "Application",
    "ApplyFile",
    "Archive",
    "ArchiveForm",
    "AttachRequest",
    "Attestations",
    "AuditRequest",
    "Audited",
    "BlobMove",
    "Choice",
    "Comparison",
    "ConflictError",
    "ContentCache",
    "ContentError",
    "CopyAllRequest",
    "CopyOptions",
    "CopyRequest",
    "Copying",
    "CreateRequest",
    "Creation",
    "DeniedError",
    "Descriptor",
    "Digest",
    "EditRequest",
    "Edition",
    "Finding",
    "FindingsError",
    "Guards",
    "ImageConfig",
    "ImageInspection",
    "ImageManifest",
    "IncompleteError",
    "Index",
    "Inspection",
    "Journal",
    "Layout",
    "ListType",
    "Manifest",
    "ManifestDrop",
    "Member",
    "NotFoundError",
    "NotVisibleError",
    "Offer",
    "PartialError",
    "Plan",
    "Platform",
    "Policy",
    "Problem",
    "ProgramError",
    "PruneRequest",
    "Pruning",
    "RateLimitedError",
    "Recipe",
    "Record",
    "Reference",
    "Referred",
    "RegtoolError",
    "Removal",
    "RemoveRequest",
    "Removing",
    "Repair",
    "RepairRequest",
    "Repository",
    "Retention",
    "Seen",
    "Settings",
    "Severity",
    "Shape",
    "Sources",
    "Spelling",
    "SplitRequest",
    "StorageError",
    "Stores",
    "Tag",
    "TagDrop",
    "TagEntry",
    "TagMove",
    "TagRequest",
    "Target",
    "TimedOutError",
    "Undoing",
    "UnreachableError",
    "UsageError",
    "apply",
    "attach",
    "audit",
    "build_all",
    "copy",
    "copy_all",
    "create",
    "delete",
    "diff",
    "edit",
    "gather",
    "history",
    "inspect",
    "inspect_platform",
    "keep_old",
    "list_platforms",
    "list_tags",
    "plan_apply",
    "plan_attach",
    "plan_copy",
    "plan_create",
    "plan_edit",
    "plan_prune",
    "plan_put",
    "plan_remove",
    "plan_repair",
    "plan_split",
    "plan_tag",
    "plan_undo",
    "publish",
    "put_blob",
    "read",
    "read_apply_file",
    "read_referrers",
    "repair",
    "resolve",
    "split",
    "tag",
    "undo_all",
]

_NAMES_BY_MODULE = {
    "regtool.documents.descriptor": "Descriptor",
    "regtool.documents.image": "ImageConfig ImageManifest",
    "regtool.documents.index": "Index",
    "regtool.documents.manifest": "Manifest",
    "regtool.errors": "ConflictError ContentError DeniedError FindingsError IncompleteError NotFoundError "
    "NotVisibleError PartialError ProgramError RateLimitedError RegtoolError StorageError TimedOutError "
    "UnreachableError UsageError",
    "regtool.model.digest": "Digest",
    "regtool.model.platform": "Platform",
    "regtool.model.reference": "Archive ArchiveForm Layout Reference Repository Tag",
    "regtool.operations.apply.apply": "Application apply plan_apply",
    "regtool.operations.apply.file": "ApplyFile read_apply_file",
    "regtool.operations.attach": "AttachRequest attach plan_attach",
    "regtool.operations.build": "Choice Recipe build_all",
    "regtool.operations.copy": "CopyAllRequest Copying CopyOptions CopyRequest copy copy_all plan_copy",
    "regtool.operations.audit.fleet": "AuditRequest audit",
    "regtool.operations.audit.gather": "Sources gather",
    "regtool.operations.audit.policy": "Policy",
    "regtool.operations.audit.record": "Audited Offer Problem",
    "regtool.operations.create": "create plan_create",
    "regtool.operations.create_request": "CreateRequest Target",
    "regtool.operations.diff": "Comparison diff",
    "regtool.operations.inspect": "ImageInspection Inspection inspect inspect_platform read resolve",
    "regtool.operations.listing": "TagEntry list_platforms list_tags",
    "regtool.operations.merging": "Creation",
    "regtool.operations.publish": "publish",
    "regtool.operations.referrers": "Referred read_referrers",
    "regtool.operations.repair": "Repair RepairRequest plan_repair repair",
    "regtool.operations.tag": "TagRequest plan_tag tag",
    "regtool.operations.delete": "delete",
    "regtool.operations.edit": "EditRequest Edition edit plan_edit",
    "regtool.operations.journal": "Journal Record",
    "regtool.operations.keep_old": "keep_old",
    "regtool.operations.prune": "PruneRequest Pruning plan_prune",
    "regtool.operations.raw": "plan_put put_blob",
    "regtool.operations.remove": "RemoveRequest Removing plan_remove",
    "regtool.operations.split": "SplitRequest plan_split split",
    "regtool.operations.undo": "Undoing history plan_undo undo_all",
    "regtool.planning.removal": "ManifestDrop Removal TagDrop",
    "regtool.planning.retention": "Retention",
    "regtool.planning.tag_names": "Spelling",
    "regtool.planning.guards": "Guards Seen",
    "regtool.planning.member": "Member",
    "regtool.planning.plan": "BlobMove Plan TagMove",
    "regtool.planning.rules.finding": "Finding Severity",
    "regtool.planning.shape": "Attestations ListType Shape",
    "regtool.stores.cache": "ContentCache",
    "regtool.stores.places": "Stores",
    "regtool.transport.settings": "Settings",
}


def __getattr__(name: str) -> "typing.Any":
    from importlib import import_module

    home = next((module for module, names in _NAMES_BY_MODULE.items() if name in names.split()), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault(name, getattr(import_module(home), name))


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
