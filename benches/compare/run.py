#!/usr/bin/env python3
"""Times the same work with metapool and with what else is installed, one after the other, and says what is missing.

    python3 benches/compare/run.py [--bin target/release/metapool] [--groups 100000] [--files 10] [--rows 1000000]

Looks for Rscript with metafor, Python's PyMARE, statsmodels and polars, and METAL or plink on the path. Wall seconds of
whole processes, made data with a fixed seed, nothing kept.
"""
import argparse, importlib.util, os, shutil, subprocess, sys, tempfile, time
from random import Random


def timed(command, **options):
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, **options)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        return None, (done.stderr or done.stdout).strip().splitlines()[-1:]
    return seconds, None


def show(work, tool, outcome):
    seconds, trouble = outcome
    print(f"{work:34} {tool:24} " + (f"{seconds:10.3f} s" if seconds is not None else f"failed: {trouble}"), flush=True)


PYMARE = """
import numpy as np, sys
from pymare import Dataset
from pymare.estimators import DerSimonianLaird
d = np.loadtxt(sys.argv[1], delimiter=',', skiprows=1, usecols=(1, 2))
y, v = d[:, 0].reshape(-1, 10).T, d[:, 1].reshape(-1, 10).T
print(DerSimonianLaird().fit_dataset(Dataset(y=y, v=v)).summary().get_fe_stats()['est'].sum())
"""
STATSMODELS = """
import numpy as np, sys
from statsmodels.stats.meta_analysis import combine_effects
d = np.loadtxt(sys.argv[1], delimiter=',', skiprows=1, usecols=(1, 2))
for g in range(min(1000, len(d) // 10)):
    combine_effects(d[10 * g:10 * g + 10, 0], d[10 * g:10 * g + 10, 1], method_re='dl')
"""
POLARS = """
import glob, sys, polars as pl
w = 1 / pl.col('SE') ** 2
rows = pl.concat([pl.scan_csv(f, separator='\\t') for f in sorted(glob.glob(sys.argv[1] + '/cohort*.tsv'))])
sums = rows.select('MARKER', w=w, wy=w * pl.col('BETA'), wyy=w * pl.col('BETA') ** 2).group_by('MARKER').agg(
    pl.len().alias('k'), pl.col('w').sum(), pl.col('wy').sum(), pl.col('wyy').sum())
out = sums.with_columns(estimate=pl.col('wy') / pl.col('w'), q=pl.col('wyy') - pl.col('wy') ** 2 / pl.col('w'))
out.collect(engine='streaming').write_csv(sys.argv[1] + '/polars.csv')
"""
METAFOR = """
suppressMessages(library(metafor)); d <- read.csv(commandArgs(TRUE)[1], nrows = 3000)
for (g in split(d, d$group)) try(rma(yi, vi, data = g, test = "knha"), silent = TRUE)
"""
METAL = "SCHEME STDERR\nMARKER MARKER\nALLELE A1 A2\nEFFECT BETA\nSTDERR SE\n{processes}ANALYZE HETEROGENEITY\nQUIT\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="target/release/metapool")
    parser.add_argument("--groups", type=int, default=100_000)
    parser.add_argument("--files", type=int, default=10)
    parser.add_argument("--rows", type=int, default=1_000_000)
    args = parser.parse_args()
    if not os.path.exists(args.bin):
        sys.exit(f"{args.bin} is not there: build it with `cargo build --release`, or name it with --bin")
    plink = shutil.which("plink1.9") or shutil.which("plink")
    python = lambda name: importlib.util.find_spec(name) is not None
    r = shutil.which("Rscript")
    has_metafor = bool(r) and timed([r, "-e", "library(metafor)"])[0] is not None
    missing = [name for name, there in [
        ("metafor", has_metafor), ("PyMARE", python("pymare")), ("statsmodels", python("statsmodels")),
        ("polars for Python", python("polars")), ("METAL", bool(shutil.which("metal"))),
        ("plink 1.9", bool(plink))] if not there]
    random = Random(1)
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "groups.csv")
        with open(table, "w") as f:
            f.write("group,yi,vi\n")
            for g in range(args.groups):
                for _ in range(10):
                    v = random.uniform(0.01, 0.3)
                    f.write(f"{g:07},{random.gauss(0, v ** 0.5 + 0.2):.6f},{v:.6f}\n")
        work = f"{args.groups} groups of 10 studies"
        out = os.path.join(folder, "out.csv")
        for tau2 in ["DL", "REML"]:
            show(work, f"metapool {tau2}", timed([args.bin, "mass", table, "--by", "group", "--tau2", tau2, "-q", "-o", out]))
        if python("pymare"):
            show(work, "PyMARE DL", timed([sys.executable, "-c", PYMARE, table]))
        if python("statsmodels"):
            show("1000 groups of 10 studies", "statsmodels DL", timed([sys.executable, "-c", STATSMODELS, table]))
        if has_metafor:
            script = os.path.join(folder, "metafor.R")
            with open(script, "w") as f:
                f.write(METAFOR)
            show("300 groups of 10 studies", "metafor REML", timed([r, script, table]))
        os.remove(table)
        for c in range(args.files):
            with open(os.path.join(folder, f"cohort{c}.tsv"), "w") as f:
                f.write("MARKER\tA1\tA2\tBETA\tSE\n")
                for i in range(args.rows):
                    se = random.uniform(0.03, 0.1)
                    f.write(f"rs{i + 1000}\tA\tG\t{se * random.uniform(-2, 2):.6f}\t{se:.6f}\n")
        work = f"{args.files} files of {args.rows} rows"
        cohorts = os.path.join(folder, "cohort*.tsv")
        estimates = ("k,common_estimate,common_se,common_p_value,q,q_p_value,estimate,se,p_value,tau2,i2,"
                     "estimate_DL,se_DL,p_value_DL,tau2_DL,i2_DL")
        for what, ending, select in [("estimates", "csv", ["--select", estimates]), ("all columns", "csv", []),
                                     ("estimates", "parquet", ["--select", estimates]), ("all columns", "parquet", [])]:
            result = os.path.join(folder, f"pooled.{ending}")
            command = [args.bin, "mass", cohorts, "--key", "MARKER", "-c", "estimate=BETA,se=SE", "--tau2", "REML,DL",
                       "-q", "-o", result] + select
            show(work, f"metapool, {what}, {ending}", timed(command))
            os.remove(result)
        if python("polars"):
            show(work, "polars, common and Q", timed([sys.executable, "-c", POLARS, folder]))
        if shutil.which("metal"):
            processes = "".join(f"PROCESS cohort{c}.tsv\n" for c in range(args.files))
            show(work, "METAL", timed(["metal"], input=METAL.format(processes=processes), cwd=folder))
        if plink:
            files = [os.path.join(folder, f"cohort{c}.tsv") for c in range(args.files)]
            fields = ["+", "qt", "no-map", "--meta-analysis-snp-field", "MARKER", "--meta-analysis-se-field", "SE"]
            command = [plink, "--meta-analysis", *files, *fields, "--out", os.path.join(folder, "plink")]
            show(work, "plink 1.9", timed(command))
    if missing:
        print("not installed here: " + ", ".join(missing))


if __name__ == "__main__":
    main()
