/usr/bin/python3 -m venv --without-pip venv
venv/bin/python -c 'import sys; print(sys.prefix)'
mkdir -p pkg/thing
touch pkg/thing/__init__.py
PYTHONPATH=pkg venv/bin/python -m unittest discover -q || true
venv/bin/python -m pydoc -w json >/dev/null
ls
