import os
import signal
import sys
import time
from threading import Thread

import zmq

if len(sys.argv) != 6:
    use = "WORK NAME SERVICE CREDIT SECONDS"
    sys.exit(f"use: python {sys.argv[0]} {use}")
endpoint, name, service, credit, seconds = sys.argv[1:]
hello = [b"READY", service.encode(), credit.encode()]
leaving = False


def leave(number, frame):
    global leaving
    leaving = True
    # the same signal once more does not wait
    signal.signal(number, signal.default_int_handler)


def do(task):
    if task == b"poison":
        os._exit(1)  # a crash: no exception, and no BYE
    time.sleep(float(seconds))  # the work


signal.signal(signal.SIGINT, leave)  # Ctrl-C
signal.signal(signal.SIGTERM, leave)  # kill
with zmq.Context() as ctx:
    ctx.linger = 1000
    socket = ctx.socket(zmq.DEALER)
    socket.connect(endpoint)
    socket.send_multipart(hello)
    print(name, "is here.", flush=True)
    try:
        while True:
            if leaving:
                socket.send(b"BYE")
            if not socket.poll(200):
                socket.send(b"ALIVE")
                continue
            *request, task = socket.recv_multipart()
            if not request and task == b"BYE":
                break
            if not request:  # READY?
                socket.send_multipart(hello)
                continue
            print(name, "does", task.decode(), flush=True)
            work = Thread(target=do, args=[task], daemon=True)
            work.start()
            while work.is_alive():
                socket.send(b"ALIVE")
                work.join(0.2)
            result = f"{service} done: ".encode() + task
            socket.send_multipart([*request, result])
    except KeyboardInterrupt:
        pass
    print(name, "goes home.")
