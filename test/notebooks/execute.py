"""Executes notebooks with nbclient by the kernel that they name, all side by side, and writes the executed copies.

usage: execute.py OUT_FOLDER FILE.ipynb...
"""

import asyncio
import os
import sys

import nbclient
import nbformat


async def execute(file, out):
    notebook = nbformat.read(file, as_version=4)
    client = nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": out}})
    await client.async_execute()
    nbformat.validate(notebook)
    nbformat.write(notebook, os.path.join(out, os.path.basename(file)))


async def main(out, *files):
    await asyncio.gather(*(execute(file, out) for file in files))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
