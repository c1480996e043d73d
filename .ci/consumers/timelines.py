"""Compares what other programs read out of the outputs of shellsift with its records: called by timelines.sh."""

import csv
import datetime
import json
import re
import socket
import subprocess
import sys
import threading

import openpyxl
import pycef
from timesketch_import_client import importer

PROGRAM, RESULTS, WORK = sys.argv[1:4]
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
failures = []


def check(what, is_right, detail=""):
    print(("ok    " if is_right else "WRONG ") + what + ("" if is_right else f": {detail}"))
    if not is_right:
        failures.append(what)


def microseconds(text):
    """A time of a record. Datetime has microseconds, records up to nine digits."""
    whole, fraction = re.fullmatch(r"(.{19})\.?(\d*)Z", text).groups()
    since = datetime.datetime.fromisoformat(whole + "+00:00") - EPOCH
    return (since.days * 86400 + since.seconds) * 10**6 + int((fraction + "000000")[:6])


def shown(text):
    """As the program shows text of the evidence; enough for names without exotic characters."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]", lambda c: f"<U+{ord(c[0]):04X}>", text)


def of_results():
    """The last record of each kind and id."""
    kinds = {}
    with open(RESULTS, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            own = record["shellsift"]
            kinds.setdefault(own["record"], {})[own["scan_id"], record["event"]["id"]] = record
    return {kind: list(records.values()) for kind, records in kinds.items()}


RECORDS = of_results()
FINDINGS = RECORDS.get("finding", [])
TIMES = {"accessed": "a", "mtime": "m", "ctime": "c", "created": "b"}
NAME_TIMES = {"name_accessed": "a", "name_modified": "m", "name_changed": "c", "name_created": "b"}


def bodyfile():
    """Every time of every finding is in the timeline that mactime makes."""
    expected = set()
    for finding in FINDINGS:
        ntfs = finding["shellsift"].get("ntfs", {})
        for times, which, mark in ((finding["file"], TIMES, ""), (ntfs, NAME_TIMES, " ($FILE_NAME)")):
            for field, letter in which.items():
                # mactime knows no time before 1970.
                if field in times and microseconds(times[field]) >= 10**6:
                    name = shown(finding["file"]["path"]) + mark + (" (deleted)" if ntfs.get("deleted") else "")
                    expected.add((microseconds(times[field]) // 10**6, letter, name))
    seen = set()
    with open(f"{WORK}/mactime.csv", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["Date"].startswith("0000"):
                continue  # not known
            second = int((datetime.datetime.fromisoformat(row["Date"].rstrip("Z") + "+00:00") - EPOCH).total_seconds())
            name = re.sub(r"^.*?: (?=[A-Z]:\\)", "", row["File Name"])
            seen.update((second, letter, name) for letter in row["Type"] if letter != ".")
    check(f"mactime shows {len(expected)} times of {len(FINDINGS)} findings", bool(seen) == bool(expected) and expected <= seen,
          f"{len(expected - seen)} missing, such as {sorted(expected - seen)[:3]}")
    check("and no others", seen <= expected, sorted(seen - expected)[:3])


class Importer(importer.ImportStreamer):
    """The importer of Timesketch, which keeps what it would upload."""

    def __init__(self):
        super().__init__()
        self.rows = []
        self._sketch = "none"

    def flush(self, end_stream=True):
        self.rows += self._data_lines
        self._data_lines = []


def timesketch():
    """The importer takes every line, and the times stay what they are."""
    path = f"{WORK}/out.timesketch.jsonl"
    upload = Importer()
    upload.add_file(path)
    upload.flush()
    with open(path, "rb") as lines:
        count = sum(1 for _ in lines)
    check(f"the importer of Timesketch takes {count} rows", len(upload.rows) == count, len(upload.rows))
    wrong = []
    for row in upload.rows:
        missing = [name for name in ("message", "datetime", "timestamp_desc", "timestamp") if not row.get(name) and row.get(name) != 0]
        since = datetime.datetime.fromisoformat(row["datetime"]) - EPOCH
        same = (since.days * 86400 + since.seconds) * 10**6 + since.microseconds == row["timestamp"]
        nested = [name for name, value in row.items() if isinstance(value, dict)]
        if missing or nested or not same:
            wrong.append((missing, nested, row["datetime"], row["timestamp"]))
    check("with message, datetime, timestamp_desc and the same timestamp, all flat", not wrong, wrong[:3])
    rows = {(row["timestamp"], row["timestamp_desc"], row["event_id"]) for row in upload.rows if "event_id" in row}
    expected = {
        (microseconds(finding["file"]["created"]), "Creation Time", finding["event"]["id"])
        for finding in FINDINGS if "created" in finding["file"]
    }
    check(f"{len(expected)} creation times among them", expected <= rows, sorted(expected - rows)[:3])
    ids = {row.get("event_id") for row in upload.rows}
    kinds = ("finding", "log_hit", "file_requests", "timeline_event", "health")
    lost = [record["event"]["id"] for kind in kinds for record in RECORDS.get(kind, []) if record["event"]["id"] not in ids]
    check("no record without a row", not lost, lost[:3])


def xlsx():
    """A spreadsheet reads text, numbers and dates, and the findings are all there."""
    book = openpyxl.load_workbook(f"{WORK}/out.xlsx")
    wanted = ["summary", "findings", "reasons", "timeline", "clients", "requests", "gaps", "patch level"]
    check("the workbook has its sheets", [name for name in book.sheetnames if name in wanted] == wanted, book.sheetnames)
    kinds, bad = set(), []
    for sheet in book.worksheets:
        if sheet.freeze_panes != "A2" or not (sheet.auto_filter.ref or "").startswith("A1:"):
            bad.append(sheet.title)
        kinds |= {cell.data_type for row in sheet.iter_rows() for cell in row}
        if any(cell.hyperlink for row in sheet.iter_rows() for cell in row):
            bad.append(sheet.title)
    check("with frozen headings and filters, without links", not bad, bad)
    check("no cell is a formula", "f" not in kinds and "e" not in kinds, kinds)
    sheet = book["findings"]
    heading = [cell.value for cell in sheet[1]]
    check("headings say UTC", all(name.endswith("(UTC)") for name in heading if re.match("created|modified|first req", name)), heading)
    rows = [dict(zip(heading, (cell.value for cell in row))) for row in sheet.iter_rows(min_row=2)]
    check(f"{len(FINDINGS)} findings", len(rows) == len(FINDINGS), len(rows))
    by_place = {(row["path"], row["sha256"], row["server"]): row for row in rows}
    wrong = []
    for finding in FINDINGS:
        file = finding["file"]
        key = (shown(file["path"]), file.get("hash", {}).get("sha256"), finding.get("host", {}).get("name"))
        row = by_place.get(key) or next((row for row in rows if row["path"] == key[0]), None)
        created = row and row["created (UTC)"]
        if not row or ("created" in file and key in by_place and isinstance(created, datetime.datetime)
                       and abs((created.replace(tzinfo=UTC) - EPOCH).total_seconds() * 10**6 - microseconds(file["created"])) > 1001):
            wrong.append((key, created, file.get("created")))
    check("with their paths and times", len(wrong) <= len(rows) - len(by_place), wrong[:3])


def unescaped(value):
    return re.sub(r"\\(.)", r"\1", value)


def cef():
    """An independent parser reads every line, and each finding, hit and end is there."""
    with open(f"{WORK}/out.cef", encoding="utf-8") as lines:
        lines = [line.rstrip("\n") for line in lines]
    # pycef ends a header at the first equals sign or backslash, which both may stand there: it gets other characters.
    header = re.compile(r"CEF:0\|(?:(?:[^\\|]|\\.)*\|){6}")
    plain = lambda match: re.sub(r"\\.|=", "/", match[0])
    events = [pycef.parse(header.sub(plain, line, count=1)) for line in lines]
    check(f"pycef reads {len(lines)} lines", all(events), [line[:100] for line, event in zip(lines, events) if not event][:3])
    events = [event for event in events if event]
    count = lambda kind: sum(1 for event in events if event.get("cat") == kind)
    for kind, records in (("finding", FINDINGS), ("log_hit", RECORDS.get("log_hit", [])), ("scan_end", RECORDS.get("scan_end", []))):
        check(f"{len(records)} events of {kind}", count(kind) == len(records), count(kind))
    check("severities 0 to 10", all(0 <= int(event["Severity"]) <= 10 for event in events), {event["Severity"] for event in events})
    paths = {unescaped(event.get("filePath", "")) for event in events}
    names = [finding["file"]["path"] for finding in FINDINGS if len(finding["file"]["path"]) < 1000]
    lost = [name for name in names if re.sub(" $", "<U+0020>", shown(name)) not in paths]
    check("with their paths", not lost, lost[:3])
    return lines


HEADER = re.compile(rb"<(\d{1,3})>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z \S+ shellsift \d+ \S+ - ")


def send(format, transport, port):
    command = [PROGRAM, "report", RESULTS, "-f", format, "-o", f"{transport}://127.0.0.1:{port}"]
    run = subprocess.run(command, stderr=subprocess.PIPE, check=False)
    return run.returncode, run.stderr.decode(errors="replace")


def syslog(lines):
    """A receiver on the loopback gets the lines of the file, framed as RFC 5424 and RFC 6587 say."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = []

        def take():
            connection, _ = server.accept()
            with connection:
                while chunk := connection.recv(65536):
                    taken.append(chunk)

        thread = threading.Thread(target=take)
        thread.start()
        code, error = send("cef", "tcp", server.getsockname()[1])
        thread.join(timeout=60)
    check("a TCP receiver is written to", code not in (2, 101), error)
    stream, messages = b"".join(taken), []
    while stream:
        length, _, stream = stream.partition(b" ")
        messages.append(stream[:int(length)])
        stream = stream[int(length):]
    check(f"{len(messages)} messages with their lengths", all(HEADER.match(one) and b"\n" not in one for one in messages))
    contents = [HEADER.sub(b"", one, count=1).decode() for one in messages]
    check("which are the lines of the file", contents == lines, f"{len(contents)} of {len(lines)}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(1)
        code, error = send("cef", "udp", receiver.getsockname()[1])
        datagrams = []
        try:
            while True:
                datagrams.append(receiver.recv(65536))
        except TimeoutError:
            pass
    check("a UDP receiver is written to", code not in (2, 101), error)
    # Datagrams may be lost, and nobody hears of it.
    contents = {HEADER.sub(b"", one, count=1).decode() for one in datagrams}
    check("one message per datagram", bool(datagrams) and contents <= set(lines), f"{len(datagrams)} of {len(lines)}")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    code, error = send("cef", "tcp", port)
    check("where nobody listens, it is an error of the output", code == 2 and "cannot write" in error, f"{code} {error}")


bodyfile()
timesketch()
xlsx()
syslog(cef())
sys.exit(f"{len(failures)} checks failed" if failures else 0)
