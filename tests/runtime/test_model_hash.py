"""A model that is not the one that was trained is not loaded."""

import os
import pickle
import tarfile

import pytest

from runtime.launcher import CannotStart, require_model
from runtime.model_hash import ModelRefusedError, check_hash, newest_model, sha256, write_hash

LAUNCH_IN = """
import pathlib, sys, runtime.launcher as launcher
launcher.PROJECT = pathlib.Path(sys.argv[1])
launcher.main()
"""


@pytest.fixture
def model(tmp_path):
    (tmp_path / "models").mkdir()
    model = tmp_path / "models" / "guide.tar.gz"
    model.write_bytes(b"a trained model")
    return model


def test_model_as_it_was_trained_is_accepted(model):
    write_hash(model)
    assert check_hash(model)
    require_model(model.parent)


def test_hash_file_is_one_that_sha256sum_reads(model):
    assert write_hash(model).read_text() == f"{sha256(model)}  guide.tar.gz\n"


@pytest.mark.parametrize("content", [b"another model", b"a trained mode", b""])
def test_changed_model_is_refused_in_one_line_with_the_remedy(model, content):
    write_hash(model)
    model.write_bytes(content)
    with pytest.raises(CannotStart, match=r"^guide.tar.gz is not the model .*`make train`$"):
        require_model(model.parent)


@pytest.mark.parametrize("content", ["", "\n", "not a hash", "0" * 64])
def test_broken_hash_file_is_refused(model, content):
    write_hash(model).write_text(content)
    with pytest.raises(ModelRefusedError):
        check_hash(model)


def test_model_without_a_hash_is_refused_in_one_line_with_the_remedies(model):
    with pytest.raises(CannotStart, match=r"^guide.tar.gz has no guide.tar.gz.sha256 .*$") as end:
        require_model(model.parent)
    for remedy in ("`make train`", "MODEL_SHA256", "ALLOW_UNCHECKED_MODEL=1"):
        assert remedy in str(end.value)


def test_model_without_a_hash_is_loaded_where_the_operator_allows_it(model, monkeypatch, capsys):
    monkeypatch.setenv("ALLOW_UNCHECKED_MODEL", "1")
    require_model(model.parent)
    assert "not checked" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "0", "no"])
def test_anything_but_1_allows_nothing(model, monkeypatch, text):
    monkeypatch.setenv("ALLOW_UNCHECKED_MODEL", text)
    with pytest.raises(CannotStart):
        require_model(model.parent)


def test_model_that_differs_is_refused_whatever_is_allowed(model, monkeypatch):
    monkeypatch.setenv("ALLOW_UNCHECKED_MODEL", "1")
    write_hash(model)
    model.write_bytes(b"another model")
    with pytest.raises(CannotStart):
        require_model(model.parent)


def test_model_of_plain_rasa_train_has_its_hash_beside_it(run_python, tiny_project):
    project = tiny_project()
    done = run_python("-m", "rasa", "train", "--quiet", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    require_model(project / "models")
    assert check_hash(newest_model(project / "models"))


def test_planted_model_without_a_hash_is_not_loaded_because_it_is_the_newest(model):
    write_hash(model)
    newer = model.with_name("newer.tar.gz")
    newer.write_bytes(b"planted")
    os.utime(newer, (model.stat().st_mtime + 10,) * 2)
    with pytest.raises(CannotStart, match=r"newer.tar.gz"):
        require_model(model.parent)


def test_hash_that_the_operator_has_pinned_beats_a_file_that_was_changed_too(model, monkeypatch):
    monkeypatch.setenv("MODEL_SHA256", sha256(model).upper())
    assert check_hash(model)
    model.write_bytes(b"another model")
    write_hash(model)
    with pytest.raises(ModelRefusedError, match="MODEL_SHA256"):
        check_hash(model)


def test_newest_model_is_the_one_that_is_checked(model):
    write_hash(model)
    newer = model.with_name("newer.tar.gz")
    newer.write_bytes(b"planted")
    newer.with_name("newer.tar.gz.sha256").write_text("0" * 64)
    os.utime(newer, (model.stat().st_mtime + 10,) * 2)
    assert newest_model(model.parent) == newer
    with pytest.raises(CannotStart, match=r"newer.tar.gz"):
        require_model(model.parent)


class Payload:
    """What an attacker would put into a model: loading it runs a command."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return (open, (str(self.file), "w"))


def test_planted_model_is_not_even_opened(model, run_python, tmp_path, free_port):
    write_hash(model)
    pickled, mark = tmp_path / "classifier.pkl", tmp_path / "was here"
    pickled.write_bytes(pickle.dumps(Payload(mark)))
    with tarfile.open(model, "w:gz") as archive:
        archive.add(pickled)
    result = run_python("-c", LAUNCH_IN, str(tmp_path), PORT=str(free_port))
    assert result.returncode == 1 and "is not the model" in result.stderr
    assert not mark.exists()
