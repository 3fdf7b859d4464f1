"""A program that asks a broker without pause, while the broker is killed and started again. Prints what it counted."""

from __future__ import annotations

import json
import sys
import threading
import time

from tests.majordomo.nursery import nursery
from zmqlab.majordomo import Client, Limits

WINDOW = 900
BETWEEN = 500  # answers between two kills


def main(kills: int) -> None:
    with nursery(Limits(tick=0.01)) as brokers:
        brokers.ask(b"s")
        with Client(brokers.endpoint, retry_every=0.5) as client:
            answers = wrong = 0
            stop = threading.Event()

            def bodies():
                while not stop.is_set():
                    yield b"nobody"

            def load():
                nonlocal answers, wrong
                for reply in client.map("mmi.service", bodies(), window=WINDOW):
                    answers += 1
                    wrong += reply != [b"404"]

            thread = threading.Thread(target=load)
            thread.start()
            for _ in range(kills):
                goal = answers + BETWEEN
                while answers < goal and thread.is_alive():
                    time.sleep(0.001)
                brokers.ask(b"k")
                brokers.ask(b"s")
            stop.set()
            thread.join()
            print(json.dumps({"answers": answers, "wrong": wrong, "late": client.late, "retries": client.retries}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
