#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What one machine does a second: the real daemon, signed payloads over loopback, 64 kept connections.

Durable, signed and scanned: an answer counts only when it is 200, which sigilod gives after the commit. Each series is
run several times; medians are printed, since machines are noisy. `--large` also fills the vault to 1,000,000 records
and measures there.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/e2e"))
from appliance import SECRET, Appliance  # noqa: E402


def memory(pid):
    """Resident and peak resident memory in MiB."""
    fields = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status") if ":" in line)
    return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))


def cpu_seconds(pid):
    parts = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / 100


class Bench:
    def __init__(self, appliance, options):
        self.appliance, self.options, self.next = appliance, options, 0

    def load(self, messages, connections):
        done = subprocess.run(
            [str(self.appliance.bin / "bench_load"), "--port", str(self.appliance.port), "--secret", SECRET,
             "--messages", str(messages), "--first", str(self.next), "--connections", str(connections),
             "--parties", str(self.options.parties)],
            check=True, capture_output=True, text=True)
        self.next += messages
        result = json.loads(done.stdout)
        if result["refused"]:
            print(f"  {result['refused']} answers were not 200", file=sys.stderr)
        return result

    def series(self, name, connections, messages, runs):
        results = []
        for _ in range(runs):
            before = cpu_seconds(self.appliance.daemon.pid)
            result = self.load(messages, connections)
            result["cpu_us"] = (cpu_seconds(self.appliance.daemon.pid) - before) / messages * 1e6
            results.append(result)
        rss, peak = memory(self.appliance.daemon.pid)
        row = {"name": name, "connections": connections, "messages": messages, "runs": runs,
               **{key: statistics.median(result[key] for result in results)
                  for key in ("per_second", "p50_ms", "p99_ms", "cpu_us")},
               "min_per_second": min(result["per_second"] for result in results),
               "max_per_second": max(result["per_second"] for result in results),
               "rss_mib": round(rss, 1), "peak_mib": round(peak, 1)}
        print(f"{name:28} {connections:4} connections: {row['per_second']:8,.0f}/s "
              f"({row['min_per_second']:,.0f} to {row['max_per_second']:,.0f}), median {row['p50_ms']:.2f} ms, "
              f"99 % {row['p99_ms']:.2f} ms, {row['cpu_us']:.0f} µs CPU a message, "
              f"resident {rss:.0f} MiB (peak {peak:.0f})", flush=True)
        return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--messages", type=int, default=60_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--parties", type=int, default=2_000)
    parser.add_argument("--large", action="store_true", help="also at 1,000,000 records")
    parser.add_argument("--records", type=int, default=1_000_000, help="size of the large vault")
    parser.add_argument("--directory", help="where the vault lies (default: a temporary directory)")
    parser.add_argument("--json", help="write the rows to this file")
    options = parser.parse_args()
    rows = []
    with Appliance(options.bin, mail=False, directory=options.directory) as appliance:
        appliance.init()
        appliance.start()
        bench = Bench(appliance, options)
        bench.load(2_000, 16)  # warm-up
        rows.append(bench.series("empty vault", 64, options.messages, options.runs))
        rows.append(bench.series("sixteen senders", 16, options.messages // 2, options.runs))
        rows.append(bench.series("one sender", 1, options.messages // 12, options.runs))
        rows.append(bench.series("many senders", 256, options.messages, options.runs))
        if options.large:
            begin = time.monotonic()
            missing = options.records - bench.next
            if missing > 0:
                bench.load(missing, 64)
                print(f"filled to {bench.next:,} records in {time.monotonic() - begin:.0f} s", flush=True)
            rows.append(bench.series(f"vault of {bench.next:,}", 64, options.messages, options.runs))
            print(f"large : empty = {rows[-1]['per_second'] / rows[0]['per_second']:.2f}")
            size = sum(path.stat().st_size for path in appliance.vault.glob("vault.db*"))
            print(f"bytes a record on disk: {size / bench.next:,.0f}")
        verified = appliance.cli("verify", "--depth", "tree", as_json=True)[0]
        print(f"verification (tree) of {verified['records']:,} records: {'clean' if verified['ok'] else 'PROBLEMS'}")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
