import { IPYKERNEL_BRIDGE } from "./ipykernel-bridge.ts";

/**
 * Runs Python in a sandbox, one piece after the other, with its state kept: `python3 -c` of this, with the marker as
 * its argument and the requests on descriptor 3. Where ipykernel is installed, that runs them (which takes seconds to
 * start), unless SANDLOT_PYTHON_KERNEL is `built-in`; otherwise this does so itself.
 */
export const PYTHON_KERNEL = String.raw`
import ast, asyncio, base64, builtins, codecs, inspect, io, json, linecache, os, re
import signal, subprocess, sys, threading, traceback, types

MARK = "\0" + sys.argv[1] + " "
sys.argv = [""]
os.set_inheritable(3, False)
control = os.fdopen(3, "rb")
os.environ.setdefault("MPLBACKEND", "Agg")
running = False
out_lock = threading.Lock()


def flush(*streams):
    for stream in streams:
        try:
            stream.flush()
        except Exception:
            pass  # Whatever the code has put there is its own business.


def write_out(message, descriptor=1):
    data = (MARK + json.dumps(message, default=str) + "\n").encode("utf-8", "replace")
    with out_lock:
        while data:
            data = data[os.write(descriptor, data):]


def send(message, descriptor=1):
    flush(sys.stdout, sys.__stdout__, sys.stderr, sys.__stderr__)
    write_out(message, descriptor)


class Errors(io.RawIOBase):
    """What is written to sys.stderr, told in its place among all the rest; descriptor 2 is another way."""

    decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def writable(self):
        return True

    def fileno(self):
        return 2

    def write(self, data):
        text = self.decoder.decode(bytes(data))
        if text:
            flush(sys.stdout, sys.__stdout__)
            write_out({"stderr": text})
        return len(data)


def end(number):
    send({"end": number}, 1)
    send({"end": number}, 2)


def fail(name, value, trace=""):
    send({"error": {"name": name, "value": value, "traceback": trace}})


FORMATS = {
    "_repr_html_": "text/html",
    "_repr_markdown_": "text/markdown",
    "_repr_svg_": "image/svg+xml",
    "_repr_png_": "image/png",
    "_repr_jpeg_": "image/jpeg",
    "_repr_pdf_": "application/pdf",
    "_repr_latex_": "text/latex",
    "_repr_json_": "application/json",
    "_repr_javascript_": "application/javascript",
}


def sendable(data):
    return base64.b64encode(data).decode() if isinstance(data, (bytes, bytearray)) else data


def formats_of(value):
    formats = {"text/plain": repr(value)}
    if isinstance(value, type):
        return formats
    for method, kind in list(FORMATS.items()) + [("_repr_mimebundle_", None)]:
        try:
            make = getattr(value, method, None)
            data = make() if callable(make) else None
        except Exception:
            continue  # A representation that fails is none; the others still tell.
        if isinstance(data, tuple):
            data = data[0]
        if data is None:
            continue
        if kind is None:
            formats.update({key: sendable(each) for key, each in data.items()})
        else:
            formats[kind] = sendable(data)
    return formats


def display(*values, raw=False, **_options):
    for value in values:
        send({"result": {"main": False, "formats": dict(value) if raw else formats_of(value)}})


def show_figures():
    plot = sys.modules.get("matplotlib.pyplot")
    if plot is None:
        return
    for number in plot.get_fignums():
        figure, image = plot.figure(number), io.BytesIO()
        figure.savefig(image, format="png", bbox_inches="tight")
        formats = {"text/plain": repr(figure), "image/png": sendable(image.getvalue())}
        send({"result": {"main": False, "formats": formats}})
    plot.close("all")


def no_input(*_arguments):
    raise RuntimeError("nobody can answer: code that runs here has no input")


def shell(line):
    flush(sys.stdout, sys.stderr)
    status = subprocess.run(line, shell=True).returncode
    if status != 0:
        space["_exit_code"] = status


def plain(code):
    """IPython's shorthands, for code that is no Python as it is: !command, %pip, %cd."""
    lines = []
    for line in code.split("\n"):
        found = re.match(r"^(\s*)(!|%pip\s|%cd\s)(.*)$", line)
        if not found:
            lines.append(line)
            continue
        indent, what, rest = found.groups()
        if what == "!":
            lines.append(indent + "__shell__(" + repr(rest) + ")")
        elif what.startswith("%pip"):
            lines.append(indent + "__shell__(" + repr(sys.executable + " -m pip " + rest) + ")")
        else:
            lines.append(indent + "__import__('os').chdir(" + repr(os.path.expanduser(rest.strip())) + ")")
    return "\n".join(lines)


def parse(code, name):
    try:
        return ast.parse(code, name)
    except SyntaxError:
        other = plain(code)
        if other == code:
            raise
        return ast.parse(other, name)


def evaluate(compiled):
    if not compiled.co_flags & inspect.CO_COROUTINE:
        return eval(compiled, space)
    task = loop.create_task(eval(compiled, space))
    try:
        return loop.run_until_complete(task)
    except KeyboardInterrupt:
        task.cancel()
        try:
            loop.run_until_complete(task)
        except BaseException:
            pass  # It was told to end, and has.
        raise


def run(code, name):
    linecache.cache[name] = (len(code), None, code.splitlines(True), name)
    tree = parse(code, name)
    body, last = tree.body, None
    if body and isinstance(body[-1], ast.Expr) and not code.rstrip().endswith(";"):
        last = ast.Expression(body.pop().value)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    if body:
        evaluate(compile(tree, name, "exec", flags, True))
    value = None if last is None else evaluate(compile(last, name, "eval", flags, True))
    show_figures()
    if value is not None:
        space["_"] = value
        send({"result": {"main": True, "formats": formats_of(value)}})


def trace_of(error):
    trace = error.__traceback__
    while trace and not trace.tb_frame.f_code.co_filename.startswith("<cell "):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace))


def flush_now_and_then(over):
    while not over.wait(0.1):
        flush(sys.stdout, sys.stderr)


def execute(request):
    global running, count
    count += 1
    before = {name: os.environ.get(name) for name in request["env"]}
    over = threading.Event()
    # What has no newline yet is shown all the same, as it is on a terminal.
    threading.Thread(target=flush_now_and_then, args=(over,), daemon=True).start()
    try:
        try:
            os.environ.update(request["env"])
            running = True
            # Whoever reads this may interrupt it.
            send({"count": count})
            run(request["code"], "<cell %d>" % count)
        finally:
            running = False
    except BaseException as error:
        fail(type(error).__name__, str(error), trace_of(error))
    finally:
        over.set()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def on_interrupt(*_arguments):
    if running:
        raise KeyboardInterrupt()


def read_requests(handle):
    for line in iter(control.readline, b""):
        request = json.loads(line)
        handle(request)
        end(request["id"])


def serve_here():
    global space, loop, count
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    space, count = main.__dict__, 0
    space.update(__builtins__=builtins, __shell__=shell, display=display)
    builtins.display, builtins.input = display, no_input
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    sys.path.insert(0, "")
    as_text = {"encoding": "utf-8", "errors": "backslashreplace", "line_buffering": True}
    sys.stdout.reconfigure(**as_text)
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(Errors(), 1 << 16), **as_text)
    sys.stdin = open(os.devnull)
    signal.signal(signal.SIGINT, on_interrupt)
    send({"ready": "built-in, Python " + sys.version.split()[0]})
    read_requests(execute)


${IPYKERNEL_BRIDGE}
ipykernel = None
if os.environ.pop("SANDLOT_PYTHON_KERNEL", None) != "built-in":
    try:
        import ipykernel
        from jupyter_client.manager import KernelManager
    except Exception:
        ipykernel = None
# Not in the except clause: each error of the code's would be told with that one as its cause.
if ipykernel:
    serve_by_ipykernel(ipykernel, KernelManager)
else:
    serve_here()
`;
