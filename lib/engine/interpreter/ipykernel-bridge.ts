/** The part of the Python kernel that lets ipykernel run the code, where the sandbox has it: started, asked, and told of. */
export const IPYKERNEL_BRIDGE = String.raw`
def serve_by_ipykernel(ipykernel, manager_class):
    from queue import Empty

    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    manager = manager_class(kernel_name="python3")
    signal.signal(signal.SIGINT, lambda *_arguments: None)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)

    def ask(code, silent, take):
        # The signal reaches the kernel by itself: it belongs to this command.
        message_id = client.execute(code, silent=silent, store_history=not silent, allow_stdin=False)
        while True:
            try:
                message = client.get_iopub_msg(timeout=1)
            except Empty:
                # Nobody tells that a kernel has died; without it, this has no more to do.
                if not manager.is_alive():
                    sys.exit(1)
                continue
            if message["parent_header"].get("msg_id") != message_id:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return
            take(kind, content)

    def take(kind, content):
        if kind == "execute_input":
            send({"count": content["execution_count"]})
        elif kind == "stream":
            if content["name"] == "stderr":
                write_out({"stderr": content["text"]})
            else:
                sys.stdout.write(content["text"])
                sys.stdout.flush()
        elif kind in ("display_data", "execute_result"):
            send({"result": {"main": kind == "execute_result", "formats": content["data"]}})
        elif kind == "error":
            fail(content["ename"], content["evalue"], "\n".join(content["traceback"]))

    def execute_there(request):
        given = repr(json.dumps(request["env"]))
        if request["env"]:
            ask("import os as __os, json as __json\n__given = __json.loads(" + given + ")\n"
                "__before = {name: __os.environ.get(name) for name in __given}\n"
                "__os.environ.update(__given)", True, lambda *_message: None)
        ask(request["code"], False, take)
        if request["env"]:
            ask("for __name, __value in __before.items():\n"
                "    __os.environ.pop(__name, None) if __value is None else __os.environ.__setitem__(__name, __value)\n",
                True, lambda *_message: None)

    send({"ready": "ipykernel " + ipykernel.__version__ + ", Python " + sys.version.split()[0]})
    try:
        read_requests(execute_there)
    finally:
        manager.shutdown_kernel(now=True)
`;
