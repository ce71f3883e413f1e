"""What `nital evaluate properties` finds on published tables and on a generated law, with the figures to beat.

    python benchmarks/properties.py                        all tables, some 30 minutes on two cores
    python benchmarks/properties.py --table steel          one of steel, temper, mpea, hall_petch
    python benchmarks/properties.py --processes 2 --repeats 3 --json figures.json

The tables are read from NITAL_DATA (folder `tables`). They are development data: kinds of models and of inputs were
decided on while looking at inner scores of their training parts, so expect a little less on a table of your own.
The outer folds are run once; nothing was chosen by their scores but the share of columns that boosting sees.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import nital

DATA = Path(os.environ.get("NITAL_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data") / "tables"

TABLES: dict[str, dict[str, Any]] = {
    "steel": {
        "file": "steel_strength.csv", "target": "yield_strength_MPa", "folds": "matbench", "repeats": 1,
        "exclude": "matbench_order,formula,tensile_strength_MPa,elongation_pct,family_derived",
        "beat": {"chosen by nested selection": 79.0, "MLP ensemble": 95.0},
        "others": "TPOT-Mat 79.95, auto-sklearn 82.30, MODNet 87.76, RF-Magpie 103.51, CrabNet 107.32",
    },
    "temper": {
        "file": "temper_hardness.csv", "target": "hardness_HRC", "group": "heat", "exclude": "source,steel_grade",
        "beat": {"chosen by nested selection": 2.3}, "others": "physics Ridge 2.33, boosting with physics 2.30",
    },
    "mpea": {
        "file": "mpea.csv", "target": "hardness_HV", "group": "reference_id",
        "exclude": "doi,year,formula,alloy_system,microstructure,lattice,yield_strength_MPa,uts_MPa,elongation_pct,"
        "density_calc_g_cm3,grain_size_um,test_type,test_temperature_C",
        "beat": {"chosen by nested selection": 97.0}, "others": "extra trees with mixing rules 99.3",
    },
    "hall_petch": {"target": "hardness", "group": "heat", "beat": {}, "others": "noise ceiling 16.8 HV"},
}  # fmt: skip


def hall_petch(path: Path, rows: int = 300, seed: int = 11) -> None:
    """H = 100 + 200 d^-1/2 HV, small linear effects of T, Cr and Mn, scatter 21 HV: the law explains 92 %."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.uniform(np.log(0.5), np.log(100), rows))
    temperature, chromium, manganese = rng.uniform(20, 400, rows), rng.uniform(0, 2, rows), rng.uniform(0.2, 1.6, rows)
    hardness = 100 + 200 / np.sqrt(size) - 0.02 * (temperature - 200) + 4 * chromium + 3 * manganese
    hardness += rng.normal(0, 21, rows)
    heats = np.repeat(np.arange(rows // 5), 5)
    columns = (heats, size.round(4), temperature.round(1), chromium.round(3), manganese.round(3), hardness.round(1))
    lines = ["heat,grain_size_um,test_temperature_C,Cr_wtpct,Mn_wtpct,hardness_HV"]
    lines += [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(name: str, repeats: int | None, processes: int, why: bool) -> dict[str, Any]:
    """Evaluate one table and print what was found."""
    table, started = TABLES[name], time.perf_counter()
    print(f"\n== {name}", flush=True)

    def say(done: int, total: int, text: str) -> None:
        spent = time.perf_counter() - started
        left = f"{spent / done * (total - done):6.0f} s left" if done else ""
        print(f"   {spent:6.0f} s  {left}  {text}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        path = DATA / table["file"] if "file" in table else Path(folder) / "hall_petch.csv"
        if "file" not in table:
            hall_petch(path)
        report = nital.evaluate(
            "properties", path, target=table["target"], group=table.get("group"), exclude=table.get("exclude"),
            folds=table.get("folds", "group"), repeats=table.get("repeats", repeats), processes=processes, why=why,
            say=say,
        ).to_json()  # fmt: skip
    metric = report["metrics"][0]["name"]
    print(f"{metric:42s} {'on new groups':>14s} {'95 %':>16s} {'random rows':>12s} {'R2 pooled':>10s}")
    for row in report["models"]:
        if row[metric] is None:
            print(f"{row['name']:42s} not fitted: {row['reason']}")
            continue
        low, high = row[f"{metric}_ci95"]
        random = "-" if row["random_split_mae"] is None else f"{row['random_split_mae']:.3g}"
        print(
            f"{row['name']:42s} {row[metric]:14.4g} {f'{low:.3g} to {high:.3g}':>16s} "
            f"{random:>12s} {row['r2_pooled']:10.3f}"
        )
    print(f"verdict: {report['verdict']}")
    print(f"chosen: {report['chosen']}")
    for note in report["notes"]:
        print(f"- {note}")
    found = {row["name"]: row[metric] for row in report["models"]}
    for model, limit in table["beat"].items():
        print(f"{'met' if found[model] <= limit else 'MISSED'}: {model} {found[model]:.4g}, wanted at most {limit:g}")
    print(
        f"others on these data: {table['others']}; coverage {100 * report['coverage90']:.1f} %, "
        f"{report['seconds']:.0f} s"
    )
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--table", choices=[*TABLES, "all"], default="all")
    parser.add_argument("--repeats", type=int, default=1, help="of group folds; the official folds are run once")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--why", action="store_true", help="importance, dependence and learning curve too")
    parser.add_argument("--json", type=Path, help="write all reports there")
    arguments = parser.parse_args()
    names = list(TABLES) if arguments.table == "all" else [arguments.table]
    reports = {name: run(name, arguments.repeats, arguments.processes, arguments.why) for name in names}
    if len(names) > 1:
        real = [reports[name]["coverage90"] for name in ("steel", "temper", "mpea") if name in reports]
        print(f"\nmean coverage of 90 % intervals over the tables: {100 * float(np.mean(real)):.1f} %")
    if arguments.json:
        arguments.json.write_text(json.dumps(reports, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
