import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]
HEAVY = ("onnxruntime", "scipy", "matplotlib", "skimage", "PIL", "numpy", "torch", "numba")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom nital.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stderr.strip() == "[]"
    assert "predict" in answer.stdout


@pytest.mark.parametrize("verb", ["predict", "train", "evaluate", "synth"])
def test_every_verb_lists_the_jobs(verb: str, nital: Run) -> None:
    code, out, _ = nital(verb, "--help")
    assert code == 0
    assert "grains" in out


def test_flags_of_a_job_come_from_its_options(nital: Run) -> None:
    _, out, _ = nital("predict", "grains", "--help")
    for words in ("--pixel-size-um FLOAT", "--twins [merge|count]", "[default: merge]", "--page INTEGER"):
        assert words in out


def test_list_gives_one_json_object_per_job(nital: Run) -> None:
    code, out, _ = nital("list", "--json")
    jobs = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    grains = next(job for job in jobs if job["job"] == "grains")
    assert {"tiny", "lecture", "bundled"} <= set(grains["recipes"])


def test_doctor_names_what_is_missing_and_the_command(nital: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from nital.runs import doctor

    monkeypatch.setattr(doctor, "EXTRAS", {"em": {"rosettasciio": "a_module_that_is_not_there"}})
    _, out, _ = nital("doctor")
    assert "missing rosettasciio; pip install 'nital[em]'" in out
    assert "onnxruntime" in out


def test_doctor_fails_when_a_bundled_model_is_damaged(
    nital: Run, dark_line_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nital.runs import doctor

    for file in dark_line_model.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(doctor, "bundled", lambda job: tmp_path)
    assert nital("doctor")[0] == 0
    (tmp_path / "model.onnx").write_bytes(b"changed")
    code, out, _ = nital("doctor")
    assert code == 1
    assert "changed or damaged" in out


def test_doctor_json_states_versions_and_threads(nital: Run) -> None:
    facts = json.loads(nital("doctor", "--json")[1])
    assert facts["threads"] >= 1
    assert facts["engines"]["numpy"].count(".") >= 1
    assert set(facts["extras"]) == {"train", "pretrained", "em", "tables", "teach", "scale"}
