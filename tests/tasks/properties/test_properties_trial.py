"""The small table that the job is tried on."""

from pathlib import Path

from nital.io.tables import read_table
from nital.tasks.properties.task import TASK


def test_it_has_forty_rows_of_eight_heats_and_a_unit_in_its_headers(tmp_path: Path) -> None:
    path, options = TASK.trial_data(tmp_path)
    table = read_table(path)
    assert len(table.numeric(options["target"])) == 40
    assert len(set(table.text(options["group"]))) == 8
    assert table.units["hardness [HV]"] == "HV"
