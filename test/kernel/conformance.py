"""Jupyter's own conformance tests, run against this kernel. KERNEL_NAME comes from the vitest file beside it."""

import os
import unittest

import jupyter_kernel_test


class KalshiLabKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = os.environ["KERNEL_NAME"]
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('some trouble')"
    code_page_something = ""

    completion_samples = [
        {"text": "consol", "matches": {"console"}},
        {"text": "Math.ro", "matches": {"round"}},
    ]
    complete_code_samples = ["const a = 1;", "function f() { return 1; }", "await fetch('x')", "1 + 1"]
    incomplete_code_samples = ["function f() {", "const a = [1,", "`open", "/* open"]
    invalid_code_samples = ["const = 1", "foo)", "}{"]

    code_generate_error = "throw new Error('expected')"
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "await Promise.resolve(7)", "result": "7"},
        {"code": "'text'", "result": "'text'"},
    ]
    code_display_data = [
        {
            "code": "globalThis[Symbol.for('kalshi-lab.notebook')].display({'text/html': '<b>x</b>'})",
            "mime": "text/html",
        },
        {"code": "import { display } from 'tslab'; display.svg('<svg/>')", "mime": "image/svg+xml"},
    ]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "parseInt"
    code_clear_output = "globalThis[Symbol.for('kalshi-lab.notebook')].clear()"


if __name__ == "__main__":
    unittest.main(verbosity=2)
