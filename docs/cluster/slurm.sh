#!/usr/bin/env bash
# A scheduler, a worker on every task, and one exploration that goes on from its file if the time was not enough:
#
#   sbatch slurm.sh
#
# The working folder is shared by all nodes; .venv in it has `crosslayer[cluster]` and your plugins.
#SBATCH --job-name=crosslayer
#SBATCH --ntasks=100
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=1G
#SBATCH --time=08:00:00
set -euo pipefail
export PATH="$PWD/.venv/bin:$PATH"
file="$PWD/scheduler-${SLURM_JOB_ID:?to be run by sbatch}.json"
trap 'rm -f "$file"; kill $(jobs -p) 2>/dev/null || true' EXIT

dask scheduler --port 0 --no-dashboard --scheduler-file "$file" &
until [[ -s $file ]]; do sleep 1; done
address="$(python -c 'import json, sys; print(json.load(open(sys.argv[1]))["address"])' "$file")"

srun --overlap dask worker "$address" --nthreads 1 --no-nanny --no-dashboard &
crosslayer explore --deviations 2 --cluster "$address" --resume two.json
