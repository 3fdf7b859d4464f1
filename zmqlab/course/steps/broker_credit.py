import sys
import time
import uuid
from collections import deque

import zmq


def broker(ctx, shop, work, limit, patience):
    front = ctx.socket(zmq.ROUTER)
    front.bind(shop)
    back = ctx.socket(zmq.ROUTER)
    back.bind(work)
    poller = zmq.Poller()
    poller.register(back, zmq.POLLIN)
    poller.register(front, zmq.POLLIN)
    free, waiting, leaving = deque(), deque(), set()
    asked, at_work, heard, offers = {}, {}, {}, {}
    busy, owed = at_work.values(), []
    while True:
        ready = dict(poller.poll(100))
        now = time.monotonic()
        while back.poll(0):
            worker, *reply = back.recv_multipart()
            if reply[0] != b"READY" and worker not in heard:
                back.send_multipart([worker, b"READY?"])
                continue
            if reply[0] == b"READY" and worker in heard:
                continue
            heard[worker] = now
            if reply == [b"BYE"]:
                leaving.add(worker)
            elif reply[0] == b"READY":
                offers[worker] = reply[1]
                free.extend([worker] * int(reply[2]))
            elif reply != [b"ALIVE"]:
                token, result = reply[0], reply[-1]
                at_work.pop(token, None)
                if (worker, token) in owed:
                    owed.remove((worker, token))
                    free.append(worker)
                if token in asked:
                    envelope, service, task = asked.pop(token)
                    front.send_multipart([*envelope, result])
            if worker in leaving and worker not in busy:
                back.send_multipart([worker, b"BYE"])
        if front in ready:
            *envelope, service, task = front.recv_multipart()
            if len(waiting) < limit:
                token = uuid.uuid4().bytes
                asked[token] = envelope, service, task
                waiting.append(token)
            else:
                front.send_multipart([*envelope, b"BUSY"])
        since = now - patience
        alive = {w for w in heard if heard[w] > since}
        given = list(at_work.items())
        for token, worker in reversed(given):
            if worker not in alive:
                del at_work[token]
                waiting.appendleft(token)
        staying = alive - leaving
        chosen = [w for w in free if w in staying]
        waiting = deque(t for t in waiting if t in asked)
        for token in list(waiting):
            envelope, service, task = asked[token]
            able = [w for w in chosen if offers[w] == service]
            if able:
                worker = max(able, key=able.count)
                waiting.remove(token)
                chosen.remove(worker)
                free.remove(worker)
                at_work[token] = worker
                owed.append((worker, token))
                back.send_multipart([worker, token, task])


if len(sys.argv) != 5:
    use = "SHOP WORK LIMIT PATIENCE"
    sys.exit(f"use: python {sys.argv[0]} {use}")
shop, work, limit, patience = sys.argv[1:]
with zmq.Context() as ctx:
    ctx.linger = 1000
    try:
        broker(ctx, shop, work, int(limit), float(patience))
    except KeyboardInterrupt:
        print("The broker is closed.")
