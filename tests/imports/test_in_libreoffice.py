"""What is exported is counted with in LibreOffice: numbers are numbers there, and dates dates."""

import csv
import subprocess
import zipfile
from datetime import date
from pathlib import Path

from autohub.kit import tabular

ROW = '<row r="9"><c r="A9"><f>SUM(B2:B3)</f></c><c r="B9"><f>YEAR(MAX(C2:C3))</f></c></row>'
UNICODE = "csv:Text - txt - csv (StarCalc):44,34,76"


def test_sums_and_years_come_out(tmp_path: Path) -> None:
    rows = [["Ada", 1.25, date(2024, 2, 29)], ["Émile", 41, date(2026, 12, 31)]]
    plain, counted = tmp_path / "plain.xlsx", tmp_path / "counted.xlsx"
    tabular.write(plain, "xlsx", ["Name", "Hours", "Day"], rows)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(counted, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name.endswith("sheet1.xml"):
                text = text.replace(b"</sheetData>", f"{ROW}</sheetData>".encode())
            target.writestr(name, text)
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless"]
        + ["--convert-to", UNICODE, "--outdir", str(tmp_path), str(counted)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    with (tmp_path / "counted.csv").open(encoding="utf-8") as file:
        assert list(csv.reader(file))[-1][:2] == ["42.25", "2026"]
