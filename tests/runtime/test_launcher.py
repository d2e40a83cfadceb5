"""The launcher: what keeps it from starting is one clear line."""

import socket

import pytest

from runtime.launcher import PROJECT, CannotStart, require_free, require_model, wanted_port

# As `python -m runtime.launcher`, for another folder.
LAUNCH_IN = """
import pathlib, sys, runtime.launcher as launcher
launcher.PROJECT = pathlib.Path(sys.argv[1])
launcher.main()
"""


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def only_line(result):
    assert result.returncode not in (0, None)
    assert result.stdout == ""
    (line,) = result.stderr.strip().splitlines()
    return line


def test_taken_port_is_one_line_with_the_remedy(run_python, taken_port):
    line = only_line(run_python("-m", "runtime.launcher", PORT=str(taken_port)))
    assert line.startswith(f"Port {taken_port} is taken")
    assert "make run PORT=" in line


def test_senseless_port_is_one_line_with_the_remedy(run_python):
    line = only_line(run_python("-m", "runtime.launcher", PORT="five"))
    assert "PORT=five is not a port" in line


def test_unknown_log_format_is_one_line_with_the_remedy(run_python):
    line = only_line(run_python("-m", "runtime.launcher", LOG_FORMAT="xml", PORT=str(free_port())))
    assert line == "LOG_FORMAT=xml is not known; use text or json"


def test_data_folder_that_is_missing_is_one_line_with_the_remedy(run_python, tmp_path):
    folder = str(tmp_path / "none")
    line = only_line(run_python("-m", "runtime.launcher", DATA_DIR=folder, PORT=str(free_port())))
    assert line == f"DATA_DIR={folder} is no folder; make it, or name another"


def test_model_is_looked_for_where_the_operator_says(run_python, tmp_path):
    line = only_line(
        run_python("-m", "runtime.launcher", MODEL_DIR=str(tmp_path), PORT=str(free_port()))
    )
    assert "no model" in line


def test_missing_model_is_one_line_with_the_remedy(run_python, tmp_path):
    line = only_line(run_python("-c", LAUNCH_IN, str(tmp_path), PORT=str(free_port())))
    assert "make train" in line


def test_model_that_cannot_be_read_ends_with_one_line_and_the_remedy(run_python, tmp_path):
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "models" / "other.tar.gz").write_bytes(b"not a model")
    for file in ("endpoints.yml", "credentials.yml"):
        (project / file).symlink_to(PROJECT / file)
    settings = {"PORT": str(free_port()), "ALLOW_UNCHECKED_MODEL": "1", "HOST": "127.0.0.1"}
    result = run_python("-c", LAUNCH_IN, str(project), **settings)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("The model cannot be read")
    assert "make train" in result.stderr.splitlines()[-1]
    assert "trying to serve" not in result.stdout + result.stderr
    assert "is at http" not in result.stdout


@pytest.mark.parametrize("text", ["0", "65536", "-1", "80.5", "5005 ", "five", "²", "1e3"])
def test_no_port_number_is_refused(text):
    with pytest.raises(CannotStart, match="is not a port"):
        wanted_port(text)


@pytest.mark.parametrize(("text", "port"), [("", 5005), ("1", 1), ("65535", 65535)])
def test_port_number_is_taken_as_it_is(text, port):
    assert wanted_port(text) == port


def test_free_port_is_accepted_again_right_after_use(taken_port):
    with pytest.raises(CannotStart, match="is taken"):
        require_free(taken_port)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            other.accept()[0].close()
    require_free(port)


def test_folder_without_a_model_is_refused(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(CannotStart, match="no model"):
        require_model(tmp_path)


def test_folder_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(CannotStart, match="no model"):
        require_model(tmp_path / "models")
