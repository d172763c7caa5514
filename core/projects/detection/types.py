"""What the files of a folder tell about how it is built, the surest sign first."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.projects.detection.folder import Folder
from core.projects.schemas import USUAL, ProjectType, Usual

Found = tuple[ProjectType, Usual]

_ANDROID = re.compile(
    r"com\.android\.(application|library|tools\.build|test|dynamic-feature)|"
    r"libs\.plugins\.android\b"
)
_GRADLE = ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_WHEEL = "python3 -m pip wheel --no-deps --wheel-dir dist ."
_REQUIREMENTS = (
    "python3 -m venv .venv && .venv/bin/python -m pip install -r requirements.txt"
    " && .venv/bin/python -m unittest discover -v"
)
# They build what another tool describes, such as Meson or Cargo, into a Python package.
_NATIVE_BACKENDS = ("mesonpy", "scikit_build_core", "skbuild", "maturin", "py_build_cmake")
_NO_TEST = "no test specified"
_NAME = re.compile(r"[\w.+-]{1,100}\Z")


def detect_type(folder: Folder) -> Found:
    """Return the type of a project with its command and artifact patterns."""
    for look in _SIGNS:
        found = look(folder)
        if found is not None:
            return found
    return ProjectType.GENERIC, USUAL[ProjectType.GENERIC]


def _gradle(folder: Folder) -> Found | None:
    if not folder.first(*_GRADLE):
        return None
    gradle = _wrapper(folder, "gradlew", "gradle")
    if _is_android(folder):
        return _usual(ProjectType.ANDROID, f"{gradle} assembleDebug")
    return _usual(ProjectType.GRADLE, f"{gradle} build")


def _is_android(folder: Folder) -> bool:
    manifests = ("AndroidManifest.xml", "src/main/AndroidManifest.xml")
    if folder.first(*manifests, *(f"app/{name}" for name in manifests)):
        return True
    scripts = (
        *_GRADLE,
        "app/build.gradle",
        "app/build.gradle.kts",
        "gradle/libs.versions.toml",
    )
    return any(_ANDROID.search(folder.text(name)) for name in scripts)


def _maven(folder: Folder) -> Found | None:
    if not folder.has("pom.xml"):
        return None
    return _usual(ProjectType.MAVEN, f"{_wrapper(folder, 'mvnw', 'mvn')} -B verify")


def _wrapper(folder: Folder, name: str, tool: str) -> str:
    """Return how a tool is called: by the script that the project brings, where it does."""
    if not folder.has(name):
        return tool
    return f"./{name}" if folder.may_run(name) else f"sh {name}"


def _native_python(folder: Folder) -> Found | None:
    backend = _table(folder.toml("pyproject.toml"), "build-system").get("build-backend")
    if not isinstance(backend, str) or not backend.startswith(_NATIVE_BACKENDS):
        return None
    return _usual(ProjectType.PYTHON, _WHEEL)


def _cargo(folder: Folder) -> Found | None:
    return _usual(ProjectType.CARGO) if folder.has("Cargo.toml") else None


def _go(folder: Folder) -> Found | None:
    return _usual(ProjectType.GO) if folder.has("go.mod") else None


def _meson(folder: Folder) -> Found | None:
    return _usual(ProjectType.MESON) if folder.has("meson.build") else None


def _cmake(folder: Folder) -> Found | None:
    if not folder.has("CMakeLists.txt"):
        return None
    presets = folder.json("CMakePresets.json")
    configure = _preset(presets, "configurePresets", None)
    build = _preset(presets, "buildPresets", configure)
    if configure and build:
        command = f"cmake --preset {shlex.quote(configure)}"
        return _usual(
            ProjectType.CMAKE, f"{command} && cmake --build --preset {shlex.quote(build)}"
        )
    return _usual(ProjectType.CMAKE)


def _preset(presets: Mapping[str, Any], kind: str, of: str | None) -> str:
    """Return the name of the first preset that is shown, of a configuration where given."""
    several = presets.get(kind)
    for one in several if isinstance(several, list) else ():
        if not isinstance(one, dict) or one.get("hidden") or one.get("condition"):
            continue
        name = one.get("name")
        fits = of is None or one.get("configurePreset") == of
        if fits and isinstance(name, str) and _NAME.match(name):
            return name
    return ""


def _packaged_python(folder: Folder) -> Found | None:
    project = folder.toml("pyproject.toml")
    if "build-system" in project or "project" in project or folder.has("setup.py"):
        return _usual(ProjectType.PYTHON, _WHEEL)
    return None


def _node(folder: Folder) -> Found | None:
    if not folder.has("package.json"):
        return None
    package = folder.json("package.json")
    install, tool = _manager(folder, package)
    scripts = _table(package, "scripts")
    steps = [install]
    if _is_script(scripts.get("build")):
        steps.append(f"{tool} run build")
    elif _is_script(scripts.get("test")):
        steps.append(f"{tool} test")
    return _usual(ProjectType.NODE, " && ".join(steps))


def _manager(folder: Folder, package: Mapping[str, Any]) -> tuple[str, str]:
    """Return how packages are installed, and the tool, by the file that locks versions."""
    named = package.get("packageManager")
    wanted = named.partition("@")[0] if isinstance(named, str) else ""
    if folder.has("pnpm-lock.yaml"):
        return "pnpm install --frozen-lockfile", "pnpm"
    if folder.has("yarn.lock"):
        modern = folder.has(".yarnrc.yml")
        return "yarn install " + ("--immutable" if modern else "--frozen-lockfile"), "yarn"
    if folder.first("package-lock.json", "npm-shrinkwrap.json"):
        return "npm ci", "npm"
    return (
        (f"{wanted} install", wanted) if wanted in ("pnpm", "yarn") else ("npm install", "npm")
    )


def _is_script(script: object) -> bool:
    return isinstance(script, str) and bool(script.strip()) and _NO_TEST not in script


def _make(folder: Folder) -> Found | None:
    if folder.first(*_MAKEFILES):
        return _usual(ProjectType.MAKE)
    if folder.has("configure"):
        return _usual(ProjectType.MAKE, f"{_script(folder, 'configure')} && make")
    if folder.has("autogen.sh"):
        own = _script(folder, "autogen.sh")
        return _usual(ProjectType.MAKE, f"{own} && ./configure && make")
    if folder.first("configure.ac", "configure.in"):
        return _usual(ProjectType.MAKE, "autoreconf -fi && ./configure && make")
    return None


def _script(folder: Folder, name: str) -> str:
    return f"./{name}" if folder.may_run(name) else f"sh {name}"


def _loose_python(folder: Folder) -> Found | None:
    if folder.has("requirements.txt"):
        return _usual(ProjectType.PYTHON, _REQUIREMENTS)
    ours = any(re.match(r"test_.*\.py\Z", name) for name in folder.names)
    return _usual(ProjectType.PYTHON) if ours or folder.has("setup.cfg") else None


_SIGNS: Sequence[Callable[[Folder], Found | None]] = (
    _gradle,
    _maven,
    _native_python,
    _meson,  # of projects with parts in Rust it drives Cargo
    _cargo,
    _go,
    _cmake,
    _packaged_python,
    _node,
    _make,
    _loose_python,
)


def _usual(kind: ProjectType, command: str = "") -> Found:
    usual = USUAL[kind]
    return kind, Usual(command or usual.command, usual.artifact_patterns)


def _table(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = values.get(name)
    return found if isinstance(found, dict) else {}
