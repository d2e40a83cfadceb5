"""README.md tells the truth about verbs, folders and environment variables; it and the other
documents do about files.
"""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
README = PROJECT / "README.md"

# Folders that tools make; .gitignore keeps them out of the repository.
GENERATED = {"models", "results", "node_modules", "__pycache__"}

# Where the project's own code reads the environment.
CODE = ("actions", "channels", "components", "editorial", "evaluation", "runtime", "store", "tests")
READ_IN_PYTHON = re.compile(r"environ(?:\.get\(|\.setdefault\(|\[)\s*[\"']([A-Z][A-Z0-9_]+)[\"']")
NAMED_BY_CONSTANT = re.compile(r"environ(?:\.get\(|\[)\s*(?:\w+\.)?([A-Z][A-Z0-9_]+)\b")
READ_IN_MAKEFILE = re.compile(r"^([A-Z][A-Z0-9_]+)\s*\?=", re.M)
READ_IN_SHELL = re.compile(r"\$\{([A-Z][A-Z0-9_]+):-")
READ_IN_YAML = re.compile(r"\$\{([A-Z][A-Z0-9_]+)\}")
NAMED_IN_README = re.compile(r"`\$?\{?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)(?:=[^`]*)?\}?`")

DOCUMENTS = [
    *("README.md", "CONTRIBUTING.md", "SECURITY.md", "evaluation/README.md"),
    "encoder_build/README.md",
    *(f"docs/{path.name}" for path in sorted((PROJECT / "docs").glob("*.md"))),
]
LINK = re.compile(r"\]\(([^)#\s:]+)[)#]")
NAMED_FILE = re.compile(r"`([\w.]+(?:/[\w.-]+)+\.\w+)`")
WRITTEN_FILE = re.compile(r"\bresults/([\w./-]+\.\w+)")
# Named as what a reader is to write.
EXAMPLES = {"content/topics/bathing.yml"}

# Set by us for the libraries, for nobody to choose; NAMES is the example in credentials.yml.
NOT_FOR_READERS = {
    "LOG_LEVEL",
    "LOG_LEVEL_LIBRARIES",
    "NAMES",
    "OMP_NUM_THREADS",
    "ORT_DISABLE_TELEMETRY",
    "RASA_TELEMETRY_ENABLED",
    "SENTRY_DSN",
}


@pytest.fixture(scope="module")
def readme():
    if not README.exists():
        pytest.skip("README.md has not been written yet")
    return README.read_text(encoding="utf-8")


def verbs():
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    return re.findall(r"^([a-z][a-z-]*):.*## ", makefile, re.M)


def folders():
    return [
        path.name
        for path in sorted(PROJECT.iterdir())
        if path.is_dir() and not path.name.startswith(".") and path.name not in GENERATED
    ]


def variables_read():
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    found = set(READ_IN_MAKEFILE.findall(makefile))
    files = [file for folder in CODE for file in (PROJECT / folder).rglob("*.py")]
    python = "\n".join(file.read_text(encoding="utf-8") for file in files)
    found |= set(READ_IN_PYTHON.findall(python))
    for constant in NAMED_BY_CONSTANT.findall(python):
        found |= set(re.findall(rf"^{constant}\s*=\s*\"([A-Z0-9_]+)\"", python, re.M))
    for file in (PROJECT / "runtime").glob("*.sh"):
        found |= set(READ_IN_SHELL.findall(file.read_text(encoding="utf-8")))
    for file in ("credentials.yml", "endpoints.yml"):
        found |= set(READ_IN_YAML.findall((PROJECT / file).read_text(encoding="utf-8")))
    return found - NOT_FOR_READERS


def variables_named(readme):
    """Only names of two words or `NAME=value`, or that are read: GP and RF1 are no variables."""
    named = set(NAMED_IN_README.findall(readme)) | set(re.findall(r"\b([A-Z_]{3,})=", readme))
    return {name for name in named if "_" in name or f"{name}=" in readme}


@pytest.mark.parametrize("verb", verbs())
def test_make_verb_is_in_the_readme(readme, verb):
    assert re.search(rf"make {verb}\b(?!-)", readme)


def test_readme_names_no_make_verb_that_does_not_exist(readme):
    named = set(re.findall(r"`(?:[A-Z_]+=\S+ )?make ([a-z][a-z-]*)", readme))
    assert named <= set(verbs())


@pytest.mark.parametrize("folder", folders())
def test_folder_is_in_the_readmes_map(readme, folder):
    assert re.search(rf"\b{folder}/", readme)


def test_map_names_no_folder_that_does_not_exist(readme):
    named = re.findall(r"^\s*[│├└─ ]*`?([a-z_]+)/`?\s", readme, re.M)
    assert [folder for folder in named if not (PROJECT / folder).is_dir()] == []


@pytest.mark.parametrize("variable", sorted(variables_read()))
def test_environment_variable_is_in_the_readme(readme, variable):
    assert variable in readme


def test_readme_names_no_environment_variable_that_nothing_reads(readme):
    unread = variables_named(readme) - variables_read() - NOT_FOR_READERS
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert {name for name in unread if name not in makefile} == set()


def test_makefile_and_python_are_read_for_variables():
    assert {"PORT", "HOST"} <= variables_read()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_a_document_names_are_there(document):
    text = (PROJECT / document).read_text(encoding="utf-8")
    beside = (PROJECT / document).parent
    linked = {link for link in LINK.findall(text) if not (beside / link).exists()}
    named = {
        file
        for file in NAMED_FILE.findall(text)
        if not file.startswith("results/")
        and not any((at / file).exists() for at in (PROJECT, beside))
    }
    assert linked | named <= EXAMPLES


@pytest.mark.parametrize("document", DOCUMENTS)
def test_results_that_a_document_promises_are_written_by_something(document):
    text = (PROJECT / document).read_text(encoding="utf-8")
    code = [(PROJECT / "Makefile").read_text(encoding="utf-8")]
    code += [
        f.read_text(encoding="utf-8") for folder in CODE for f in (PROJECT / folder).rglob("*.py")
    ]
    written = "\n".join(code).replace('" / "', "/")
    for file in set(WRITTEN_FILE.findall(text)):
        folder, _, name = f"results/{file}".rpartition("/")
        assert folder in written and re.search(rf"[\"/]{re.escape(name)}\b", written), file
