"""The sections and fields of the form of a project."""

from PySide6.QtWidgets import QLabel

from core.projects.schemas import SHORTEST_SECRET, Priority, ProjectType
from core.translation import _
from desktop.builds import words
from desktop.builds.projects.build_types import BuildTypesField
from desktop.builds.projects.form_input import Source
from desktop.builds.projects.special_fields import ExitCodesField, PatternsField
from desktop.tasks import TaskRunner
from desktop.theme import Theme
from desktop.widgets.form import (
    CheckField,
    ChoiceField,
    DurationField,
    EntriesField,
    Explained,
    ExplainedChoiceField,
    LineField,
    NumberField,
    PathField,
    SectionedForm,
    SwitchField,
    TagsField,
    TextField,
    VariablesField,
)

_MOST_SECONDS = 7 * 24 * 3600
_MOST_GRACE = 600


def fill_form(form: SectionedForm, theme: Theme, tasks: TaskRunner, found: QLabel) -> None:
    """Add all fields of a project.

    Args:
        found: Tells what was found in the folder; stands below it.
    """
    _add_general(form, theme, tasks, found)
    _add_source(form)
    _add_build(form, theme)
    _add_artifacts(form, theme)
    _add_variables(form)
    _add_limits(form)
    _add_queue(form)
    form.finish()


def _add_general(form: SectionedForm, theme: Theme, tasks: TaskRunner, found: QLabel) -> None:
    form.add_section(_("General"), "folder")
    form.add("path", _("Folder"), PathField(
        tasks, title=_("Choose the folder of the project"),
        placeholder=_("The folder in which the command runs")))  # fmt: skip
    form.add_widget(found)
    form.add("name", _("Name"), LineField(placeholder=_("for example payments-api")))
    kinds = [(kind, words.type_words(kind)) for kind in ProjectType]
    form.add("type", _("Type"), ChoiceField(kinds), beside=True)
    form.add("command", _("Command"), TextField(rows=4, theme=theme), hint=_(
        "Run by the shell, in that folder. Several lines run one after another."
    ))  # fmt: skip
    form.add("description", _("Description"), TextField(rows=2))
    form.add("tags", _("Tags"), TagsField(theme), hint=_(
        "Words by which projects are found and filtered."))  # fmt: skip
    active = SwitchField(theme, _("Active: builds of it may run"))
    active.set_value(True)
    form.add("active", _("Active"), active)


def _add_source(form: SectionedForm) -> None:
    form.add_section(_("Source"), "git-branch", _("What a build is made of."))
    form.add("source", _("What is built"), ExplainedChoiceField([
        Explained(Source.AS_IT_STANDS, _("The folder as it stands"), _(
            "Nothing is fetched or checked out: what lies in the folder is built, changes that"
            " were not committed included.")),
        Explained(Source.IN_FOLDER, _("A commit, checked out in the folder"), _(
            "Each build fetches from the repository and checks the branch out in the folder."
            " A build fails, and touches nothing, where the folder holds changes that were not"
            " committed.")),
        Explained(Source.OWN_TREE, _("A commit, in a clean work tree of its own"), _(
            "Buildbench keeps a clone apart from your folder. Nothing of what you work on is"
            " touched or built, and the folder above may stay empty.")),
    ]))  # fmt: skip
    form.add("repository_url", _("Address of the repository"), LineField(
        placeholder=_("for example https://example.com/team/api.git"), longest=2_000,
    ), hint=_("Git's own credential helpers sign in; no password is kept here."))  # fmt: skip
    form.add("branch", _("Branch, tag or commit"), LineField(
        placeholder=_("The repository's own default"), longest=255))  # fmt: skip


def _add_build(form: SectionedForm, theme: Theme) -> None:
    form.add_section(_("Steps and types"), "list-numbers")
    form.add("before_steps", _("Steps before the command"), EntriesField(
        theme, add=_("Add a step before"), name=_("Step {number} before the command"),
        placeholder=_("for example npm ci"),
    ), hint=_("Run in their order; where one fails, the command is not run."))  # fmt: skip
    form.add("after_steps", _("Steps after the command"), EntriesField(
        theme, add=_("Add a step after"), name=_("Step {number} after the command"),
        placeholder=_("for example docker compose down"),
    ), hint=_("Run whatever came of the build, a failure or a time-out too."))  # fmt: skip
    form.add("build_types", _("Build types"), BuildTypesField(theme), hint=_(
        "Ways to build it, such as debug and release, chosen with “Run build with…” and by"
        " triggers."))  # fmt: skip


def _add_artifacts(form: SectionedForm, theme: Theme) -> None:
    form.add_section(_("Artifacts"), "package", _(
        "Files that a build makes and that are kept with it."))  # fmt: skip
    form.add("artifact_patterns", _("Patterns"), PatternsField(theme), hint=_(
        "One a line, within the folder. * stands for anything in a name, ** for any folders."
    ))  # fmt: skip


def _add_variables(form: SectionedForm) -> None:
    form.add_section(_("Variables"), "brackets-curly")
    form.add("environment", _("Environment variables"), VariablesField())
    form.add("secrets", _("Secret variables"), VariablesField(secret=True), hint=_(
        "Sealed with a key on this computer, never shown again, and masked in logs."
        " A secret has at least {count} characters."
    ).format(count=SHORTEST_SECRET))  # fmt: skip


def _add_limits(form: SectionedForm) -> None:
    form.add_section(_("Limits and manner"), "timer")
    add = form.add
    add("timeout_s", _("Time limit"), DurationField(
        most=_MOST_SECONDS, usual=3600, none_text=_("No limit"),
    ), hint=_("A build that takes longer is ended."))  # fmt: skip
    silence = DurationField(most=_MOST_SECONDS, usual=600, none_text=_("No limit"))
    silence.set_value(None)
    add("silence_timeout_s", _("Limit without output"), silence, hint=_(
        "A build that prints nothing for so long is ended."))  # fmt: skip
    add("grace_s", _("Grace"), DurationField(most=_MOST_GRACE, usual=10), hint=_(
        "So long a build may clean up after it is asked to end, before it is made to."
    ))  # fmt: skip
    add("nice", _("Niceness"), NumberField(most=19), hint=_(
        "0 runs it like any program; the higher, the more it gives way to others (up to 19)."
    ))  # fmt: skip
    add("terminal", _("Pseudo-terminal"), CheckField(
        _("Give the command a terminal, as some tools want for colours")))  # fmt: skip
    add("leave_processes", _("Leave processes"), CheckField(
        _("Leave processes running that the build started in the background")))  # fmt: skip


def _add_queue(form: SectionedForm) -> None:
    form.add_section(_("Queue and retries"), "queue")
    add = form.add
    choices = [(one, words.priority_words(one)) for one in reversed(Priority)]
    priority = ChoiceField(choices)
    priority.set_value(Priority.NORMAL)
    add("priority", _("Priority"), priority, hint=_(
        "Which of the waiting builds comes first."))  # fmt: skip
    add("parallel", _("At once"), NumberField(least=1, most=16, usual=1), beside=True, hint=_(
        "So many builds of it may run at the same time."))  # fmt: skip
    add("newest_replaces", _("Newest replaces older"), CheckField(
        _("A new build of a branch takes the place of older ones that wait")))  # fmt: skip
    add("retry_limit", _("Retries"), NumberField(most=10), hint=_(
        "So often a failed build is queued again by itself; 0 for never."))  # fmt: skip
    add("retry_exit_codes", _("Only after these exit codes"), ExitCodesField(
        placeholder=_("any failure")), beside=True, hint=_(
        "Parted by commas, for example 75, 137."))  # fmt: skip
