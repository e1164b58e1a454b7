"""Runs a command and prints what it took: python measure.py COMMAND ARGUMENT ..."""
import json
import resource
import subprocess
import sys
import time

start = time.perf_counter()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
seconds = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"status": status, "seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "kib": used.ru_maxrss}))
