"""Executes notebooks with nbclient, three at a time, and writes the executed copies.

usage: execute.py KERNEL OUT_FOLDER FILE.ipynb...
"""

import asyncio
import os
import sys

import nbclient
import nbformat


async def execute(kernel, file, out, turns):
    notebook = nbformat.read(file, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name=kernel, resources={"metadata": {"path": out}}
    )
    async with turns:
        await client.async_execute()
    nbformat.validate(notebook)
    nbformat.write(notebook, os.path.join(out, os.path.basename(file)))


async def main(kernel, out, *files):
    turns = asyncio.Semaphore(3)
    await asyncio.gather(*(execute(kernel, file, out, turns) for file in files))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
